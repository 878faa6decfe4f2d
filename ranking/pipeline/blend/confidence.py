"""From scores to probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ranking.pipeline.data import Doubles


@dataclass(frozen=True)
class Calibration:
    """A rising curve from scores to probabilities: straight between its points, flat beyond."""

    scores: tuple[float, ...]
    logits: tuple[float, ...]

    def confidence(self, scores: Doubles) -> Doubles:
        """Return the probability, 0 to 1, that what was calibrated to is so; NaN stays NaN."""
        return logistic(np.interp(scores, self.scores, self.logits))


# For scores that are log-odds already.
UNCALIBRATED = Calibration((-30.0, 30.0), (-30.0, 30.0))


def logistic(logits: Doubles) -> Doubles:
    """Return the probabilities of log-odds, without overflow."""
    probabilities: Doubles = 0.5 * (1 + np.tanh(0.5 * np.asarray(logits)))
    return probabilities
