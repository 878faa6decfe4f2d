"""Krippendorff's alpha and Cohen's weighted kappa of grades, each with a bootstrap interval.

Letters: N items, G = 4 grades, P patterns, B replicates. Items on which the same was said are one
pattern: thirty thousand items come down to some dozens, and a resampling of the items to one draw
from a multinomial distribution over the patterns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import krippendorff
import numpy as np
import numpy.typing as npt
from sklearn.metrics import cohen_kappa_score

Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]

GRADES = 4
REPLICATES = 1_000
SEED = 20240501
FEWEST_ITEMS = 10  # with fewer, resampling them says nothing of those that were not judged
MOST_UNDEFINED = 0.05  # of the replicates; with more the interval would speak for the rest alone

NOBODY_TWICE = "No product here was judged by two people yet."
ALL_THE_SAME = "All grades are the same, so agreement cannot be told from chance."


@dataclass(frozen=True)
class Coefficient:
    """A coefficient, 1 for complete agreement and 0 for what chance gives, or why there is none.

    The interval is the middle 95 % of what resampled items give; None with few items.
    """

    value: float | None
    low: float | None
    high: float | None
    items: int  # judged by two or more
    judgments: int  # of these items
    undefined: str = ""


def alpha(counts: Ints) -> Coefficient:
    """Return Krippendorff's ordinal alpha of (N, G) counts: who gave item n the grade g.

    Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011.
    """
    counts = counts[counts.sum(axis=1) >= 2]
    patterns, times = np.unique(counts, axis=0, return_counts=True)
    return _alpha(counts, _coincidences(patterns), times)


def alpha_with_others(own: Ints, others: Ints) -> Coefficient:
    """Return the ordinal alpha between one person's (N,) grades and (N, G) counts of others'.

    Each pair of the person's grade and another's on the same item is a unit of its own, so that
    how the others agree among themselves does not count. Items are resampled, not units.
    """
    met = others.sum(axis=1) >= 1
    own, others = own[met], others[met]
    said = np.column_stack([own, others])
    patterns, times = np.unique(said, axis=0, return_counts=True)
    mine, met_by = np.eye(GRADES)[patterns[:, 0]], patterns[:, 1:]
    crossed = mine[:, :, None] * met_by[:, None, :]
    item, grade = np.nonzero(others)
    units = np.repeat(
        np.eye(GRADES, dtype=np.int64)[own[item]] + np.eye(GRADES, dtype=np.int64)[grade],
        others[item, grade],
        axis=0,
    )
    found = _alpha(units, crossed + crossed.transpose(0, 2, 1), times)
    judgments = len(own) + int(others.sum())
    return Coefficient(found.value, found.low, found.high, len(own), judgments, found.undefined)


def kappa(first: Ints, second: Ints) -> Coefficient:
    """Return Cohen's kappa with quadratic weights of two people's (N,) grades of the same items.

    Cohen, Weighted kappa, Psychological Bulletin 70 (4), 1968.
    """
    cells = np.bincount(first * GRADES + second, minlength=GRADES * GRADES)
    items = len(first)
    if not items:
        return Coefficient(None, None, None, 0, 0, "The two have not judged the same product yet.")
    if cells.max() == items and first[0] == second[0]:
        return Coefficient(None, None, None, items, 2 * items, ALL_THE_SAME)
    grades = list(range(GRADES))
    value = cohen_kappa_score(first, second, labels=grades, weights="quadratic")
    low, high = _interval(cells, _kappas)
    return Coefficient(float(value), low, high, items, 2 * items)


def _alpha(counts: Ints, coincidences: Doubles, times: Ints) -> Coefficient:
    """Alpha of the units' counts; its interval from (P, G, G) coincidences of P patterns."""
    items, judgments = int(times.sum()), int(counts.sum())
    if not items:
        return Coefficient(None, None, None, 0, 0, NOBODY_TWICE)
    if (counts.sum(axis=0) > 0).sum() < 2:
        return Coefficient(None, None, None, items, judgments, ALL_THE_SAME)
    value = krippendorff.alpha(value_counts=counts, level_of_measurement="ordinal")
    low, high = _interval(times, lambda drawn: _alphas(np.tensordot(drawn, coincidences, 1)))
    return Coefficient(float(value), low, high, items, judgments)


def _coincidences(counts: Ints) -> Doubles:
    """(P, G, G) how often each two grades met on an item, per other grade of the item."""
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(GRADES)
    coincidences: Doubles = pairs / (counts.sum(axis=1) - 1)[:, None, None]
    return coincidences


def _alphas(coincidences: Doubles) -> Doubles:
    """(B,) ordinal alphas of (B, G, G) coincidences; NaN where all grades are the same."""
    each = coincidences.sum(axis=2)
    total = each.sum(axis=1)
    below = np.cumsum(each, axis=1)
    # Of two grades: all that lie between them, and half of the two themselves.
    middle = below - each / 2
    apart = (middle[:, :, None] - middle[:, None, :]) ** 2
    observed = (coincidences * apart).sum(axis=(1, 2))
    by_chance = (each[:, :, None] * each[:, None, :] * apart).sum(axis=(1, 2))
    return _one_less(observed * (total - 1), by_chance)


def _kappas(cells: Ints) -> Doubles:
    """(B,) quadratic kappas of (B, G·G) tables; NaN where all grades are the same."""
    tables = cells.reshape(-1, GRADES, GRADES)
    grades = np.arange(GRADES)
    apart = (grades[:, None] - grades[None, :]) ** 2
    by_chance = tables.sum(axis=2)[:, :, None] * tables.sum(axis=1)[:, None, :]
    total = tables.sum(axis=(1, 2))
    return _one_less(
        (tables * apart).sum(axis=(1, 2)) * total, (by_chance * apart).sum(axis=(1, 2))
    )


def _one_less(observed: Doubles | Ints, by_chance: Doubles | Ints) -> Doubles:
    less: Doubles = np.divide(
        observed, by_chance, out=np.full(len(observed), np.nan), where=by_chance > 0
    )
    return 1 - less


def _interval(
    times: Ints, coefficients: Callable[[Ints], Doubles]
) -> tuple[float, float] | tuple[None, None]:
    """The middle 95 % of the coefficients of REPLICATES resamplings of the patterns' items."""
    items = int(times.sum())
    if items < FEWEST_ITEMS:
        return None, None
    drawn = np.random.default_rng(SEED).multinomial(items, times / items, size=REPLICATES)
    found = coefficients(drawn)
    found = found[np.isfinite(found)]
    if len(found) < (1 - MOST_UNDEFINED) * REPLICATES:
        return None, None
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)
