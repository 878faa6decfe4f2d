"""Two ways in which small trees correct the weighted sum; neither turns a signal round.

Both are LightGBM with few, shallow trees and heavy leaves, since a few thousand judgments of
some hundred pages teach no more; both start from the sum and may only add to it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import lightgbm
import numpy as np

from ranking.learning.blender.linear import counts, linear
from ranking.learning.calibration import straight_line
from ranking.learning.examples import Examples
from ranking.pipeline.blend import FEATURES, Blend, Step
from ranking.pipeline.blend.gain import GRADES
from ranking.pipeline.data import Bools, Doubles

ROUNDS = 40  # trees
TREES: dict[str, Any] = {
    "num_leaves": 7,
    "max_depth": 3,
    "min_data_in_leaf": 30,
    "learning_rate": 0.05,
    "lambda_l2": 5.0,
    "monotone_constraints": FEATURES.signs.astype(int).tolist(),
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
LABEL_GAIN = [2**grade - 1 for grade in range(max(GRADES) + 1)]
PLACES = 15  # whose order counts in lambdarank: a little more than the ten that are measured


def expected_gain(known: Examples, seed: int) -> Blend:
    """Return chances for each grade on top of the weighted sum, blended to an expected gain.

    A booster for each of "1 at least", "2 at least" and "3", so that signals can be kept from
    counting the wrong way round: see `ranking.pipeline.blend.gain`.
    """
    total = linear(known, seed)
    scores = total.score(known.signals, known.beside)
    weights, table = counts(known), known.features
    steps = tuple(_step(table, known.grades >= grade, scores, weights, seed) for grade in GRADES)
    return replace(total, steps=steps)


def _step(table: Doubles, reached: Bools, scores: Doubles, weights: Doubles, seed: int) -> Step:
    slope, offset = straight_line(scores, reached)
    data = lightgbm.Dataset(
        table,
        reached.astype(np.float64),
        weight=weights,
        init_score=slope * scores + offset,
        feature_name=list(FEATURES.keys),
    )
    settings = {**TREES, "objective": "binary", "min_sum_hessian_in_leaf": 1.0, "seed": seed}
    return Step(slope, offset, lightgbm.train(settings, data, ROUNDS).model_to_string())


def lambdarank(known: Examples, seed: int) -> Blend:
    """Return the weighted sum with trees that were taught the order on each page.

    Such trees say nothing about how good a page's products are on the whole: their scores may be
    compared within a page, and across pages only because the sum that they start from can, and
    because they are few. Whether that is enough is measured: see `choice`.
    """
    total = linear(known, seed)
    ordered = known.in_order(np.argsort(known.pages, kind="stable"))  # groups are contiguous
    data = lightgbm.Dataset(
        ordered.features,
        np.rint(ordered.grades),
        weight=counts(ordered),
        group=np.unique(ordered.pages, return_counts=True)[1],
        init_score=total.score(ordered.signals, ordered.beside),
        feature_name=list(FEATURES.keys),
    )
    settings = {
        **TREES,
        "objective": "lambdarank",
        "label_gain": LABEL_GAIN,
        "lambdarank_truncation_level": PLACES,
        "seed": seed,
    }
    return replace(total, trees=lightgbm.train(settings, data, ROUNDS).model_to_string())
