"""Learn from judgments how the signals count.

Two models are tried by cross-validation over pages, and the simpler one stays unless the other
is clearly better: a logistic regression drawn towards the default weights, and LightGBM's trees
on top of it. Neither may turn a signal's sign round.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import lightgbm
import numpy as np

from ranking.learning.calibration import calibrate
from ranking.learning.enough import ENOUGH, FEWEST_GROUPS
from ranking.learning.examples import Examples
from ranking.learning.folds import splits
from ranking.pipeline.blend import NEUTRAL, SIGNS, Blend, logistic
from ranking.pipeline.data import Doubles, Ints
from ranking.pipeline.names import KEYS, SIGNALS

# On Icecat trees alone need more than its 800 judgments (NDCG@10 on other pages 0.948), so they
# correct the regression and are not tried with fewer than 500.
ENOUGH_FOR_TREES = 500
SCALES = np.array([(signal.high - signal.low) / 4 for signal in SIGNALS])
DRAW = 1.0  # how strongly weights are drawn to the default, per signal of usual scale
ROUNDS = 40  # trees
TREES: dict[str, Any] = {
    "objective": "binary",
    "num_leaves": 7,
    "max_depth": 3,
    "min_data_in_leaf": 30,
    "learning_rate": 0.05,
    "min_sum_hessian_in_leaf": 1.0,
    "lambda_l2": 5.0,
    "monotone_constraints": SIGNS.tolist(),
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}

Learner = Callable[[Examples, int], Blend]


def learn_blend(known: Examples, seed: int = 0) -> Blend:
    """Return the best blend that the examples allow, with its confidence calibrated.

    Its `about` says which kind it is, what it was learned from, and how each kind did on pages
    it had not seen (mean log loss over pages; less is better). Equal examples in equal order
    and an equal seed give an equal blend.
    """
    groups = len(np.unique(known.groups))
    about: dict[str, Any] = {
        "judgments": len(known),
        "pages": len(np.unique(known.pages)),
        "seed": seed,
    }
    right = known.is_right
    if len(known) < ENOUGH or groups < FEWEST_GROUPS or right.all() or not right.any():
        return Blend(about={"kind": "default", **about})
    kinds: dict[str, Learner] = {"default": default, "linear": linear}
    if len(known) >= ENOUGH_FOR_TREES:
        kinds["trees"] = trees
    scores = {kind: out_of_fold(learner, known, seed) for kind, learner in kinds.items()}
    losses = {kind: page_losses(scores[kind], known) for kind in kinds}
    kind = simplest_of_the_best(losses)
    blend = kinds[kind](known, seed)
    about |= {"log_loss": {name: round(float(loss.mean()), 4) for name, loss in losses.items()}}
    calibration = calibrate(scores[kind], right)
    return replace(blend, calibration=calibration, about={"kind": kind, **about})


def default(_known: Examples, _seed: int) -> Blend:
    """Return the blend that needs no judgments."""
    return Blend()


def linear(known: Examples, _seed: int) -> Blend:
    """Return a weighted sum fitted to the grades."""
    prior = Blend()
    base, weights = fit_weights(
        np.nan_to_num(known.signals - NEUTRAL),
        known.is_right.astype(np.float64),
        counts(known),
        prior.base,
        np.array(prior.weights),
    )
    return Blend(base=base, weights=tuple(weights.tolist()))


def trees(known: Examples, seed: int) -> Blend:
    """Return the weighted sum with trees that correct it."""
    sum_alone = linear(known, seed)
    data = lightgbm.Dataset(
        known.signals,
        known.is_right.astype(np.float64),
        weight=counts(known),
        init_score=sum_alone.score(known.signals),
        feature_name=list(KEYS),
    )
    booster = lightgbm.train({**TREES, "seed": seed}, data, ROUNDS)
    return replace(sum_alone, trees=booster.model_to_string())


def counts(known: Examples) -> Doubles:
    """Return (J,) how much each judgment counts: by its page, and by what was said of it.

    A product that more people judged, or more reliable ones, counts more than another. Together
    they count for no more than as many judgments of a person each: how strongly people's words
    stand against the default does not change with the number of people asked.
    """
    weights = known.weights / max(1.0, float(known.weights.mean()))
    told: Doubles = page_weights(known.pages) * weights
    return told


def page_weights(pages: Ints) -> Doubles:
    """Return (J,) how much each judgment counts: a page with four times as many, twice as much.

    Products judged for one page are alike, and say less than as many of different pages.
    """
    _, page, count = np.unique(pages, return_inverse=True, return_counts=True)
    weights: Doubles = 1 / np.sqrt(count[page])
    return weights


def fit_weights(
    sides: Doubles, right: Doubles, counts: Doubles, base: float, prior: Doubles
) -> tuple[float, Doubles]:
    """Return base and weights (F,) of a logistic regression of `right` (J,) on `sides` (J, F).

    Penalised by DRAW for leaving the prior: weights of signals that are nowhere known stay
    where they are. A weight that would turn its signal round becomes 0.
    """
    free = np.ones(len(prior), bool)
    while True:
        design = np.hstack([sides[:, free], np.ones((len(sides), 1))])
        start = np.append(prior[free], base)
        draw = np.append(DRAW * SCALES[free] ** 2, 0.01)
        fitted = _newton(design, right, counts, start, draw)
        weights = np.zeros(len(prior))
        weights[free] = fitted[:-1]
        turned = weights * SIGNS < 0
        if not turned.any():
            return float(fitted[-1]), weights
        free &= ~turned


def _newton(
    design: Doubles, right: Doubles, counts: Doubles, start: Doubles, draw: Doubles
) -> Doubles:
    """Minimise the penalised log loss by Newton's method, halving steps that overshoot."""

    def loss(at: Doubles) -> float:
        logits = design @ at
        penalty = 0.5 * float(draw @ (at - start) ** 2)
        return float(counts @ (np.logaddexp(0, logits) - right * logits)) + penalty

    at = start
    for _ in range(50):
        chance = logistic(design @ at)
        slope = design.T @ (counts * (chance - right)) + draw * (at - start)
        bend = (design.T * (counts * chance * (1 - chance))) @ design + np.diag(draw)
        step = np.linalg.solve(bend, slope)
        while loss(at - step) > loss(at) and np.abs(step).max() > 1e-12:
            step = step / 2
        at = at - step
        if np.abs(step).max() < 1e-10:
            break
    return at


def out_of_fold(learner: Learner, known: Examples, seed: int) -> Doubles:
    """Return (J,) scores, each by a blend that learned from other groups of pages."""
    scores = np.empty(len(known))
    for split in splits(known.groups, known.titles, seed):
        scores[split.held] = learner(known.where(split.learn), seed).score(
            known.signals[split.held]
        )
    return scores


def page_losses(scores: Doubles, known: Examples) -> Doubles:
    """Return (pages,) the mean log loss on each page, by ascending page."""
    losses = np.logaddexp(0, np.where(known.is_right, -scores, scores))
    _, page = np.unique(known.pages, return_inverse=True)
    means: Doubles = np.bincount(page, losses) / np.bincount(page)
    return means


def simplest_of_the_best(losses: dict[str, Doubles]) -> str:
    """Return the first kind that no later one beats by more than a standard error over pages."""
    best, *later = losses
    for kind in later:
        gain = losses[best] - losses[kind]
        if gain.mean() > gain.std(ddof=1) / np.sqrt(len(gain)):
            best = kind
    return best
