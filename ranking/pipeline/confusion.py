"""Which siblings are confused: the products on the fence between two children of one parent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from ranking.pipeline.data import NO_PARENT, Bools, Doubles, Ints, Tree
from ranking.pipeline.disambiguate import Head, Placed, Siblings, Texts, disambiguate
from ranking.pipeline.disambiguate.stage import fence_of
from ranking.pipeline.shelf import Shelf

CELLS_AT_ONCE = 8_000_000  # products × siblings × siblings: bounds the memory of one step
ROWS_AT_ONCE = 8_192
FENCE_LIMIT = 10_000  # products kept of one pair, the nearest to its fence


@dataclass(frozen=True, eq=False)
class Confused:
    """N products on the fence between two siblings, by ascending row of the catalogue."""

    first: int  # the lower id
    second: int
    products: int  # on the fence in all, of which the nearest FENCE_LIMIT are kept
    rows: Ints  # (N,)
    before: Doubles  # (N,) log-odds for the first, without texts
    margin: Doubles  # (N,) and with them


@dataclass(frozen=True, eq=False)
class Measured:
    """The N products below one parent, among its children after the texts."""

    parent: int
    rows: Ints  # (N,) of the catalogue
    likeliest: Ints  # (N,) category ids
    probability: Doubles  # (N,) of the likeliest, 0 to 1
    pairs: list[Confused]


_Fence = tuple[Ints, Ints, Doubles]


@dataclass(frozen=True, eq=False)
class Places:
    """Where P products stand in a tree, and where the topmost page above each is."""

    tree: Tree
    rows: Ints  # (P,) in the tree; -1 where nothing is known
    topmost: Ints  # (P,) the level of the topmost page there or above; past all levels if none

    @classmethod
    def of(cls, shelf: Shelf) -> Places:
        """Return each product's place: where it is filed, else where its text is nearest to."""
        tree, catalogue = shelf.tree, shelf.catalogue
        rows = shelf.filed.copy()
        unfiled = (rows < 0) & np.isfinite(catalogue.text[:, 0])
        if unfiled.any() and len(tree):
            rows[unfiled] = shelf.nearest_categories(np.flatnonzero(unfiled))[0][:, 0]
        levels = tree.lineages.shape[1]
        is_page = np.isin(tree.lineages, list(tree.pages)) if len(tree) else tree.lineages > 0
        topmost = np.where(is_page.any(axis=1), is_page.argmax(axis=1), levels)
        return cls(tree, rows, np.where(rows >= 0, topmost[rows], levels))

    def below(self, parent: int) -> Ints:
        """Return the rows of the products that stand below the parent, at or below a page there."""
        level = self.level(parent)
        known = np.flatnonzero((self.rows >= 0) & (self.topmost <= level))
        lineages = self.tree.lineages[self.rows[known]]
        if level >= lineages.shape[1]:
            return known[:0]
        below = lineages[:, level] != NO_PARENT
        if level:
            below &= lineages[:, level - 1] == parent
        rows: Ints = known[below]
        return rows

    def under(self, categories: Iterable[int]) -> Ints:
        """Return the rows of the products that stand at or below any of the categories."""
        under = np.asarray(np.isin(self.tree.lineages, list(categories)).any(axis=1))
        rows: Ints = np.flatnonzero(under[self.rows] & (self.rows >= 0))
        return rows

    def at(self, rows: Ints, parent: int) -> Bools:
        """Return (N,) which of the products stand at a child of the parent, not further down."""
        at: Bools = self.tree.parents[self.rows[rows]] == parent
        return at

    def level(self, parent: int) -> int:
        """Return the number of categories from the root down to the parent: 0 for NO_PARENT."""
        if parent == NO_PARENT:
            return 0
        return int(self.tree.depths[self.tree.rows(np.array([parent], np.int64))[0]])


