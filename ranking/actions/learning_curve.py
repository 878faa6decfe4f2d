"""Whether asking in the queue's order teaches more than asking at random. For workers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from judgments.queries.pools import Candidate
from judgments.turns import in_turn
from ranking.actions.evaluate import Beat, known_today
from ranking.learning.blender import learn_blend
from ranking.learning.curve import SHARES, Curve, errors_found, from_nothing, learning_curve
from ranking.learning.examples import Examples
from ranking.pipeline.data import Doubles, Ints

FEWEST = 100  # labels: with fewer, a twentieth is next to nothing


class TooFewLabels(Exception):
    """There is too little to draw a curve from; the message says how little."""


@dataclass(frozen=True)
class Curves:
    """Curves by what is measured, on so many labels of so many pages."""

    labels: int
    pages: int
    seeds: int
    curves: dict[str, Curve]

    def figures(self) -> dict[str, Any]:
        """Return all of it for programs: a list has a figure for each of the shares."""
        return {
            "labels": self.labels,
            "pages": self.pages,
            "seeds": self.seeds,
            "shares": list(SHARES),
            "curves": {name: _figures(curve) for name, curve in self.curves.items()},
        }


def draw_curves(seeds: int, beat: Beat) -> Curves:
    """Return how judging pays, on all judgments at hand.

    Raises TooFewLabels, and NothingToMeasure without any.
    """
    known = known_today(beat)
    if len(known) < FEWEST:
        raise TooFewLabels(f"{len(known)} judged products are too few: {FEWEST} are needed.")
    beat("Learning, as runs learn", 0, 0)
    as_runs = learning_curve(known, learn_blend, queue_order, seeds)
    beat("Learning, from nothing", 0, 0)
    bare = learning_curve(known, from_nothing, queue_order, seeds)
    found = errors_found(known, learn_blend, queue_order, seeds)
    return Curves(
        labels=len(known),
        pages=len(np.unique(known.pages)),
        seeds=seeds,
        curves={
            "NDCG@10, as runs learn": as_runs,
            "NDCG@10, from nothing": bare,
            "Wrong in the first 10, found": found,
        },
    )


def queue_order(left: Examples, changes: Doubles) -> Ints:
    """Return the places (N,) of what is left in the order of a campaign without a random share.

    In blocks of one page, those first that are expected to change most.
    """
    place = {
        pair: at
        for at, pair in enumerate(zip(left.pages.tolist(), left.products.tolist(), strict=True))
    }
    candidates = [
        Candidate(page, product, "", change)
        for (page, product), change in zip(place, changes.tolist(), strict=True)
    ]
    turns = in_turn(candidates, "")
    return np.array([place[one.page, one.product] for one in turns], np.int64)


def _figures(curve: Curve) -> dict[str, list[float | None]]:
    return {
        "queue": _rounded(curve.queue),
        "random": _rounded(curve.random.mean(axis=0)),
        "random_low": _rounded(curve.random.min(axis=0)),
        "random_high": _rounded(curve.random.max(axis=0)),
    }


def _rounded(values: Doubles) -> list[float | None]:
    """None where nothing is known."""
    return [None if math.isnan(value) else round(value, 4) for value in values.tolist()]
