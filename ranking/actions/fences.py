"""Pairs of siblings with the products between them, weighed and written. For workers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import F, Min, OuterRef, Subquery, Sum

from ranking.actions.suggest import NothingRanked
from ranking.models import ConfusedPair, FenceProduct, PageRun, RankedProduct, Run
from ranking.pipeline.confusion import Confused, Places, between
from ranking.pipeline.data import NO_PARENT, Doubles
from ranking.pipeline.disambiguate import Siblings
from ranking.queries.inputs import snapshot
from ranking.queries.overview import newest_done
from ranking.queries.verdicts import Verdicts, verdicts
from taxonomy.models import Category

ROWS_AT_ONCE = 2_000  # of one statement
ON_DEMAND = 400  # products between two siblings that no run found confused


@dataclass(frozen=True)
class Fence:
    """A confused pair that is yet to be written, with the N products on its fence."""

    pair: ConfusedPair
    products: list[int]
    before: Doubles  # (N,)
    margin: Doubles  # (N,)

    def rows(self) -> Iterator[FenceProduct]:
        """Yield the products as rows of the pair, which has been written by then."""
        columns = (self.products, self.before.tolist(), self.margin.tolist())
        for product, before, margin in zip(*columns, strict=True):
            yield FenceProduct(pair=self.pair, product_id=product, before=before, margin=margin)


@dataclass(frozen=True)
class Evidence:
    """What makes products on a fence matter: what people said, and how well pages show them.

    `shown` has 1 for a product that some page shows first, and less for those further down.
    """

    said: Verdicts
    shown: dict[int, float]

    def fence(self, run: Run, parent: int, found: Confused, products: list[int]) -> Fence:
        """Return the pair with its weight."""
        first, second = found.first, found.second
        close = closeness(found.margin)
        exposure = np.array([self.shown.get(product, 0.0) for product in products])
        sides = [self.said.side(product, first, second) for product in products]
        wrong = [
            side is not (margin > 0)
            for side, margin in zip(sides, found.margin.tolist(), strict=True)
            if side is not None
        ]
        pair = ConfusedPair(
            run=run,
            parent_id=None if parent == NO_PARENT else parent,
            first_id=first,
            second_id=second,
            products=found.products,
            closeness=float(close.sum()),
            exposure=float((close * exposure).sum()),
            judged=len(wrong),
            errors=sum(wrong),
            disagreement=self.said.disagreement(products, first, second),
            weight=0.0,
            share=0.0,
        )
        pair.weight = sum(pair.terms.values())
        return Fence(pair, products, found.before, found.margin)


def closeness(margins: Doubles) -> Doubles:
    """Return (N,) how close to the fence products stand: 1 right on it, near 0 far from it.

    Twice the chance that the other side is the right one.
    """
    close: Doubles = 2 / (1 + np.exp(np.abs(margins)))
    return close


def exposures() -> dict[int, float]:
    """Return how well each shown product is shown at its best place: 1 / log2(1 + position)."""
    newest = newest_done(OuterRef("page"))
    shown = PageRun.objects.filter(pk=Subquery(newest.values("id")[:1]), page__is_page=True)
    rows = RankedProduct.objects.filter(page_run__in=shown.holders(), position__isnull=False)
    best = rows.order_by().values_list("product").annotate(best=Min("position"))
    return {product: 1 / math.log2(1 + place) for product, place in best.iterator(chunk_size=5000)}


def write_fences(fences: Sequence[Fence]) -> None:
    """Write the pairs and their products."""
    ConfusedPair.objects.bulk_create([fence.pair for fence in fences], batch_size=ROWS_AT_ONCE)
    rows = (row for fence in fences for row in fence.rows())
    while some := list(islice(rows, ROWS_AT_ONCE)):
        FenceProduct.objects.bulk_create(some)


def share_out() -> None:
    """Give each pair its share of all pairs' weight."""
    total = ConfusedPair.objects.aggregate(total=Sum("weight"))["total"]
    if total:
        ConfusedPair.objects.update(share=F("weight") / total)


def confused_pair(first: int, second: int) -> ConfusedPair:
    """Return the pair, `first` being the lower id; one that no run found confused is made now.

    Raises NothingRanked.
    """
    known = ConfusedPair.objects.filter(first=first, second=second)
    if pair := known.first():
        return pair
    fence = _between(first, second)
    try:
        with transaction.atomic():
            write_fences([fence])
    except IntegrityError:  # a run, or another worker, was quicker
        return known.get()
    return fence.pair


def _between(first: int, second: int) -> Fence:
    """The products of the two siblings that stand nearest to the fence, with no weight."""
    run = Run.objects.filter(prepared_at__isnull=False).order_by("-id").first()
    if run is None:
        raise NothingRanked(
            "Nothing has been ranked yet. Start a run first: it reads the products."
        )
    inputs = snapshot(run.pk, str(run.token))
    above = Category.objects.get(pk=first).parent_id
    parent = NO_PARENT if above is None else above
    siblings = Siblings.of(parent, inputs.shelf, inputs.judged, also=(first, second))
    rows = Places.of(inputs.shelf).under((first, second))
    found = between(siblings, first, second, rows, inputs.texts, inputs.head, ON_DEMAND)
    snapshot.cache_clear()  # this worker has better use for the memory
    ids = inputs.shelf.catalogue.ids[found.rows].tolist()
    fence = Evidence(verdicts(ids), {}).fence(run, parent, found, ids)
    fence.pair.weight = 0.0
    return fence
