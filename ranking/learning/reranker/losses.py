"""What is good: losses over one page's list. N products, logits of four grades."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import log_softmax

from ranking.pipeline.rerank.model import GAINS, expected_gain_log_odds

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]  # logits (N, 4), chances (N, 4), weights (N,)

GRADED, LISTWISE = "graded", "listwise"
# Log-odds that fit within each list alone would mean something else on each page: the grades
# hold them in place.
ANCHOR = 0.3
SOFTNESS = 2.0  # temperature at which a student sees the order of its teacher's list


def graded(logits: Tensor, chances: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted mean cross-entropy over the grades' chances."""
    losses = -(chances * log_softmax(logits, -1)).sum(-1)
    return (weights * losses).sum() / weights.sum()


def listwise(logits: Tensor, chances: Tensor, weights: Tensor) -> Tensor:
    """Return the cross-entropy between the list's gains and the softmax over its scores (ListNet,
    Cao et al. 2007), and a part of the graded loss.

    A product of half the weight stands in the list like half a product. A list without gain, or
    of a single product, has no order to learn.
    """
    gains = weights * (chances @ GAINS.to(chances))
    order = torch.zeros(())
    if float(gains.sum()) > 0:
        scores = expected_gain_log_odds(logits) + weights.log()
        order = -(gains / gains.sum() * log_softmax(scores, -1)).sum()
    return order + ANCHOR * graded(logits, chances, weights)


def distilled(logits: Tensor, teacher: Tensor) -> Tensor:
    """Return how far a student's list is from its teacher's, from 0: in its order (Kullback and
    Leibler's divergence of softmaxes of the log-odds) and in each product's grades."""
    wanted = log_softmax(expected_gain_log_odds(teacher) / SOFTNESS, -1)
    given = log_softmax(expected_gain_log_odds(logits) / SOFTNESS, -1)
    order = (wanted.exp() * (wanted - given)).sum() * SOFTNESS**2
    grades = log_softmax(teacher, -1)
    each = (grades.exp() * (grades - log_softmax(logits, -1))).sum(-1).mean()
    return order + each


LOSSES: dict[str, Loss] = {GRADED: graded, LISTWISE: listwise}
