"""One score from the chances of each grade: the log-odds of the expected gain.

The gain of a grade is 2^grade - 1, as in NDCG, here as a share of the highest. Taken step by
step - grade 1 at least, 2 at least, 3 - it rises with each step's chance: where every chance
rises with a signal, so does the score. (Chances of the four grades on their own, as a
multiclass model gives them, must fall for some grades when a signal rises: no constraint on
such a model keeps the expected gain from falling.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ranking.pipeline.data import Doubles

GRADES = (1, 2, 3)
# What each step adds to the gain, as a share of the gain of an exact product.
SHARES = np.array([1, 2, 4]) / 7
NODES, WEIGHTS = np.polynomial.legendre.leggauss(64)


@dataclass(frozen=True)
class Step:
    """How the log-odds of "this grade or a higher one" follow from the weighted sum."""

    slope: float  # above 0
    offset: float
    trees: str  # LightGBM's text; what they say is added


def log_odds(raw: Doubles) -> Doubles:
    """Return (...,) the log-odds of the expected gain that (..., 3) log-odds of the steps make."""
    yes, no = _logs(raw)
    odds: Doubles = yes - no
    return odds


def along_the_way(start: Doubles, end: Doubles) -> Doubles:
    """Return (N, 3) how much the score rises with each step's log-odds, on average on the straight
    way from `start` (3,) to `end` (N, 3).

    What each step adds on that way sums to the difference of the scores (Aumann and Shapley,
    1974; "integrated gradients"), up to the error of the Gauss-Legendre rule of 64 points.
    """
    on_the_way = start + (end - start)[:, None, :] * ((NODES + 1) / 2)[:, None]
    mean: Doubles = np.einsum("p,nps->ns", WEIGHTS / 2, _slopes(on_the_way))
    return mean


def _slopes(raw: Doubles) -> Doubles:
    """(..., 3) the derivatives of `log_odds`, each between 0 and 1."""
    yes, no = (part[..., None] for part in _logs(raw))
    bend = -np.logaddexp(0, raw) - np.logaddexp(0, -raw)
    slopes: Doubles = np.exp(np.log(SHARES) + bend - yes - no)
    return slopes


def _logs(raw: Doubles) -> tuple[Doubles, Doubles]:
    """The logarithms of the expected gain and of what it lacks to the highest."""
    logs = np.log(SHARES)
    yes: Doubles = np.logaddexp.reduce(logs - np.logaddexp(0, -raw), axis=-1)
    no: Doubles = np.logaddexp.reduce(logs - np.logaddexp(0, raw), axis=-1)
    return yes, no
