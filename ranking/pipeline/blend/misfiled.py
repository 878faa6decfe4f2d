"""The chance that a product which is filed on a page belongs elsewhere: a fact beside its grade.

Only a product that is filed on the page, or below it, can be misfiled there. Of any other the
chance is unknown: people who judge it speak of its fit, not of anybody's filing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from ranking.pipeline.blend.confidence import UNCALIBRATED, Calibration
from ranking.pipeline.blend.features import FEATURES, features
from ranking.pipeline.data import Bools, Doubles
from ranking.pipeline.names import KEYS, SIGNALS

FILED = KEYS.index("filing_distance")
# Without anybody's word: where all signals are neutral, one filing in seven is wrong, so that
# where they speak for the page it is a few in a hundred; they count half of what they count
# for the grade, turned round. How far away it is filed says nothing of what is filed here.
BASE = -1.8
HALF = -0.5
WEIGHTS = (
    *(0.0 if at == FILED else HALF * signal.weight for at, signal in enumerate(SIGNALS)),
    *[0.0] * (len(FEATURES.keys) - len(SIGNALS)),
)


@dataclass(frozen=True)
class Misfiled:
    """A weighted sum of features, log-odds of "belongs elsewhere"; `about` says where from."""

    base: float = BASE
    weights: tuple[float, ...] = WEIGHTS
    calibration: Calibration = UNCALIBRATED
    about: dict[str, Any] = field(default_factory=lambda: {"kind": "default"}, compare=False)

    def score(self, signals: Doubles, beside: Doubles | None = None) -> Doubles:
        """Return the (N,) log-odds that (N, F) signals and (N, T) statistics make, as `Blend.score`
        takes them; NaN of what is not filed here."""
        sides = FEATURES.sides(features(signals, beside))
        scores = np.round(self.base + sides @ np.array(self.weights), 9)
        return np.where(filed_here(signals), scores, np.nan)

    def chance(self, signals: Doubles, beside: Doubles | None = None) -> Doubles:
        """Return (N,) probabilities of belonging elsewhere; NaN of what is not filed here."""
        return self.calibration.confidence(self.score(signals, beside))

    def as_json(self) -> dict[str, Any]:
        """Return all of it, for `from_json`."""
        return asdict(self)

    @classmethod
    def from_json(cls, read: dict[str, Any]) -> Misfiled:
        """Return what `as_json` gave."""
        points = (tuple(read["calibration"][name]) for name in ("scores", "logits"))
        return cls(read["base"], tuple(read["weights"]), Calibration(*points), read["about"])


def filed_here(signals: Doubles) -> Bools:
    """Return (N,) which products are filed on the page or below it."""
    here: Bools = signals[:, FILED] == 0
    return here


UNTAUGHT = Misfiled()
