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

AT_ONCE = 5  # siblings, the likeliest, that an uncertain product is weighed between


@dataclass(frozen=True, eq=False)
class Placed:
    """N products among S siblings."""

    siblings: Ints  # (S,) ids, ascending
    before: Doubles  # (N, S) log probabilities without texts
    after: Doubles  # (N, S) with them; as before for products that are not uncertain
    uncertain: Bools  # (N,) the margin between the two likeliest, without texts, is small

    @property
    def likeliest(self) -> Ints:
        """(N, 2) the places in `siblings` of the two likeliest before texts, the lower id
        first; (N, S) with fewer siblings."""
        return np.sort(by_chance(self.before)[:, :2], axis=1)

    def pair_margins(self, places: Ints) -> Doubles:
        """Return (N,) the log-odds without texts for the first of two siblings (N, 2)."""
        both = np.take_along_axis(self.before, places, axis=1)
        margins: Doubles = both[:, 0] - both[:, 1]
        return margins


def disambiguate(siblings: Siblings, rows: Ints, texts: Texts, head: Head) -> Placed:
    """Return where the N rows of the catalogue stand among the siblings.

    Only uncertain products are read again, and only against their few likeliest siblings; what
    these share among them stays the same in sum.
    """
    before = siblings.logits(rows, head)
    uncertain = is_uncertain(before, head)
    after = before.copy()
    read = np.flatnonzero(uncertain)
    if len(read) and texts:
        fence = fence_of(siblings.shelf.catalogue, rows[read])
        margins = pair_margins(before[read], fence, siblings.ids.tolist(), texts, head)
        after[read] = shared_out(before[read], margins)
    return Placed(siblings.ids, before, after, uncertain)


def is_uncertain(before: Doubles, head: Head) -> Bools:
    """Return (N,) whether the two likeliest of (N, S) siblings are nearer than the gate."""
    if before.shape[1] < 2:
        return np.zeros(len(before), bool)
    top = np.sort(before, axis=1)[:, -2:]
    uncertain: Bools = top[:, 1] - top[:, 0] < head.gate
    return uncertain


def by_chance(logs: Doubles) -> Ints:
    """Return (N, S) the places of the siblings, likeliest first, ties by id."""
    ordered: Ints = np.argsort(-logs, axis=1, kind="stable")
    return ordered


def pair_margins(
    before: Doubles, fence: Fence, ids: list[int], texts: Texts, head: Head
) -> Doubles:
    """Return (N, S, S) log-odds for one sibling rather than the other, by the texts where a
    pair has any, and else as they were."""
    margins = before[:, :, None] - before[:, None, :]
    for i, j in combinations(range(len(ids)), 2):
        if texts.tell_apart(ids[i], ids[j]):
            sides = texts.side(ids[i], ids[j]), texts.side(ids[j], ids[i])
            margins[:, i, j] = fence.margins(margins[:, i, j], *sides, head)
            margins[:, j, i] = -margins[:, i, j]
    return margins


def shared_out(before: Doubles, margins: Doubles) -> Doubles:
    """Return log probabilities (N, S) with the likeliest few shared out anew by their margins."""
    few = by_chance(before)[:, :AT_ONCE]
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
