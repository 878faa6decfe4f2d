"""From scores to honest probabilities, learned on scores of products not learned from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from ranking.evaluation.intervals import share
from ranking.learning.folds import Split
from ranking.pipeline.blend import UNCALIBRATED, Calibration
from ranking.pipeline.data import Bools, Doubles

ENOUGH_FOR_STEPS = 1000  # judgments from which isotonic regression beats a straight line
WEAKEST_SLOPE = 0.05  # the curve always rises: more score is never less confidence
BINS = 10


def calibrate(scores: Doubles, is_so: Bools) -> Calibration:
    """Return the curve that fits (N,) out-of-fold scores to whether people said so.

    Platt's line in log-odds when few, isotonic regression from 1,000 on. Judgments of one kind
    only say nothing about the other: the scores are kept as they are.
    """
    if is_so.all() or not is_so.any():
        return UNCALIBRATED
    return (_isotonic if len(scores) >= ENOUGH_FOR_STEPS else _platt)(scores, is_so)


def cross_fitted(scores: Doubles, is_so: Bools, splits: Iterable[Split]) -> Doubles:
    """Return (N,) probabilities of out-of-fold scores, each by a curve that was fitted to the
    other folds' alone: what the calibration is worth on pages that it did not see."""
    chances = np.full(len(scores), np.nan)
    for split in splits:
        curve = calibrate(scores[split.learn], is_so[split.learn])
        chances[split.held] = curve.confidence(scores[split.held])
    return chances


def honesty(chances: Doubles, is_so: Bools) -> dict[str, Any]:
    """Return, for a model's card, how far probabilities (N,) may be believed.

    `brier`: the mean squared distance to what people said. `ece`: by how much the probability and
    the share that people confirm differ, over ten bins of equal size (the expected calibration
    error of Naeini et al., 2015, with equal masses). `reliability`: the bins, each with its mean
    `confidence`, the `share` that people confirm with its 95 % interval (Wilson, 1927) and its
    `count`; bins with equal probabilities are one. None of it without any.
    """
    bins = [_bin(chances[places], is_so[places]) for places in _equal_masses(chances)]
    errors = [each["count"] * abs(each["confidence"] - each["share"]) for each in bins]
    return {
        "brier": round(float(((chances - is_so) ** 2).mean()), 4) if bins else None,
        "ece": round(sum(errors) / len(chances), 4) if bins else None,
        "reliability": [{name: round(value, 4) for name, value in each.items()} for each in bins],
    }


def straight_line(scores: Doubles, is_so: Bools) -> tuple[float, float]:
    """Return slope and offset of a logistic regression with its targets drawn in by one count
    (Platt, 1999); the slope is never below WEAKEST_SLOPE."""
    yes, no = int(is_so.sum()), int((~is_so).sum())
    target = np.where(is_so, (yes + 1) / (yes + 2), 1 / (no + 2))
    line = LogisticRegression(C=1e6, max_iter=1000).fit(
        np.tile(scores, 2)[:, None],
        np.repeat([1, 0], len(scores)),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    return max(float(line.coef_[0, 0]), WEAKEST_SLOPE), float(line.intercept_[0])


def _platt(scores: Doubles, is_so: Bools) -> Calibration:
    slope, offset = straight_line(scores, is_so)
    return Calibration((-30.0, 30.0), (-30 * slope + offset, 30 * slope + offset))


def _isotonic(scores: Doubles, is_so: Bools) -> Calibration:
    """Isotonic regression, its steps joined by lines and kept off 0 and 1 by one count."""
    least = 1 / (len(scores) + 2)
    steps = IsotonicRegression(y_min=least, y_max=1 - least).fit(scores, is_so)
    chances = np.asarray(steps.y_thresholds_)
    logits = np.log(chances / (1 - chances))
    return Calibration(tuple(steps.X_thresholds_.tolist()), tuple(logits.tolist()))


def _equal_masses(chances: Doubles) -> list[np.ndarray]:
    """Places by rising probability, in bins of equal size; equal ones in the same bin."""
    order = np.argsort(chances, kind="stable")
    ends = np.arange(1, BINS) * len(order) // BINS
    _, firsts = np.unique(chances[order], return_index=True)
    ends = firsts[np.searchsorted(firsts, ends, "right") - 1] if len(order) else ends
    return [part for part in np.split(order, np.unique(ends)) if len(part)]


def _bin(chances: Doubles, is_so: Bools) -> dict[str, float]:
    found = share(is_so.astype(np.float64).tolist())
    return {
        "confidence": float(chances.mean()),
        "share": found.mean,
        "low": found.low,
        "high": found.high,
        "count": found.pages,
    }
