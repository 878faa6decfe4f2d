"""From scores to honest probabilities, learned on scores of products not learned from."""

from __future__ import annotations

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from ranking.pipeline.blend import UNCALIBRATED, Calibration
from ranking.pipeline.data import Bools, Doubles

ENOUGH_FOR_STEPS = 1000  # judgments from which isotonic regression beats a straight line
WEAKEST_SLOPE = 0.05  # the curve always rises: more score is never less confidence


def calibrate(scores: Doubles, is_right: Bools) -> Calibration:
    """Return the curve that fits (N,) out-of-fold scores to whether people said "right".

    Platt's line in log-odds when few, isotonic regression from 1,000 on. Judgments of one kind
    only say nothing about the other: the scores are kept as they are.
    """
    if is_right.all() or not is_right.any():
        return UNCALIBRATED
    return (_isotonic if len(scores) >= ENOUGH_FOR_STEPS else _platt)(scores, is_right)


def _platt(scores: Doubles, is_right: Bools) -> Calibration:
    """A logistic regression with its targets drawn in by one count (Platt, 1999)."""
    right, wrong = int(is_right.sum()), int((~is_right).sum())
    high, low = (right + 1) / (right + 2), 1 / (wrong + 2)
    target = np.where(is_right, high, low)
    line = LogisticRegression(C=1e6, max_iter=1000).fit(
        np.tile(scores, 2)[:, None],
        np.repeat([1, 0], len(scores)),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    slope, offset = max(float(line.coef_[0, 0]), WEAKEST_SLOPE), float(line.intercept_[0])
    return Calibration((-30.0, 30.0), (-30 * slope + offset, 30 * slope + offset))


def _isotonic(scores: Doubles, is_right: Bools) -> Calibration:
    """Isotonic regression, its steps joined by lines and kept off 0 and 1 by one count."""
    least = 1 / (len(scores) + 2)
    steps = IsotonicRegression(y_min=least, y_max=1 - least).fit(scores, is_right)
    chances = np.asarray(steps.y_thresholds_)
    logits = np.log(chances / (1 - chances))
    return Calibration(tuple(steps.X_thresholds_.tolist()), tuple(logits.tolist()))
