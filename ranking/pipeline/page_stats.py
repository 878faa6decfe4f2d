"""How a product's signals stand beside those of the page's other candidates.

A standing of 3 is much on a page that nothing fits and little where everything does: what a
person sees first is the difference. Learning and ranking measure it against the same products,
the page's candidates, judged or not.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from ranking.pipeline.data import Doubles
from ranking.pipeline.names import BESIDE, KEYS, SIGNALS, STATISTICS

PLACES = [KEYS.index(key) for key in BESIDE]
FURTHEST = 6.0  # spreads from the middle: beyond, a value says no more
# Where candidates are all alike, the smallest difference would be worth any number of spreads.
LEAST_SPREADS = np.array([(SIGNALS[at].high - SIGNALS[at].low) / 100 for at in PLACES])


@dataclass(frozen=True, eq=False)
class PageStats:
    """What a page's K candidates come to, signal by signal (S of BESIDE)."""

    ascending: list[Doubles]  # S times the known values
    middles: Doubles  # (S,) medians; NaN where no value is known
    spreads: Doubles  # (S,) 1.4826 times the median distance from the middle, and never 0

    @classmethod
    def of(cls, signals: Doubles) -> PageStats:
        """Return the statistics of the candidates' signals (K, F); NaN among them is left out."""
        values = signals[:, PLACES]
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # all are NaN
            middles = np.nanmedian(values, axis=0)
            spreads = 1.4826 * np.nanmedian(np.abs(values - middles), axis=0)
        ascending = [np.sort(column[np.isfinite(column)]) for column in values.T]
        return cls(ascending, middles, np.fmax(spreads, LEAST_SPREADS))

    def beside(self, signals: Doubles) -> Doubles:
        """Return (N, 3 S) of N products, candidates or not, signal by signal of BESIDE.

        For each signal the share of candidates that have less of it (ties by half), 0 to 1; the
        distance from the middle in spreads, -6 to 6; and the same as it is. None of them falls as
        the signal rises. NaN where the signal is.
        """
        values = signals[:, PLACES]
        gaps = values - self.middles
        ranks = np.stack([_ranks(*pair) for pair in zip(values.T, self.ascending, strict=True)], 1)
        parts = (ranks, np.clip(gaps / self.spreads, -FURTHEST, FURTHEST), gaps)
        return np.round(np.stack(parts, axis=2).reshape(len(signals), 3 * len(PLACES)), 4)


def _ranks(values: Doubles, ascending: Doubles) -> Doubles:
    sides = [np.searchsorted(ascending, values, side) for side in ("left", "right")]
    known = np.isfinite(values) & bool(len(ascending))
    ranks: Doubles = np.where(known, sum(sides) / (2 * max(len(ascending), 1)), np.nan)
    return ranks


def no_stats(count: int) -> Doubles:
    """Return (N, 3 S) of products whose page is not known."""
    return np.full((count, len(BESIDE) * len(STATISTICS)), np.nan)
