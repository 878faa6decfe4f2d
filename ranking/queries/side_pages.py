"""What each side of a comparison shows on each page, read in bulk. Loads no arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from ranking.listings import told
from ranking.models import (
    HandRule,
    HandState,
    Listing,
    PageRun,
    Publication,
    RankedProduct,
    Release,
    State,
)
from ranking.queries.lineup import lineup
from ranking.queries.releases import shown_after
from ranking.queries.shown import shown_publications
from ranking.queries.sides import RELEASE, RUN, Side

AT_ONCE = 100  # pages in one query
FIRST = 10  # products of which the confidence is read

Row = TypeVar("Row")


class NotKept(Exception):
    """What a run had ranked was let go; the message says which run's."""


@dataclass(frozen=True)
class ShownPage:
    """What a side shows on one page."""

    page_run: int
    holder: int  # the page run that has its products
    publication: int | None  # None where it was never published
    products: tuple[int, ...]  # by place


def read_side(side: Side, pages: Collection[int]) -> dict[int, ShownPage]:
    """Return what the side shows on those of the pages that it has, by page.

    A run's pages with the live rules by hand laid over them, what is published as it is shown.
    Raises NotKept.
    """
    if side.kind == RUN:
        return _of_run(side, pages)
    if side.kind == RELEASE:
        then = shown_after(Release.objects.get(pk=side.pk))
        return _published({page: one for page, one in then.items() if page in set(pages)})
    return _published(shown_publications(pages))


def confidences(shown: Iterable[ShownPage]) -> dict[tuple[int, int], float]:
    """Return how sure the machine is of the first ten of each page, by holder and product.

    What only a rule by hand brought to a page has none.
    """
    found: dict[tuple[int, int], float] = {}
    for some in _batches(sorted(shown, key=lambda one: one.holder)):
        first = set(chain.from_iterable(one.products[:FIRST] for one in some))
        rows = RankedProduct.objects.filter(
            page_run__in={one.holder for one in some}, product__in=first
        )
        for holder, product, sure in rows.values_list("page_run", "product", "confidence"):
            found[holder, product] = sure
    return found


def _of_run(side: Side, pages: Collection[int]) -> dict[int, ShownPage]:
    done = PageRun.objects.filter(run=side.pk, state=State.DONE, page__in=list(pages))
    parts = {part.page_id: part for part in done.order_by("id")}
    live = HandRule.objects.filter(state=HandState.LIVE, page__in=parts)
    ruled = set(live.values_list("page", flat=True))
    bare = [part for page, part in parts.items() if page not in ruled]
    orders = _orders({part.holder for part in bare})
    if any(part.shown and not orders[part.holder] for part in bare):
        raise NotKept(f"What run {side.pk} had ranked is no longer kept.")
    return {
        page: ShownPage(
            part.pk,
            part.holder,
            None,
            tuple(_with_rules(part)) if page in ruled else tuple(orders[part.holder]),
        )
        for page, part in parts.items()
    }


def _with_rules(part: PageRun) -> Iterator[int]:
    return (line.product.pk for line in lineup(part, "live") if line.place is not None)


def _orders(holders: Collection[int]) -> dict[int, list[int]]:
    """The products shown by place, by page run."""
    orders: dict[int, list[int]] = defaultdict(list)
    for some in _batches(sorted(holders)):
        rows = RankedProduct.objects.filter(page_run__in=some, position__isnull=False)
        for holder, product in rows.order_by("page_run", "position").values_list(
            "page_run", "product"
        ):
            orders[holder].append(product)
    return orders


def _published(publications: Mapping[int, Publication]) -> dict[int, ShownPage]:
    products = _told({one.listing_id for one in publications.values()})
    return {
        page: ShownPage(one.page_run_id, one.page_run.holder, one.pk, products[one.listing_id])
        for page, one in publications.items()
    }


def _told(digests: Collection[str]) -> dict[str, tuple[int, ...]]:
    """The products that the shop is told of, by listing."""
    return {
        listing.digest: tuple(product["product"] for product in told(listing)["products"])
        for some in _batches(sorted(digests))
        for listing in Listing.objects.filter(digest__in=some)
    }


def _batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))
