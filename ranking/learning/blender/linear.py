"""A weighted sum of the signals: a logistic regression drawn towards the default weights."""

from __future__ import annotations

import numpy as np

from ranking.learning.examples import Examples
from ranking.pipeline.blend import FEATURES, Blend, logistic
from ranking.pipeline.data import Doubles, Ints

DRAW = 1.0  # how strongly weights are drawn to the default, per signal of usual scale


def default(_known: Examples, _seed: int) -> Blend:
    """Return the blend that needs no judgments."""
    return Blend()


def linear(known: Examples, _seed: int) -> Blend:
    """Return a weighted sum fitted to the grades; no weight turns its signal round."""
    prior = Blend()
    base, weights = fit_weights(
        FEATURES.sides(known.features),
        known.is_right.astype(np.float64),
        counts(known),
        prior.base,
        np.array(prior.weights),
        FEATURES.signs,
        FEATURES.scales,
    )
    return Blend(base=base, weights=tuple(weights.tolist()))


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
    sides: Doubles,
    right: Doubles,
    counts: Doubles,
    base: float,
    prior: Doubles,
    signs: Doubles,
    scales: Doubles,
) -> tuple[float, Doubles]:
    """Return base and weights (W,) of a logistic regression of `right` (J,) on `sides` (J, W).

    Penalised by DRAW for leaving the prior, by usual differences `scales` (W,): weights of what
    is nowhere known stay where they are. A weight that is not of its sign (W,) becomes 0.
    """
    free = np.ones(len(prior), bool)
    while True:
        design = np.hstack([sides[:, free], np.ones((len(sides), 1))])
        start = np.append(prior[free], base)
        draw = np.append(DRAW * scales[free] ** 2, 0.01)
        fitted = _newton(design, right, counts, start, draw)
        weights = np.zeros(len(prior))
        weights[free] = fitted[:-1]
        turned = (weights != 0) & (weights * signs <= 0)
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
