"""Whether one ranking beats another on the same pages, and could that be chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ranking.evaluation.intervals import RESAMPLES, bootstrapped
from ranking.pipeline.data import Doubles

NOISE = 1e-12  # sums that differ by less are equal
ALL_SIGNS = 12  # pages up to which every swap is tried and none drawn


@dataclass(frozen=True)
class Difference:
    """The mean gain over the pages that both rankings have a figure for; NaN without one."""

    mean: float
    low: float  # of the paired bootstrap's 95 % interval
    high: float
    p: float  # chance of a gain or loss this large, were the two rankings the same
    p_holm: float  # the same, with all metrics that were tested beside it taken into account
    pages: int


def compare(after: Sequence[float], before: Sequence[float], seed: int = 0) -> Difference:
    """Return by how much `after` is above `before`, paired page by page.

    The interval is a percentile bootstrap of the differences; p is Fisher's permutation test with
    two sides: on each page the two may be swapped (Smucker et al., 2007, "A comparison of
    statistical significance tests for information retrieval evaluation").
    """
    gains = np.array(after, np.float64) - np.array(before, np.float64)
    gains = gains[np.isfinite(gains)]
    if not len(gains):
        nothing = float("nan")
        return Difference(nothing, nothing, nothing, nothing, nothing, 0)
    if not gains.any():  # as on most nights: there is nothing to draw from
        return Difference(0.0, 0.0, 0.0, 1.0, 1.0, len(gains))
    low, high = bootstrapped(gains, seed)
    p = permuted(gains, seed)
    return Difference(float(gains.mean()), low, high, p, p, len(gains))


def permuted(gains: Doubles, seed: int) -> float:
    """Return the share of swaps, the one seen among them, whose mean is at least as far from 0."""
    seen = abs(gains.sum())
    moved = gains[gains != 0]
    if len(moved) <= ALL_SIGNS:
        signs = 1.0 - 2 * ((np.arange(2 ** len(moved))[:, None] >> np.arange(len(moved))) & 1)
        return float((np.abs(signs @ moved) >= seen - NOISE).mean())
    draws = np.random.default_rng(seed).integers(2, size=(RESAMPLES, len(moved)))
    as_far = np.abs((1.0 - 2 * draws) @ moved) >= seen - NOISE
    return float((as_far.sum() + 1) / (RESAMPLES + 1))


def compare_all(
    after: Sequence[Mapping[str, float]],
    before: Sequence[Mapping[str, float]],
    metrics: Sequence[str],
    seed: int = 0,
) -> dict[str, Difference]:
    """Return the difference in each of the metrics of the same pages, tested together.

    The p-values are corrected by Holm's method over those that are known.
    """
    found = {
        name: compare([page[name] for page in after], [page[name] for page in before], seed)
        for name in metrics
    }
    known = [name for name in metrics if found[name].pages]
    corrected = holm([found[name].p for name in known])
    return found | {
        name: replace(found[name], p_holm=p) for name, p in zip(known, corrected, strict=True)
    }


def holm(ps: Sequence[float]) -> list[float]:
    """Return the p-values by Holm's step-down correction (1979), in the order given."""
    order = np.argsort(ps, kind="stable")
    raised = np.array(ps, np.float64)[order] * (len(ps) - np.arange(len(ps)))
    corrected = np.empty(len(ps))
    corrected[order] = np.minimum(np.maximum.accumulate(raised), 1.0)
    return [float(p) for p in corrected]
