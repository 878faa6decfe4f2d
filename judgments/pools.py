"""The pools that need no ranking to be filled: what people differ on, and a random share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from random import Random

from django.db.models import Count, F, Max, Min, Q

from judgments.models import BLIND, Grade
from judgments.queries.judgments import current_judgments
from judgments.queries.pools import Candidate, Pool, Wanted, add_pool
from judgments.queries.shown import Shown, place_of, products_of, shown_on, weight_of

RANDOM = "random"
DISAGREEMENT = "disagreement"
PAGES_AT_ONCE = 200


def batches(pages: Sequence[int]) -> Iterator[list[int]]:
    """Yield the pages in parts that one statement can name."""
    for start in range(0, len(pages), PAGES_AT_ONCE):
        yield list(pages[start : start + PAGES_AT_ONCE])


def differing(wanted: Wanted) -> Iterator[Candidate]:
    """Yield the products on which people's grades lie furthest apart.

    The chance that another answer contradicts is the share of those in the minority.
    """
    for pages in batches(wanted.pages):
        places = shown_on(pages)
        found: defaultdict[int, int] = defaultdict(int)
        for page, product, people, right in _differing_on(pages):
            if found[page] < wanted.number:
                found[page] += 1
                minority = min(right, people - right) / people
                place = place_of(product, places.get(page, []))
                yield Candidate(page, product, DISAGREEMENT, minority * weight_of(place))


def drawn_at_random(wanted: Wanted) -> Iterator[Candidate]:
    """Yield a uniform draw of each page's products: what an unbiased estimate is made from."""
    for pages in batches(wanted.pages):
        places = shown_on(pages)
        for page, products in sorted(products_of(pages).items()):
            changes = {one.product: _may_be_wrong(one) for one in places.get(page, [])}
            draw = Random(f"{wanted.seed}-{page}")  # noqa: S311  a sample, no secret
            for product in draw.sample(sorted(products), min(wanted.number, len(products))):
                yield Candidate(page, product, RANDOM, changes.get(product, 0.0))


def _differing_on(pages: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
    """Page, product, how many judged it and how many found it right; the widest apart first."""
    said = current_judgments().filter(page__in=pages, source__in=BLIND)
    spread = (
        said.order_by()
        .values("page", "product")
        .annotate(
            people=Count("id"),
            right=Count("id", filter=Q(grade__gte=Grade.ACCEPTABLE)),
            apart=Max("grade") - Min("grade"),
        )
    )
    rows = spread.filter(apart__gt=0).order_by("page", F("apart").desc(), "product")
    yield from rows.values_list("page", "product", "people", "right")


def _may_be_wrong(one: Shown) -> float:
    return (1 - one.confidence) * weight_of(one.place)


def add_to_campaigns() -> None:
    """Have campaigns offer these pools."""
    add_pool(
        Pool(
            DISAGREEMENT,
            "Disagreement",
            "Products that people have graded differently.",
            3,
            differing,
        )
    )
    add_pool(
        Pool(
            RANDOM,
            "Random share",
            "Drawn at random from what the page shows: how good pages are is estimated on these.",
            5,
            drawn_at_random,
        )
    )