def parents_to_measure(tree: Tree, pages: Iterable[int]) -> list[int]:
    """Return the parents among whose children confusion is measured, ascending.

    Those of the given pages; when these are all pages of the tree, also those below them.
    """
    wanted = {tree.parent_of[page] for page in pages if page in tree.parent_of}
    if set(tree.pages) <= set(pages):
        under = np.isin(tree.lineages, list(tree.pages)).any(axis=1)
        wanted |= set(tree.parents[under].tolist())
    return sorted(wanted)


def measure(siblings: Siblings, rows: Ints, texts: Texts, head: Head) -> Measured:
    """Return how the N rows of the catalogue stand among the siblings, and the confused pairs."""
    likeliest, probability = [np.empty(0, np.int64)], [np.empty(0)]
    fences: list[_Fence] = []
    for part in _slices(siblings, rows):
        placed = disambiguate(siblings, part, texts, head)
        likeliest.append(placed.siblings[placed.after.argmax(axis=1)])
        probability.append(np.minimum(np.exp(placed.after.max(axis=1)), 1.0))
        if placed.uncertain.any():
            fences.append(_fence(part, placed))
    return Measured(
        siblings.parent,
        rows,
        np.concatenate(likeliest),
        np.concatenate(probability),
        [_confused(siblings, *fence, texts, head) for fence in _by_pair(fences)],
    )


def between(
    siblings: Siblings, first: int, second: int, rows: Ints, texts: Texts, head: Head, most: int
) -> Confused:
    """Return the `most` rows that stand nearest to the fence between two of the siblings.

    The lower id comes first. Raises ValueError when one of the two is not among the siblings.
    """
    i, j = (siblings.ids.tolist().index(pk) for pk in (first, second))
    before = [logs[:, i] - logs[:, j] for logs in _logits(siblings, rows, head)]
    fence = (i, j), rows, np.concatenate([*before, np.empty(0)])
    return _confused(siblings, *fence, texts, head, most)


def _logits(siblings: Siblings, rows: Ints, head: Head) -> Iterator[Doubles]:
    return (siblings.logits(part, head) for part in _slices(siblings, rows))


def _slices(siblings: Siblings, rows: Ints) -> list[Ints]:
    step = max(64, min(ROWS_AT_ONCE, CELLS_AT_ONCE // max(len(siblings), 1) ** 2))
    return [rows[start : start + step] for start in range(0, len(rows), step)]


def _fence(rows: Ints, placed: Placed) -> _Fence:
    """The uncertain of the rows, the places of their two likeliest, and their log-odds."""
    pairs = placed.likeliest
    margins = placed.pair_margins(pairs)
    return rows[placed.uncertain], pairs[placed.uncertain], margins[placed.uncertain]


def _by_pair(fences: list[_Fence]) -> Iterator[tuple[tuple[int, int], Ints, Doubles]]:
    """Yield each pair's two places among the siblings, its rows, and their log-odds."""
    if not fences:
        return
    rows, places, before = (np.concatenate(columns) for columns in zip(*fences, strict=True))
    pairs, which = np.unique(places, axis=0, return_inverse=True)
    for number, (i, j) in enumerate(pairs.tolist()):
        here = which.reshape(-1) == number
        yield (i, j), rows[here], before[here]


def _confused(
    siblings: Siblings,
    pair: tuple[int, int],
    rows: Ints,
    before: Doubles,
    texts: Texts,
    head: Head,
    most: int = FENCE_LIMIT,
) -> Confused:
    first, second = (int(siblings.ids[place]) for place in pair)
    nearest = np.sort(np.lexsort((rows, np.abs(before)))[:most])
    kept, before = rows[nearest], before[nearest]
    margin = before
    if texts.tell_apart(first, second):
        sides = texts.side(first, second), texts.side(second, first)
        margin = fence_of(siblings.shelf.catalogue, kept).margins(before, *sides, head)
    return Confused(first, second, len(rows), kept, before, margin)
