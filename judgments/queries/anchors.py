"""Products that certainly belong on a page, to hold others against."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, F, Q

from judgments.models import (
    BLIND,
    Annotator,
    Gold,
    GoldState,
    Grade,
    Item,
    Judgment,
    JudgmentSource,
)
from judgments.queries.judgments import current_judgments
from taxonomy.models import Category, Filing, FilingSource, Product

SHOWN = 3
KEPT = 12  # of a page; some of them are not to be seen by everybody
KEPT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Anchor:
    """A product that is right on a page, and who says so. The machine's opinion is no reason."""

    product: Product
    why: str


# A page's products that may be shown as right, surest first, each with the reason.
_Candidates = list[tuple[int, str]]


def anchors_of(pages: Collection[Category], annotator: Annotator) -> dict[int, list[Anchor]]:
    """Return up to SHOWN anchors of each page that this person may see, by the page's id.

    What anybody is still to be asked about is no anchor, nor is gold that the person has yet to
    meet: both would give an answer away.
    """
    candidates = _kept({page.pk for page in pages})
    hidden = _given_away(candidates, annotator)
    chosen = {
        page: [one for one in found if (page, one[0]) not in hidden][:SHOWN]
        for page, found in candidates.items()
    }
    wanted = {product for found in chosen.values() for product, _ in found}
    products = Product.objects.select_related("retailer").in_bulk(wanted)
    return {
        page: [Anchor(products[product], why) for product, why in found if product in products]
        for page, found in chosen.items()
    }


def _kept(pages: set[int]) -> dict[int, _Candidates]:
    """The pages' candidates, at most KEPT_SECONDS old."""
    keys = {f"anchors:{page}": page for page in pages}
    found = {keys[key]: kept for key, kept in cache.get_many(keys).items()}
    if missing := pages - found.keys():
        fresh = _candidates(missing)
        cache.set_many({f"anchors:{page}": fresh[page] for page in missing}, KEPT_SECONDS)
        found |= fresh
    return found


def _candidates(pages: set[int]) -> dict[int, _Candidates]:
    found: dict[int, dict[int, str]] = {page: {} for page in pages}
    for read in (_by_most_people, _by_adjudicators, _by_gold, _by_filing):
        for page, product, why in read(pages):
            if len(found[page]) < KEPT:
                found[page].setdefault(product, why)
    return {page: list(reasons.items()) for page, reasons in found.items()}


def _by_most_people(pages: set[int]) -> Iterable[tuple[int, int, str]]:
    judged = (
        current_judgments()
        .filter(page__in=pages, source__in=BLIND)
        .order_by()
        .values_list("page", "product")
        .annotate(
            exact=Count("id", filter=Q(grade=Grade.EXACT)),
            people=Count("id"),
            real=Count("id", filter=Q(annotator__simulated=False)),
        )
        .filter(exact__gt=F("people") / 2.0)
        .order_by("-exact", "people", "product")
    )
    for page, product, exact, people, real in judged:
        yield page, product, f"exact, {_said(exact, people, simulated=not real)}"


def _said(exact: int, people: int, *, simulated: bool) -> str:
    kind = "simulated " if simulated else ""
    return f"say {exact} of {people} {kind}people" if people > 1 else f"says one {kind}person"


def _by_adjudicators(pages: set[int]) -> Iterable[tuple[int, int, str]]:
    decided = Judgment.objects.filter(page__in=pages, source=JudgmentSource.ADJUDICATOR)
    newest: dict[tuple[int, int], int | None] = {
        (page, product): None if withdrawn else grade
        for page, product, grade, withdrawn in decided.order_by("id").values_list(
            "page", "product", "grade", "withdrawn"
        )
    }
    for (page, product), grade in newest.items():
        if grade == Grade.EXACT:
            yield page, product, "decided where people disagreed"


def _by_gold(pages: set[int]) -> Iterable[tuple[int, int, str]]:
    gold = Gold.objects.filter(page__in=pages, state=GoldState.ACTIVE, grade=Grade.EXACT)
    for page, product in gold.order_by("id").values_list("page", "product"):
        yield page, product, "known for sure"


def _by_filing(pages: set[int]) -> Iterable[tuple[int, int, str]]:
    filed = Filing.objects.filter(category__in=pages, source=FilingSource.PERSON)
    for page, product in filed.order_by("-id").values_list("category", "product")[: 50 * KEPT]:
        yield page, product, "filed here by a person"


def _given_away(candidates: dict[int, _Candidates], annotator: Annotator) -> set[tuple[int, int]]:
    """The pairs that must not be seen by this person."""
    products = {product for found in candidates.values() for product, _ in found}
    about = {"page__in": list(candidates), "product__in": products}
    open_items = Item.objects.filter(**about, closed=False).values_list("page", "product")
    gold = Gold.objects.filter(**about, state=GoldState.ACTIVE).values_list("page", "product")
    met = Judgment.objects.filter(**about, annotator=annotator).values_list("page", "product")
    return set(open_items) | (set(gold) - set(met))
