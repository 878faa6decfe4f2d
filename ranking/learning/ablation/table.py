"""How good each stage's orders are, page by page and on the whole, and what it gains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ranking.evaluation import Difference, Interval, Ordered, compare_all, condensed, summarise
from ranking.evaluation.metrics import METRICS, measured_page
from ranking.learning.ablation.pools import Pool
from ranking.learning.ablation.stages import Order, Stage

AT_LEAST = "ndcg@10 at least"  # with unjudged products as gaining nothing
OF_THE_LIST = "judged@10"  # says nothing of a list without its unjudged products
TESTED = tuple(name for name in METRICS if name != OF_THE_LIST)
FIRST = 10


@dataclass(frozen=True, eq=False)
class Row:
    """A stage in figures; nothing but its name where it was left out."""

    stage: Stage
    pages: list[dict[str, float]]  # every metric of each pool
    metrics: dict[str, Interval]
    against_before: dict[str, Difference]  # empty for the first


def tabled(stages: Iterable[Stage], pools: Sequence[Pool], seed: int) -> Iterator[Row]:
    """Yield a row for each stage, compared with the last before it that was not left out."""
    before: list[dict[str, float]] = []
    for stage in stages:
        if stage.left_out:
            yield Row(stage, [], {}, {})
            continue
        pages = [metrics_of(pool, order) for pool, order in zip(pools, stage.orders, strict=True)]
        gained = compare_all(pages, before, TESTED, seed) if before else {}
        yield Row(stage, pages, summarise(pages, seed), gained)
        before = pages


def metrics_of(pool: Pool, order: Order) -> dict[str, float]:
    """Return every metric of the order.

    Of the judged products alone, closed up; but for the share of the list's first ten that is
    judged, and the least that NDCG@10 of the list can be, whatever its unjudged products are.
    """
    judged = pool.grades[np.isfinite(pool.grades)]
    listed = Ordered(pool.grades[order], pool.elsewhere[order], judged)
    as_it_stands = measured_page(listed)
    return measured_page(condensed(listed)) | {
        OF_THE_LIST: as_it_stands[OF_THE_LIST],
        AT_LEAST: as_it_stands["ndcg@10"],
    }


def unjudged_first(pool: Pool, order: Order) -> list[tuple[int, int]]:
    """Return the unjudged among the first ten: each one's place in the pool and, from 1, on the
    page."""
    first = order[:FIRST].tolist()
    return [(at, place) for place, at in enumerate(first, 1) if np.isnan(pool.grades[at])]
