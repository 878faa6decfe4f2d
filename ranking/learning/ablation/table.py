"""How good each stage's orders are, page by page and on the whole, and what it gains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ranking.evaluation import Difference, Interval, Ordered, compare_all, condensed, summarise
from ranking.evaluation.metrics import METRICS, RIGHT, measured_page, ndcg
from ranking.learning.ablation.pools import Pool
from ranking.learning.ablation.stages import Order, Stage

AT_LEAST = "ndcg@10 at least"  # with unjudged products as gaining nothing
IN_ORDER = "ndcg@10 removed last"
KEPT = "right kept"  # share of right products that are listed
OF_THE_LIST = "judged@10"  # says nothing of a list without its unjudged products
TESTED = (*(name for name in METRICS if name != OF_THE_LIST), IN_ORDER)
FIRST = 10
NOTHING: Order = np.empty(0, np.int64)


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
        removed = stage.removed or [NOTHING] * len(pools)
        pages = [metrics_of(*page) for page in zip(pools, stage.orders, removed, strict=True)]
        gained = compare_all(pages, before, TESTED, seed) if before else {}
        yield Row(stage, pages, summarise(pages, seed), gained)
        before = pages


def metrics_of(pool: Pool, order: Order, removed: Order = NOTHING) -> dict[str, float]:
    """Return every metric of the order, from which some were removed.

    Of the judged products that are listed, closed up; unknown where none of these is listed. But
    for the share of the list's first ten that is judged; the least that NDCG@10 of the list can be,
    whatever its unjudged products are; the share of right products that are listed; and NDCG@10
    with what was removed behind all others, which tells the order from the removing.
    """
    listed = _ordered(pool, order)
    as_it_stands, closed_up = measured_page(listed), condensed(listed)
    measured = measured_page(closed_up)
    if not len(closed_up.grades):
        measured = dict.fromkeys(measured, float("nan"))
    whole = condensed(_ordered(pool, np.concatenate([order, removed])))
    right = int((listed.judged >= RIGHT).sum())
    return measured | {
        OF_THE_LIST: as_it_stands[OF_THE_LIST],
        AT_LEAST: as_it_stands["ndcg@10"],
        IN_ORDER: ndcg(whole, FIRST),
        KEPT: float((listed.grades >= RIGHT).sum() / right) if right else float("nan"),
    }


def _ordered(pool: Pool, order: Order) -> Ordered:
    judged = pool.grades[np.isfinite(pool.grades)]
    return Ordered(pool.grades[order], pool.elsewhere[order], judged)


def unjudged_first(pool: Pool, order: Order) -> list[tuple[int, int]]:
    """Return the unjudged among the first ten: each one's place in the pool and, from 1, on the
    page."""
    first = order[:FIRST].tolist()
    return [(at, place) for place, at in enumerate(first, 1) if np.isnan(pool.grades[at])]
