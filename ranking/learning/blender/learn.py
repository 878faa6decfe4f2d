"""Learn the best blend that the judgments allow, and write down how good it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np

from ranking.learning.blender.choice import Learner, Trial, chosen, compared, tried
from ranking.learning.blender.linear import default, linear
from ranking.learning.blender.misfiled import learn_misfiled
from ranking.learning.blender.trees import expected_gain, lambdarank
from ranking.learning.calibration import calibrate
from ranking.learning.enough import ENOUGH, FEWEST_GROUPS
from ranking.learning.examples import Examples
from ranking.pipeline.blend import FEATURES, Blend

# On Icecat trees alone need more than its 800 judgments (NDCG@10 on other pages 0.948), so they
# correct the regression and are not tried with fewer than 500.
ENOUGH_FOR_TREES = 500
KINDS: Mapping[str, Learner] = {
    "default": default,
    "linear": linear,
    "gain": expected_gain,
    "ranks": lambdarank,
}
SIMPLE = ("default", "linear")


@dataclass(frozen=True)
class Learned:
    """A blend, and for people how it was chosen and how it did on pages that it had not seen."""

    blend: Blend
    card: dict[str, Any]


def learn_blend(known: Examples, seed: int = 0) -> Blend:
    """Return what a run learns in passing: the default weights or a weighted sum, whichever the
    examples call for, with its confidence calibrated.

    Its `about` says which kind it is and what it was learned from. Equal examples in equal
    order and an equal seed give an equal blend.
    """
    return learn(known, seed, SIMPLE).blend


def learn(known: Examples, seed: int = 0, kinds: Sequence[str] = tuple(KINDS)) -> Learned:
    """Return the best of these kinds of blends that the examples allow, with its card.

    The card has `data` (a hash, judged products, pages, families), `seed`, `chosen`, `why` in a
    sentence, `kinds` (by kind NDCG@10 with its interval, `brier`, `ece` and `reliability` on pages
    left out, and `against_chosen`: gains over the chosen kind, below 0 where it is worse),
    `weights` by feature, in log-odds for a usual difference in it, the chosen kind's `brier`,
    `ece` and `reliability`, and `misfiled`.
    """
    about: dict[str, Any] = {
        "judgments": len(known),
        "pages": len(np.unique(known.pages)),
        "seed": seed,
    }
    misfiled, of_misfiled = learn_misfiled(known, seed)
    trials = tried({kind: KINDS[kind] for kind in kinds if kind in allowed(known)}, known, seed)
    best = chosen(trials) if trials else None
    kind = best.kind if best else "default"
    blend = replace(
        KINDS[kind](known, seed),
        misfiled=misfiled,
        about={"kind": kind, **about, "tried": [trial.kind for trial in trials]},
    )
    card = {
        "data": _data(known),
        "seed": seed,
        "chosen": kind,
        "why": _why(trials, kind),
        "weights": dict(zip(FEATURES.keys, _by_usual_difference(blend), strict=True)),
        "misfiled": of_misfiled,
    }
    if best is None:
        return Learned(blend, card)
    blend = replace(blend, calibration=calibrate(best.scores, known.is_right))
    return Learned(blend, card | {"kinds": compared(trials, best)} | best.figures())


def allowed(known: Examples) -> tuple[str, ...]:
    """Return the kinds that so many examples allow to be tried; none with too few."""
    right, groups = known.is_right, len(np.unique(known.groups))
    if len(known) < ENOUGH or groups < FEWEST_GROUPS or right.all() or not right.any():
        return ()
    return tuple(KINDS) if len(known) >= ENOUGH_FOR_TREES else SIMPLE


def _data(known: Examples) -> dict[str, Any]:
    """What was learned from, and a hash of all of it."""
    content = blake2b(digest_size=16)
    for column in vars(known).values():
        content.update(np.ascontiguousarray(column).tobytes())
    return {
        "hash": content.hexdigest(),
        "judged_products": len(known),
        "pages": len(np.unique(known.pages)),
        "families": len(np.unique(known.groups)),
        "elsewhere": int((known.elsewhere >= 0.5).sum()),
    }


def _by_usual_difference(blend: Blend) -> list[float]:
    """What a usual difference in each feature adds: the weights themselves have other units."""
    added: list[float] = (np.array(blend.weights) * FEATURES.scales).tolist()
    return added


def _why(trials: list[Trial], kind: str) -> str:
    if not trials:
        return "There is too little to learn from, so signals have their default weights."
    if kind == "default":
        return "Nothing that was learned is surely better than the default weights."
    return (
        "On pages kept apart it is surely better than every simpler kind, in order or confidence, "
        "and in neither surely worse."
    )
