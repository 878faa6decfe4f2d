"""Products of one parent, placed among its children before and after the texts are read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ranking.pipeline.data import Bools, Catalogue, Doubles, Ints
from ranking.pipeline.disambiguate.coupling import coupled
from ranking.pipeline.disambiguate.fence import Fence
from ranking.pipeline.disambiguate.head import Head
from ranking.pipeline.disambiguate.lines import Texts
from ranking.pipeline.disambiguate.siblings import Siblings

AT_ONCE = 5  # siblings of one product that are weighed against each other


@dataclass(frozen=True, eq=False)
class Placed:
    """N products among S siblings."""

    siblings: Ints  # (S,) ids, ascending
    before: Doubles  # (N, S) log probabilities without texts; they sum to 1
    after: Doubles  # (N, S) with them; equal to `before` for products that are not uncertain
    uncertain: Bools  # (N,) the margin between the two likeliest, without texts, is small

    @property
    def likeliest(self) -> Ints:
        """(N, 2) the places in `siblings` of the two likeliest before texts, ascending; empty
        when there are fewer than two siblings."""
        return np.sort(order(self.before)[:, :2], axis=1)

    def pair_margins(self, places: Ints) -> Doubles:
        """Return (N,) the log-odds without texts for the first of two siblings (N, 2)."""
        both = np.take_along_axis(self.before, places, axis=1)
        margins: Doubles = both[:, 0] - both[:, 1]
        return margins


def disambiguate(siblings: Siblings, rows: Ints, texts: Texts, head: Head) -> Placed:
    """Return where the N rows of the catalogue stand among the siblings.

    Only uncertain products are read again, and only against the siblings that are nearly as
    likely for them as the likeliest; what these share among them stays the same in sum.
    """
    before = siblings.logits(rows, head)
    uncertain = is_uncertain(before, head)
    after = before.copy()
    read = np.flatnonzero(uncertain)
    if len(read) and texts:
        after[read] = _read(siblings, rows[read], before[read], texts, head)
    return Placed(siblings.ids, before, after, uncertain)


def is_uncertain(before: Doubles, head: Head) -> Bools:
    """Return (N,) whether the two likeliest are nearer to each other than the gate."""
    if before.shape[1] < 2:
        return np.zeros(len(before), bool)
    top = np.sort(before, axis=1)[:, -2:]
    uncertain: Bools = top[:, 1] - top[:, 0] < head.gate
    return uncertain


def order(logs: Doubles) -> Ints:
    """Return (N, S) the places of the siblings, likeliest first, ties by id."""
    ordered: Ints = np.argsort(-logs, axis=1, kind="stable")
    return ordered


def _read(siblings: Siblings, rows: Ints, before: Doubles, texts: Texts, head: Head) -> Doubles:
    """The log probabilities of uncertain products (M, S) after the texts were read."""
    fence = fence_of(siblings.shelf.catalogue, rows)
    margins = before[:, :, None] - before[:, None, :]
    near = before > before.max(axis=1, keepdims=True) - head.gate
    for i, j in combinations(range(len(siblings)), 2):
        first, second = int(siblings.ids[i]), int(siblings.ids[j])
        both = near[:, i] & near[:, j]
        if not both.any() or not texts.tell_apart(first, second):
            continue
        sides = texts.side(first, second), texts.side(second, first)
        moved = fence.margins(margins[:, i, j], *sides, head)
        margins[both, i, j] = moved[both]
        margins[both, j, i] = -moved[both]
    return _shared_out(before, margins)


def _shared_out(before: Doubles, margins: Doubles) -> Doubles:
    """The log probabilities (M, S) with the likeliest few shared out anew by their margins."""
    few = order(before)[:, :AT_ONCE]
    every = np.arange(len(before))[:, None]
    inside = margins[every[:, :, None], few[:, :, None], few[:, None, :]]
    held = np.exp(before[every, few]).sum(axis=1, keepdims=True)
    after = before.copy()
    after[every, few] = np.log(coupled(inside) * held)
    return after


def fence_of(catalogue: Catalogue, rows: Ints) -> Fence:
    """Return these rows of the catalogue as products on a fence."""
    titles = [catalogue.titles[row] for row in rows.tolist()]
    return Fence(titles, catalogue.text[rows], catalogue.picture[rows])
