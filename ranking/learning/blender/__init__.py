"""Learn from judgments how the signals count.

`linear` fits a weighted sum, `trees` two kinds of LightGBM on top of it, and `choice` says which
of them is used: the simpler one, unless another is surely better on pages it did not see.
"""

from ranking.learning.blender.choice import Learner, Trial, out_of_fold
from ranking.learning.blender.learn import KINDS, SIMPLE, Learned, learn, learn_blend
from ranking.learning.blender.linear import counts, default, fit_weights, linear, page_weights
from ranking.learning.blender.trees import expected_gain, lambdarank

__all__ = [
    "KINDS",
    "SIMPLE",
    "Learned",
    "Learner",
    "Trial",
    "counts",
    "default",
    "expected_gain",
    "fit_weights",
    "lambdarank",
    "learn",
    "learn_blend",
    "linear",
    "out_of_fold",
    "page_weights",
]
