"""Learn from people who say "belongs elsewhere" which filings are wrong.

A logistic regression drawn towards weights that need nobody's word; it stands in for them only
where it is surely better on families of pages that it did not see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ranking.evaluation import interval
from ranking.learning.blender.linear import counts, fit_weights
from ranking.learning.calibration import calibrate, cross_fitted, honesty
from ranking.learning.enough import FEWEST_GROUPS
from ranking.learning.examples import Examples
from ranking.learning.folds import splits
from ranking.pipeline.blend import FEATURES, UNTAUGHT, Misfiled
from ranking.pipeline.blend.misfiled import FILED, filed_here
from ranking.pipeline.data import Bools, Doubles

MOST = 0.5  # share of the people asked from which on "elsewhere" is the answer
# Words of either kind, and families of pages that they are spread over.
ENOUGH = 30
# What speaks for the page speaks against an error; how far away it is filed says nothing here.
SIGNS = np.where(FEATURES.owners == FILED, 0.0, -FEATURES.signs)


def learn_misfiled(known: Examples, seed: int) -> tuple[Misfiled, dict[str, Any]]:
    """Return how misfiled products are told, and for the model's card how well.

    Only products filed on the page teach it, and only where somebody was asked. With fewer than
    ENOUGH words of either kind, or of fewer than FEWEST_GROUPS families, it stays as it is: an
    estimate, whose figures are None.
    """
    asked = known.where(filed_here(known.signals) & np.isfinite(known.elsewhere))
    said = asked.elsewhere >= MOST
    about = {"asked": len(asked), "elsewhere": int(said.sum())}
    families = len(np.unique(asked.groups[said]))
    if min(said.sum(), (~said).sum()) < ENOUGH or families < FEWEST_GROUPS:
        kept = {"kind": "default", **about}
        return replace(UNTAUGHT, about=kept), {**kept, **honesty(np.empty(0), said[:0])}
    return _learned(asked, said, seed, about)


def _learned(
    asked: Examples, said: Bools, seed: int, about: dict[str, Any]
) -> tuple[Misfiled, dict[str, Any]]:
    ways: dict[str, Callable[[Examples], Misfiled]] = {
        "default": lambda _known: UNTAUGHT,
        "linear": linear,
    }
    scores = {kind: _out_of_fold(way, asked, seed) for kind, way in ways.items()}
    folds = list(splits(asked.groups, asked.titles, seed))
    chances = {kind: cross_fitted(each, said, folds) for kind, each in scores.items()}
    losses = {kind: _brier_by_page(each, said, asked) for kind, each in chances.items()}
    gain = interval((losses["default"] - losses["linear"]).tolist(), seed)
    kind = "linear" if gain.low > 0 else "default"
    about = {"kind": kind, **about}
    learned = replace(ways[kind](asked), calibration=calibrate(scores[kind], said), about=about)
    figures = {name: honesty(each, said) for name, each in chances.items()}
    weights = dict(zip(FEATURES.keys, learned.weights, strict=True))
    return learned, {**about, **figures[kind], "weights": weights, "kinds": figures}


def linear(asked: Examples) -> Misfiled:
    """Return a weighted sum fitted to who says "elsewhere"; no weight turns its signal round."""
    base, weights = fit_weights(
        FEATURES.sides(asked.features),
        (asked.elsewhere >= MOST).astype(np.float64),
        counts(asked),
        UNTAUGHT.base,
        np.array(UNTAUGHT.weights),
        SIGNS,
        FEATURES.scales,
    )
    return Misfiled(base=base, weights=tuple(weights.tolist()))


def _out_of_fold(way: Callable[[Examples], Misfiled], asked: Examples, seed: int) -> Doubles:
    scores = np.empty(len(asked))
    for split in splits(asked.groups, asked.titles, seed):
        held = asked.where(split.held)
        scores[split.held] = way(asked.where(split.learn)).score(held.signals, held.beside)
    return scores


def _brier_by_page(chances: Doubles, said: Bools, asked: Examples) -> Doubles:
    _, page = np.unique(asked.pages, return_inverse=True)
    means: Doubles = np.bincount(page, (chances - said) ** 2) / np.bincount(page)
    return means
