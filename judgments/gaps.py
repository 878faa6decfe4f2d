"""The texts that may leave open what a product is, as a form names them."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import BadRequest

from judgments.actions.adjudicate import OpenText
from judgments.queries.guidelines import guideline_of
from taxonomy.models import Category
from taxonomy.queries import ancestors, siblings
from taxonomy.web import category_of

WHOLE_TREE = "guideline"


def gap_choices(page: Category, named: Sequence[Category]) -> list[tuple[str, str]]:
    """Return value and label of each text that may leave a product of the page open.

    The guideline that counts comes first, then what tells the page from siblings, those `named`
    by people first, then the other places of guidelines above the page.
    """
    counting = guideline_of(page)
    places: list[Category | None] = [page, *reversed(ancestors(page)), None]
    if counting:
        places.sort(
            key=lambda place: (place.pk if place else None) != counting.guideline.category_id
        )
    beside = list(siblings(page))
    beside.sort(key=lambda one: one not in named)
    guidelines = [_guideline(place) for place in places]
    between = [
        pair for one in beside for pair in (_discriminator(page, one), _discriminator(one, page))
    ]
    return [guidelines[0], *between, *guidelines[1:]]


def gap_named(value: str) -> OpenText | None:
    """Return the text that a form names; None for none. 400 or 404 for what is no text."""
    if not value:
        return None
    kind, *numbers = value.split("-")
    if kind == WHOLE_TREE and len(numbers) <= 1:
        return OpenText(category_of(numbers[0]) if numbers else None)
    if kind == "text" and len(numbers) == 2:
        return OpenText(category_of(numbers[0]), category_of(numbers[1]))
    raise BadRequest("The form names a text that there is not.")


def _guideline(place: Category | None) -> tuple[str, str]:
    if place is None:
        return WHOLE_TREE, "Guideline of the whole tree"
    return f"{WHOLE_TREE}-{place.pk}", f"Guideline of {place}"


def _discriminator(category: Category, sibling: Category) -> tuple[str, str]:
    return f"text-{category.pk}-{sibling.pk}", f"What makes it {category} rather than {sibling}"
