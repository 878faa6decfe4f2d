"""Probabilities of several classes from those of their pairs."""

from __future__ import annotations

import numpy as np

from ranking.pipeline.blend import logistic
from ranking.pipeline.data import Doubles

LEAST = 1e-9  # no class is ever ruled out


def coupled(margins: Doubles) -> Doubles:
    """Return (N, K) probabilities from (N, K, K) antisymmetric log-odds of i rather than j.

    The second method of Wu, Lin and Weng (2004, "Probability Estimates for Multi-class
    Classification by Pairwise Coupling", JMLR 5): the probabilities that least contradict
    r_ji p_i = r_ij p_j over all pairs. Margins that do not contradict each other are kept.
    """
    count, classes = margins.shape[:2]
    if not count or not classes:
        return np.zeros((count, classes))
    chance = logistic(margins)  # r_ij
    against = np.swapaxes(chance, 1, 2)  # r_ji
    diagonal = np.arange(classes)
    # The quadratic form to be least, and below it the condition that all sum to 1.
    system = np.ones((count, classes + 1, classes + 1))
    system[:, :-1, :-1] = -against * chance
    system[:, diagonal, diagonal] = (against**2).sum(axis=2) - 0.25  # without r_ii = 1/2
    system[:, -1, -1] = 0.0
    sides = np.zeros((count, classes + 1, 1))
    sides[:, -1] = 1.0
    found = np.maximum(np.linalg.solve(system, sides)[:, :-1, 0], LEAST)
    probabilities: Doubles = found / found.sum(axis=1, keepdims=True)
    return probabilities
