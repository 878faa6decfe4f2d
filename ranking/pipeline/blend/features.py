"""What the blend weighs of a product: its signals, and how they stand on the page.

A signal's statistics are the blend's only where the signal is known, so that whoever leaves a
signal out leaves out all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ranking.pipeline import names
from ranking.pipeline.data import Doubles, Ints
from ranking.pipeline.names import KEYS, SIGNALS, STATISTICS
from ranking.pipeline.page_stats import PLACES, no_stats


@dataclass(frozen=True, eq=False)
class Features:
    """What is said of each of the F + T numbers that a product has: T = 3 per signal of BESIDE."""

    keys: tuple[str, ...]
    owners: Ints  # which signal each is of: places in KEYS
    signs: Doubles  # +1 where more speaks for the product, -1 where it speaks against it
    neutral: Doubles  # the value that says nothing
    scales: Doubles  # a usual difference between two products

    def sides(self, table: Doubles) -> Doubles:
        """Return (N, F + T) how far each value lies from neutral; 0 where it is unknown."""
        sides: Doubles = np.nan_to_num(table - self.neutral)
        return sides

    def by_signal(self, parts: Doubles) -> Doubles:
        """Return (N, F) what (N, F + T) parts come to, signal by signal."""
        sums: Doubles = parts @ np.eye(len(KEYS))[self.owners]
        return sums


def features(signals: Doubles, beside: Doubles | None = None) -> Doubles:
    """Return (N, F + T) numbers of N products, in the order of `FEATURES.keys`.

    `beside` (N, T) is what `PageStats.beside` says of them; None where no page is known.
    """
    if beside is None:
        beside = no_stats(len(signals))
    of_known = np.isfinite(signals[:, np.repeat(PLACES, len(STATISTICS))])
    return np.hstack([signals, np.where(of_known, beside, np.nan)])


def _features() -> Features:
    owners = np.concatenate([np.arange(len(KEYS)), np.repeat(PLACES, len(STATISTICS))])
    scales = np.array([(signal.high - signal.low) / 4 for signal in SIGNALS])
    beside = [(0.25, 1.0, scales[at]) for at in PLACES]
    return Features(
        keys=names.FEATURES,
        owners=owners.astype(np.int64),
        signs=np.array([signal.sign for signal in SIGNALS], np.float64)[owners],
        neutral=np.array([signal.neutral for signal in SIGNALS] + [0.5, 0.0, 0.0] * len(PLACES)),
        scales=np.concatenate([scales, np.array(beside).ravel()]),
    )


FEATURES = _features()
