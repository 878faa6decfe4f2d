"""The chance that a product is wrong on a page, from the blend's confidence and its oddities."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from ranking.pipeline.blend import logistic
from ranking.pipeline.data import Doubles
from ranking.pipeline.outliers.bound import UNKNOWN, Curve, Cut
from ranking.pipeline.outliers.names import KEYS, ODDITIES

LEAST = 1e-6  # confidences are kept off 0 and 1 by so much, where log-odds end


@dataclass(frozen=True)
class Detector:
    """A logistic regression on the log-odds of being unsure and on the O oddities.

    As it stands it needs no judgments: the chance of being wrong is 1 - confidence, raised by what
    is odd. No weight is negative, learned or not: more odd is never less likely wrong.
    """

    offset: float = 0.0
    slope: float = 1.0
    weights: tuple[float, ...] = tuple(oddity.weight for oddity in ODDITIES)
    curve: Curve = UNKNOWN
    about: dict[str, Any] = field(default_factory=lambda: {"kind": "default"}, compare=False)

    def chance_wrong(self, confidence: Doubles, oddities: Doubles) -> Doubles:
        """Return (N,) probabilities that a person would grade the product below 2.

        `confidence` (N,) and `oddities` (N, O) are from 0 to 1; NaN among these adds nothing.
        """
        added = np.nan_to_num(oddities) @ np.array(self.weights)
        chance = logistic(self.offset + self.slope * log_odds_unsure(confidence) + added)
        rounded: Doubles = np.round(chance, 9)
        return rounded

    def parts(self, oddities: Doubles) -> Doubles:
        """Return (N, O) what each oddity adds to the log-odds of being wrong."""
        parts: Doubles = np.nan_to_num(oddities) * np.array(self.weights)
        return parts

    def cut(self, wrong_shown: float, minimum_confidence: float) -> Cut:
        """Return where to cut for a bound on the share of wrong products among those shown."""
        return self.curve.cut(wrong_shown, minimum_confidence)

    @cached_property
    def digest(self) -> str:
        """Of all that the chances and the cut depend on."""
        return blake2b(self._numbers().encode(), digest_size=32).hexdigest()

    def save(self, path: Path) -> None:
        """Write the detector as JSON."""
        path.write_text(json.dumps({**json.loads(self._numbers()), "about": self.about}, indent=1))

    @classmethod
    def load(cls, path: Path) -> Detector:
        """Read what `save` wrote. Raises ValueError when it was made for other oddities."""
        read = json.loads(path.read_text())
        if tuple(read["oddities"]) != KEYS:
            raise ValueError(f"{path.name} knows other oddities: {read['oddities']}")
        pages, *points = read["curve"].values()
        curve = Curve(pages, *map(tuple, points))
        return cls(read["offset"], read["slope"], tuple(read["weights"]), curve, read["about"])

    def _numbers(self) -> str:
        return json.dumps(
            {
                "oddities": KEYS,
                "offset": self.offset,
                "slope": self.slope,
                "weights": self.weights,
                "curve": asdict(self.curve),
            }
        )


def log_odds_unsure(confidence: Doubles) -> Doubles:
    """Return (N,) the log-odds that the product is not right, as its confidence has them."""
    sure = np.clip(confidence, LEAST, 1 - LEAST)
    logits: Doubles = np.log((1 - sure) / sure)
    return logits
