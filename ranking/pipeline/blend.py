"""One score from all signals, what each added to it, and how sure it makes us.

The score is in log-odds: a weighted sum in which every signal speaks for or against, and
where enough judgments are at hand a few small trees that correct it. Without judgments the
weights are those written beside the signals.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from ranking.pipeline.data import Doubles
from ranking.pipeline.names import KEYS, SIGNALS

BASE = -0.5  # log-odds of a product about which nothing is known
NEUTRAL = np.array([signal.neutral for signal in SIGNALS])
SIGNS = np.array([signal.sign for signal in SIGNALS])


@dataclass(frozen=True)
class Calibration:
    """A rising curve from scores to probabilities: straight between its points, flat beyond."""

    scores: tuple[float, ...]
    logits: tuple[float, ...]

    def confidence(self, scores: Doubles) -> Doubles:
        """Return the probability, 0 to 1, that a person would grade the product 2 or 3."""
        return logistic(np.interp(scores, self.scores, self.logits))


# The default's scores are log-odds already.
UNCALIBRATED = Calibration((-30.0, 30.0), (-30.0, 30.0))


@dataclass(frozen=True)
class Blend:
    """How signals become a score; `about` says what it was learned from, in plain figures."""

    base: float = BASE
    weights: tuple[float, ...] = tuple(signal.weight for signal in SIGNALS)
    trees: str = ""  # LightGBM's text; empty for none
    calibration: Calibration = UNCALIBRATED
    about: dict[str, Any] = field(default_factory=lambda: {"kind": "default"}, compare=False)

    def score(self, signals: Doubles) -> Doubles:
        """Return the (N,) log-odds that (N, F) signals make; NaN among them adds nothing."""
        scores: Doubles = self.base + _sides(signals) @ np.array(self.weights)
        if self._booster is not None and len(signals):
            scores = scores + self._booster.predict(signals, raw_score=True)
        return np.round(scores, 9)

    def confidence(self, scores: Doubles) -> Doubles:
        """Return (N,) calibrated probabilities of grade 2 or 3."""
        return self.calibration.confidence(scores)

    def contributions(self, signals: Doubles) -> Doubles:
        """Return (N, F + 1) what each signal adds to the score, and last what is left without
        any; rows sum to the score. The trees' part is by Shapley values (TreeSHAP)."""
        base = np.full((len(signals), 1), self.base)
        parts = np.hstack([_sides(signals) * np.array(self.weights), base])
        if self._booster is not None and len(signals):
            parts = parts + self._booster.predict(signals, pred_contrib=True)
        return parts

    @cached_property
    def digest(self) -> str:
        """Of all that the scores depend on."""
        return blake2b(self._numbers().encode(), digest_size=32).hexdigest()

    def save(self, path: Path) -> None:
        """Write the blend as JSON."""
        path.write_text(json.dumps({**json.loads(self._numbers()), "about": self.about}, indent=1))

    @classmethod
    def load(cls, path: Path) -> Blend:
        """Read what `save` wrote. Raises ValueError when it was made for other signals."""
        read = json.loads(path.read_text())
        if tuple(read["signals"]) != KEYS:
            raise ValueError(f"{path.name} blends other signals than there are: {read['signals']}")
        calibration = Calibration(tuple(read["scores"]), tuple(read["logits"]))
        weights = tuple(read["weights"])
        return cls(read["base"], weights, read["trees"], calibration, read["about"])

    def _numbers(self) -> str:
        return json.dumps(
            {
                "signals": KEYS,
                "base": self.base,
                "weights": self.weights,
                "trees": self.trees,
                "scores": self.calibration.scores,
                "logits": self.calibration.logits,
            }
        )

    @cached_property
    def _booster(self) -> lightgbm.Booster | None:
        return lightgbm.Booster(model_str=self.trees) if self.trees else None


def logistic(logits: Doubles) -> Doubles:
    """Return the probabilities of log-odds, without overflow."""
    probabilities: Doubles = 0.5 * (1 + np.tanh(0.5 * np.asarray(logits)))
    return probabilities


def _sides(signals: Doubles) -> Doubles:
    """How far each signal lies from neutral; 0 where it is unknown."""
    sides: Doubles = np.nan_to_num(signals - NEUTRAL)
    return sides
