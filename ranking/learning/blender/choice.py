"""Which way of learning is used: the simplest, unless another is surely better.

Each is tried by cross-validation over families of pages. Two are compared page by page, on the
order (NDCG@10) and on the confidence (Brier score, calibrated on other folds): one way replaces
a simpler one only if a paired bootstrap over pages says that it is surely better in one of the
two, and not that it is worse in the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ranking.evaluation import Interval, interval, measure_scores
from ranking.learning.calibration import cross_fitted, honesty
from ranking.learning.examples import Examples
from ranking.learning.folds import splits
from ranking.pipeline.blend import Blend
from ranking.pipeline.data import Doubles

Learner = Callable[[Examples, int], Blend]


@dataclass(frozen=True, eq=False)
class Trial:
    """How one way of learning does on pages that it did not see."""

    kind: str
    known: Examples
    seed: int
    scores: Doubles  # (J,) out of fold

    @cached_property
    def confidence(self) -> Doubles:
        """(J,) calibrated on other folds."""
        folds = splits(self.known.groups, self.known.titles, self.seed)
        return cross_fitted(self.scores, self.known.is_right, folds)

    @cached_property
    def ndcg(self) -> Doubles:
        """(pages,) NDCG@10 by ascending page; NaN where nothing was graded above 0."""
        pages = measure_scores(self.known.pages, self.scores, self.known.grades)
        return np.array([metrics["ndcg@10"] for metrics in pages.values()])

    @cached_property
    def brier(self) -> Doubles:
        """(pages,) the mean squared error of the confidence by ascending page."""
        errors = (self.confidence - self.known.is_right) ** 2
        _, page = np.unique(self.known.pages, return_inverse=True)
        means: Doubles = np.bincount(page, errors) / np.bincount(page)
        return means

    def gains_over(self, other: Trial) -> dict[str, Interval]:
        """Return the mean gain over pages, more being better, with its bootstrapped interval."""
        gains = {"ndcg@10": self.ndcg - other.ndcg, "brier": other.brier - self.brier}
        return {name: interval(values.tolist(), self.seed) for name, values in gains.items()}

    def surely_beats(self, other: Trial) -> bool:
        """Return whether it is surely better in order or confidence, and surely worse in none."""
        gains = self.gains_over(other).values()
        return any(gain.low > 0 for gain in gains) and not any(gain.high < 0 for gain in gains)

    def figures(self) -> dict[str, Any]:
        """Return all of it for a model's card."""
        ndcg = {"ndcg@10": _figures(interval(self.ndcg.tolist(), self.seed))}
        return ndcg | honesty(self.confidence, self.known.is_right)


def tried(kinds: Mapping[str, Learner], known: Examples, seed: int) -> list[Trial]:
    """Return a trial of each way of learning, in the given order."""
    return [
        Trial(kind, known, seed, out_of_fold(learner, known, seed))
        for kind, learner in kinds.items()
    ]


def chosen(trials: Iterable[Trial], beside: str = "linear") -> Trial:
    """Return the first trial, unless a later one surely beats what was chosen before it, and the
    trial named `beside` where that came before it."""
    best, *later = trials
    by_name = {best.kind: best}
    for trial in later:
        rivals = {id(rival): rival for rival in (best, by_name.get(beside, best))}.values()
        by_name[trial.kind] = trial
        if all(trial.surely_beats(rival) for rival in rivals):
            best = trial
    return best


def compared(trials: Iterable[Trial], best: Trial) -> dict[str, Any]:
    """Return every trial's figures by kind; those that lost with their gain over the chosen."""
    return {
        trial.kind: trial.figures()
        if trial is best
        else trial.figures() | {"against_chosen": _against(trial, best)}
        for trial in trials
    }


def out_of_fold(learner: Learner, known: Examples, seed: int) -> Doubles:
    """Return (J,) scores, each by a blend that learned from other families of pages."""
    scores = np.empty(len(known))
    for split in splits(known.groups, known.titles, seed):
        blend, held = learner(known.where(split.learn), seed), split.held
        scores[held] = blend.score(known.signals[held], known.beside[held])
    return scores


def _against(trial: Trial, best: Trial) -> dict[str, dict[str, float]]:
    return {name: _figures(gain) for name, gain in trial.gains_over(best).items()}


def _figures(found: Interval) -> dict[str, float]:
    return {name: round(getattr(found, name), 4) for name in ("mean", "low", "high")}
