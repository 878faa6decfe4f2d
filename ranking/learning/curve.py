"""How much judging teaches, label by label: revealed in the queue's order, or at random.

A label is one judged product of one page, with all that people said of it. The pages that are
measured are never learned from: on each fold, labels of the other pages alone are revealed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ranking.evaluation import measure_scores, summarise
from ranking.learning.blender import Learner, counts, fit_weights
from ranking.learning.examples import Examples
from ranking.learning.folds import splits
from ranking.pipeline.blend import FEATURES, Blend
from ranking.pipeline.data import Doubles, Ints, Options

SHARES = (0.05, 0.10, 0.25, 0.50, 1.0)  # of the labels, after which is measured
FIRST_PLACES = 10

# What is left of the examples, and what each is expected to change, to their order.
Order = Callable[[Examples, Doubles], Ints]
Reveal = Callable[[Examples], Iterator[Ints]]


@dataclass(frozen=True, eq=False)
class Curve:
    """NDCG@10 on pages left out after each of SHARES: (S,) in the queue's order, (R, S) of R
    random orders."""

    queue: Doubles
    random: Doubles


def from_nothing(known: Examples, _seed: int) -> Blend:
    """Return a weighted sum fitted to the grades alone, drawn towards no weights at all.

    What is taught is seen best where nothing was known. The default where all grades are alike.
    """
    right = known.is_right
    if right.all() or not right.any():
        return Blend()
    base, weights = fit_weights(
        FEATURES.sides(known.features),
        right.astype(np.float64),
        counts(known),
        0.0,
        np.zeros(len(FEATURES.keys)),
        FEATURES.signs,
        FEATURES.scales,
    )
    return Blend(base=base, weights=tuple(weights.tolist()))


def learning_curve(known: Examples, learner: Learner, order: Order, seeds: int) -> Curve:
    """Return how well pages are ordered that were not learned from, after each share of labels."""
    queue = _ndcg(known, learner, lambda pool: in_the_order(pool, learner, order))
    random = [_ndcg(known, learner, _drawn(seed)) for seed in range(seeds)]
    return Curve(queue, np.array(random))


def errors_found(known: Examples, learner: Learner, order: Order, seeds: int) -> Curve:
    """Return what share of the wrong products in first places was judged after each share.

    As pages stand before any judgment; 0 to 1, NaN where nothing wrong stands there.
    """
    places = places_by(Blend().score(known.signals, known.beside), known.pages)
    wrong = np.flatnonzero((places <= FIRST_PLACES) & ~known.is_right)

    def found(revealed: Iterator[Ints]) -> list[float]:
        return [float(np.isin(wrong, got).mean()) if len(wrong) else np.nan for got in revealed]

    random = [found(_drawn(seed)(known)) for seed in range(seeds)]
    return Curve(np.array(found(in_the_order(known, learner, order))), np.array(random))


def in_the_order(pool: Examples, learner: Learner, order: Order) -> Iterator[Ints]:
    """Yield the places (N,) of what is revealed after each of SHARES, when before each share the
    rest is put in order anew by a model that has learned from what is revealed so far."""
    revealed = np.empty(0, np.int64)
    for share in SHARES:
        known = pool.where(np.isin(np.arange(len(pool)), revealed))
        blend = learner(known, 0) if len(known) else Blend()
        left = np.setdiff1d(np.arange(len(pool)), revealed)
        changes = expected_change(blend, pool)[left]
        kept = np.isin(np.arange(len(pool)), left)
        turns = left[order(pool.where(kept), changes)]
        revealed = np.concatenate([revealed, turns[: _size(share, pool) - len(revealed)]])
        yield revealed


def expected_change(blend: Blend, pool: Examples) -> Doubles:
    """Return (J,) what an answer about each is expected to change of its page.

    The chance that it contradicts what the page assumes (what is shown is right, what is removed
    for its low confidence is not), times 1 / log2(1 + place).
    """
    scores = blend.score(pool.signals, pool.beside)
    confidence = blend.confidence(scores)
    shown = confidence >= Options().minimum_confidence
    contradicts = np.where(shown, 1 - confidence, confidence)
    changes: Doubles = contradicts / np.log2(1 + places_by(scores, pool.pages))
    return changes


def places_by(scores: Doubles, pages: Ints) -> Doubles:
    """Return (J,) the place from 1 that each has on its page by falling score."""
    places = np.empty(len(scores))
    for page in np.unique(pages):
        here = np.flatnonzero(pages == page)
        places[here[np.argsort(-scores[here], kind="stable")]] = np.arange(1, len(here) + 1)
    return places


def _drawn(seed: int) -> Reveal:
    def reveal(pool: Examples) -> Iterator[Ints]:
        turns = np.random.default_rng(seed).permutation(len(pool))
        return (turns[: _size(share, pool)] for share in SHARES)

    return reveal


def _ndcg(known: Examples, learner: Learner, reveal: Reveal) -> Doubles:
    scores = np.empty((len(SHARES), len(known)))
    for split in splits(known.groups, known.titles, 0):
        pool, held = known.where(split.learn), split.held
        for row, revealed in zip(scores, reveal(pool), strict=True):
            blend = learner(pool.where(np.isin(np.arange(len(pool)), revealed)), 0)
            row[held] = blend.score(known.signals[held], known.beside[held])
    return np.array([_mean_ndcg(known, row) for row in scores])


def _mean_ndcg(known: Examples, scores: Doubles) -> float:
    by_page = measure_scores(known.pages, scores, known.grades)
    return summarise(list(by_page.values()))["ndcg@10"].mean


def _size(share: float, pool: Examples) -> int:
    return round(share * len(pool))
