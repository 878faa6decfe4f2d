"""What pages show now, as far as judging needs to know; who ranks them says it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from taxonomy.models import Filing, FilingSource


@dataclass(frozen=True, slots=True)
class Shown:
    """A product on a page: its place from 1, and how likely people find it right, 0 to 1."""

    product: int
    place: int
    confidence: float


@dataclass(frozen=True)
class Rankings:
    """Reads of pages that are ranked: what each shows, by place; and only how many that are."""

    shown: Callable[[Sequence[int]], Iterator[tuple[int, list[Shown]]]]
    sizes: Callable[[Sequence[int]], Iterator[tuple[int, int]]]


_rankings: list[Rankings] = []


def add_rankings(rankings: Rankings) -> None:
    """Have what pages show read from here too."""
    _rankings.append(rankings)


def shown_on(pages: Sequence[int]) -> dict[int, list[Shown]]:
    """Return what each page shows, by place; of a page that was never ranked, nothing."""
    return {page: shown for source in _rankings for page, shown in source.shown(pages)}


def sizes_of(pages: Sequence[int]) -> dict[int, int]:
    """Return how many products `products_of` gives each page."""
    ranked = {page: size for source in _rankings for page, size in source.sizes(pages)}
    filed = _filings([page for page in pages if page not in ranked]).values_list("category")
    return ranked | dict(filed.annotate(Count("product", distinct=True)))


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
    rows = _filings(pages).order_by("product").values_list("category", "product").distinct()
    found: defaultdict[int, list[int]] = defaultdict(list)
    for page, product in rows:
        found[page].append(product)
    return dict(found)


def _filings(pages: Sequence[int]) -> QuerySet[Filing]:
    sources = (FilingSource.FEED, FilingSource.PERSON)
    return Filing.objects.filter(category__in=pages, source__in=sources).order_by()
