"""How well people's own orders do by each other: no ranking can be asked for more."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from ranking.evaluation.intervals import Interval, interval
from ranking.pipeline.data import Doubles, Ints

CUT = 10


@dataclass(frozen=True, eq=False)
class Graded:
    """G grades: who gave which to what. A pair is a product on a page."""

    pages: Ints  # (G,)
    pairs: Ints  # (G,) numbers
    people: Ints  # (G,)
    grades: Doubles  # (G,) 0 to 3


@dataclass(frozen=True)
class Raters:
    """NDCG@10 of people's orders: a mean over pages, each the mean of those who judged it."""

    against_others: Interval  # by the mean of the others' grades: what a stranger can reach
    against_median: Interval  # by the median of all, their own among them
    people: int
    pairs: int  # that several people graded


def raters_ceiling(graded: Graded) -> Raters | None:
    """Return how well each person's grades order products, where others graded them too.

    Equal grades leave the order open: the figure is the mean of all orders that are possible
    (McSherry and Najork, 2008, "Computing information retrieval performance measures efficiently
    in the presence of tied scores"). None where no two people graded the same.
    """
    shared = _shared(graded)
    if not len(shared.pages):
        return None
    others, median = [], []
    for page in np.unique(shared.pages).tolist():
        table = _table(_where(shared, shared.pages == page))
        people = [_of_person(table, person) for person in range(table.shape[1])]
        others.append(_mean_known([one for one, _ in people]))
        median.append(_mean_known([one for _, one in people]))
    return Raters(
        against_others=interval(others),
        against_median=interval(median),
        people=len(np.unique(shared.people)),
        pairs=len(np.unique(shared.pairs)),
    )


def tied_ndcg(scores: Doubles, grades: Doubles, cut: int = CUT) -> float:
    """Return the mean NDCG@cut of all orders of (N,) grades by falling score."""
    gains = 2.0**grades - 1
    order = np.argsort(-scores, kind="stable")
    _, block, size = np.unique(-scores[order], return_inverse=True, return_counts=True)
    expected = (np.bincount(block, gains[order]) / size)[block]
    discounts = 1 / np.log2(np.arange(len(order)) + 2)
    ideal = ndcg_ideal(grades, cut)
    return float(expected[:cut] @ discounts[:cut]) / ideal if ideal else float("nan")


def ndcg_ideal(grades: Doubles, cut: int) -> float:
    """Return the discounted gain of the best order."""
    best = np.sort(2.0**grades - 1)[::-1][:cut]
    return float(best @ (1 / np.log2(np.arange(len(best)) + 2)))


def _of_person(table: Doubles, person: int) -> tuple[float, float]:
    """One person's NDCG@10 of the rows (pairs × people, NaN for no grade) that they graded."""
    mine = table[np.isfinite(table[:, person])]
    others = np.delete(mine, person, axis=1)
    return (
        tied_ndcg(mine[:, person], np.nanmean(others, axis=1)),
        tied_ndcg(mine[:, person], np.nanmedian(mine, axis=1)),
    )


def _mean_known(values: list[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return fmean(known) if known else float("nan")


def _shared(graded: Graded) -> Graded:
    _, place, count = np.unique(graded.pairs, return_inverse=True, return_counts=True)
    return _where(graded, count[place] > 1)


def _where(graded: Graded, kept: np.ndarray) -> Graded:
    return Graded(graded.pages[kept], graded.pairs[kept], graded.people[kept], graded.grades[kept])


def _table(graded: Graded) -> Doubles:
    """(pairs, people) grades, NaN where somebody said nothing."""
    pairs, row = np.unique(graded.pairs, return_inverse=True)
    people, column = np.unique(graded.people, return_inverse=True)
    table = np.full((len(pairs), len(people)), np.nan)
    table[row, column] = graded.grades
    return table
