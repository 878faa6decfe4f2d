"""What pages show now, as far as judging needs to know; who ranks them says it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from taxonomy.models import Filing, FilingSource


@dataclass(frozen=True, slots=True)
class Shown:
    """A product on a page: its place from 1, and how likely people find it right, 0 to 1."""

    product: int
    place: int
    confidence: float


Rankings = Callable[[Sequence[int]], Iterator[tuple[int, list[Shown]]]]

_rankings: list[Rankings] = []


def add_rankings(rankings: Rankings) -> None:
    """Have what pages show read from here: pages → each ranked one with its products in order."""
    _rankings.append(rankings)


def shown_on(pages: Sequence[int]) -> dict[int, list[Shown]]:
    """Return what each page shows, by place; of a page that was never ranked, nothing."""
    return {page: shown for rankings in _rankings for page, shown in rankings(pages)}


def products_of(pages: Sequence[int]) -> dict[int, list[int]]:
    """Return the products of each page: those it shows or, before its first ranking, those that
    feeds or people filed there; pages without any are left out."""
    ranked = shown_on(pages)
    products = {page: [one.product for one in shown] for page, shown in ranked.items() if shown}
    return products | _filed([page for page in pages if page not in ranked])


def weight_of(place: int) -> float:
    """Return how much a place from 1 counts: 1 for the first, less further down, as in NDCG."""
    return 1 / math.log2(1 + place)


def place_of(product: int, shown: Sequence[Shown]) -> int:
    """Return the product's place among those, or the one behind all of them."""
    return next((one.place for one in shown if one.product == product), len(shown) + 1)


def _filed(pages: Sequence[int]) -> dict[int, list[int]]:
    filings = Filing.objects.filter(
        category__in=pages, source__in=(FilingSource.FEED, FilingSource.PERSON)
    )
    found: defaultdict[int, list[int]] = defaultdict(list)
    for page, product in filings.order_by("product").values_list("category", "product").distinct():
        found[page].append(product)
    return dict(found)
