"""Means over pages, and how surely they are known: it is pages that differ, not products."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist, fmean

import numpy as np

from ranking.evaluation.metrics import OF_PAGES
from ranking.pipeline.data import Doubles, Ints

RESAMPLES = 10_000
TAILS = (2.5, 97.5)  # percent
Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Interval:
    """A mean over pages and an interval of 95 %: where pages differ by more than yes and no, what
    holds as much of the mean's bootstrapped values."""

    mean: float
    low: float
    high: float
    pages: int  # on which the metric is known


def summarise(pages: Sequence[Mapping[str, float]], seed: int = 0) -> dict[str, Interval]:
    """Return each metric's mean over the pages on which it is known."""
    names = list(pages[0]) if pages else []
    return {
        name: share([page[name] for page in pages])
        if name in OF_PAGES
        else interval([page[name] for page in pages], seed)
        for name in names
    }


def share(values: Sequence[float]) -> Interval:
    """Return the share of ones among what is known of zeros and ones, and Wilson's interval (1927):
    none of few is not surely none of many. NaN when nothing is known."""
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    count, found = len(known), fmean(known)
    spread = Z**2 / count
    middle = (found + spread / 2) / (1 + spread)
    half = math.sqrt(found * (1 - found) * spread + spread**2 / 4) / (1 + spread)
    return Interval(found, max(0.0, middle - half), min(1.0, middle + half), count)


def interval(values: Sequence[float], seed: int = 0) -> Interval:
    """Return mean and percentile bootstrap interval of what is known; NaN when nothing is."""
    known = np.array(values, np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    return Interval(float(known.mean()), *bootstrapped(known, seed), len(known))


def bootstrapped(values: Doubles, seed: int) -> tuple[float, float]:
    """Return the ends of the interval that holds 95 % of the means of resampled (N,) values."""
    draws = _draws(len(values), seed)
    low, high = np.percentile(values[draws].mean(axis=1), TAILS)
    return float(low), float(high)


@lru_cache(maxsize=4)
def _draws(count: int, seed: int) -> Ints:
    """(RESAMPLES, count) places, drawn with replacement."""
    draws: Ints = np.random.default_rng(seed).integers(count, size=(RESAMPLES, count))
    return draws
