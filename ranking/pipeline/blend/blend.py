"""How signals become a score, and what each of them added to it.

The score is in log-odds: a weighted sum in which every signal, and how it stands beside the
page's other candidates, speaks for or against. Where enough judgments are at hand, small trees
may correct the sum (`trees`), or turn it into chances for each grade (`steps`). Without
judgments the weights are those written beside the signals.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from ranking.pipeline.blend import gain
from ranking.pipeline.blend.confidence import UNCALIBRATED, Calibration
from ranking.pipeline.blend.features import FEATURES, features
from ranking.pipeline.blend.gain import Step
from ranking.pipeline.blend.misfiled import UNTAUGHT, Misfiled
from ranking.pipeline.data import Doubles
from ranking.pipeline.names import KEYS, SIGNALS

BASE = -0.5  # log-odds of a product about which nothing is known
WEIGHTS = (*(signal.weight for signal in SIGNALS), *[0.0] * (len(FEATURES.keys) - len(KEYS)))


@dataclass(frozen=True)
class Blend:
    """How signals become a score; `about` says what it was learned from, in plain figures."""

    base: float = BASE
    weights: tuple[float, ...] = WEIGHTS  # of all features, signals first
    trees: str = ""  # LightGBM's text; empty for none
    steps: tuple[Step, ...] = ()  # for the grades 1, 2 and 3; or none
    calibration: Calibration = UNCALIBRATED
    misfiled: Misfiled = UNTAUGHT
    about: dict[str, Any] = field(default_factory=lambda: {"kind": "default"}, compare=False)

    def score(self, signals: Doubles, beside: Doubles | None = None) -> Doubles:
        """Return the (N,) log-odds that (N, F) signals make, and what `PageStats.beside` says of
        them (N, T) where a page is known; NaN adds nothing to the sum."""
        table = features(signals, beside)
        total: Doubles = self.base + FEATURES.sides(table) @ np.array(self.weights)
        if self.steps and len(table):
            total = gain.log_odds(self._raw(total, table))
        elif self._boosters and len(table):
            total = total + np.asarray(self._boosters[0].predict(table, raw_score=True))
        return np.round(total, 9)

    def confidence(self, scores: Doubles) -> Doubles:
        """Return (N,) calibrated probabilities that a person would grade the product 2 or 3."""
        return self.calibration.confidence(scores)

    def contributions(self, signals: Doubles, beside: Doubles | None = None) -> Doubles:
        """Return (N, F + 1) what each signal, with its statistics, adds to the score, and last what
        is left without any; rows sum to the score.

        Trees' parts are Shapley values (TreeSHAP). The score of steps is no sum: each signal's
        part of the steps' log-odds counts by how much the score rises with them on the straight
        way from a product about which nothing is known (`gain.along_the_way`).
        """
        table = features(signals, beside)
        sums = FEATURES.sides(table) * np.array(self.weights)
        if self.steps and len(table):
            parts = self._parts_of_steps(sums, table)
        elif self._boosters and len(table):
            parts = FEATURES.by_signal(sums + self._shapley(table)[0][:, :-1])
        else:
            parts = FEATURES.by_signal(sums)
        rest = self.score(signals, beside) - parts.sum(axis=1)
        return np.hstack([parts, rest[:, None]])

    @cached_property
    def digest(self) -> str:
        """Of all that the scores depend on."""
        numbers = self._numbers()
        del numbers["misfiled"]["about"]
        return blake2b(json.dumps(numbers).encode(), digest_size=32).hexdigest()

    def save(self, path: Path) -> None:
        """Write the blend as JSON."""
        path.write_text(json.dumps({**self._numbers(), "about": self.about}, indent=1))

    @classmethod
    def load(cls, path: Path) -> Blend:
        """Read what `save` wrote. Raises ValueError when it was made for other signals."""
        read = json.loads(path.read_text())
        if tuple(read["signals"]) != FEATURES.keys:
            raise ValueError(f"{path.name} blends other signals than there are: {read['signals']}")
        return cls(
            base=read["base"],
            weights=tuple(read["weights"]),
            trees=read["trees"],
            steps=tuple(Step(**step) for step in read["steps"]),
            calibration=Calibration(tuple(read["scores"]), tuple(read["logits"])),
            misfiled=Misfiled.from_json(read["misfiled"]),
            about=read["about"],
        )

    def _numbers(self) -> dict[str, Any]:
        return {
            "signals": FEATURES.keys,
            "base": self.base,
            "weights": self.weights,
            "trees": self.trees,
            "steps": [asdict(step) for step in self.steps],
            "scores": self.calibration.scores,
            "logits": self.calibration.logits,
            "misfiled": self.misfiled.as_json(),
        }

    @cached_property
    def _boosters(self) -> list[lightgbm.Booster]:
        texts = [step.trees for step in self.steps] or filter(None, [self.trees])
        return [lightgbm.Booster(model_str=text) for text in texts]

    def _shapley(self, table: Doubles) -> list[Doubles]:
        """(N, F + T + 1) of each of the trees: what each feature adds, and last what none does."""
        return [np.asarray(each.predict(table, pred_contrib=True)) for each in self._boosters]

    def _raw(self, total: Doubles, table: Doubles) -> Doubles:
        """(N, 3) the log-odds of the steps."""
        steps = zip(self.steps, self._boosters, strict=True)
        raw = [
            step.offset + step.slope * total + np.asarray(trees.predict(table, raw_score=True))
            for step, trees in steps
        ]
        return np.stack(raw, axis=1)

    def _parts_of_steps(self, sums: Doubles, table: Doubles) -> Doubles:
        """(N, F) what each signal adds to the score of steps."""
        trees = self._shapley(table)
        of_steps = [
            FEATURES.by_signal(step.slope * sums + part[:, :-1])
            for step, part in zip(self.steps, trees, strict=True)
        ]
        nothing = [
            step.offset + step.slope * self.base + float(part[0, -1])
            for step, part in zip(self.steps, trees, strict=True)
        ]
        parts = np.stack(of_steps, axis=2)  # (N, F, 3)
        start = np.array(nothing)
        rises = gain.along_the_way(start, start + parts.sum(axis=1))
        together: Doubles = np.einsum("nfs,ns->nf", parts, rises)
        return together
