"""Which judged products may learn from which: never a page from its own family or its twins.

What is learned is measured on pages that it did not see. Pages under one parent are left out
together, and so are pages that share many products; single products whose titles say the same
as a held-out one's are not learned from either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ranking.learning.enough import FEWEST_GROUPS
from ranking.pipeline.data import NO_PARENT, Bools, Ints
from ranking.pipeline.words import tokens

FOLDS = 8
SHARED = 0.2  # of the smaller page's titles: pages that share more are one group


@dataclass(frozen=True, eq=False)
class Split:
    """Two parts of J examples. What is in neither is too like a held-out one to be learned from."""

    learn: Bools  # (J,)
    held: Bools  # (J,)


def splits(groups: Ints, titles: Ints, seed: int, folds: int = FOLDS) -> Iterator[Split]:
    """Yield at most `folds` splits of the (J,) examples; each is held out exactly once.

    A group is held out as a whole, and no title (a number of `title_keys`) is on both sides. The
    same examples and seed give the same splits. A single group is held out with nothing to learn
    from; no examples have no splits.
    """
    names = np.random.default_rng(seed).permutation(np.unique(groups))
    for fold in range(min(folds, len(names))):
        held = np.isin(groups, names[fold::folds])
        yield Split(~held & ~np.isin(titles, titles[held]), held)


def title_keys(titles: Sequence[str]) -> Ints:
    """Return (J,) numbers: equal where titles say the same words, in whatever order and case.

    A title without words is like no other.
    """
    seen: dict[frozenset[str] | int, int] = {}
    said = (frozenset(tokens(title)) or place for place, title in enumerate(titles))
    return np.array([seen.setdefault(words, len(seen)) for words in said], np.int64)


def page_groups(pages: Ints, titles: Ints, parent_of: Mapping[int, int]) -> Ints:
    """Return (J,) each example's group: the least page that its own is linked to.

    Pages are linked that have the same parent, or that share a fifth of the smaller one's titles
    (numbers of `title_keys`). Where all pages come to fewer than FEWEST_GROUPS groups, parents
    link nothing: a shop of a few families can still be learned from, page by page.
    """
    of_page = {page: set(titles[pages == page].tolist()) for page in np.unique(pages).tolist()}
    alike = [pair for pair in combinations(of_page, 2) if _share(*map(of_page.__getitem__, pair))]
    group = _linked(of_page, [*alike, *_siblings(of_page, parent_of)])
    if len(set(group.values())) < FEWEST_GROUPS:
        group = _linked(of_page, alike)
    return np.array([group[page] for page in pages.tolist()], np.int64)


def _share(one: set[int], other: set[int]) -> bool:
    return len(one & other) >= SHARED * min(len(one), len(other))


def _siblings(pages: Iterable[int], parent_of: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Pairs of pages with the same parent, each page with the first of its parent's."""
    first: dict[int, int] = {}
    for page in pages:
        parent = parent_of.get(page, NO_PARENT)
        if parent != NO_PARENT:
            yield first.setdefault(parent, page), page


def _linked(pages: Iterable[int], links: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each page's group: the least page that it can be reached from by links."""
    group = {page: page for page in pages}
    for one, other in links:
        least, most = sorted((group[one], group[other]))
        group = {page: least if its == most else its for page, its in group.items()}
    return group
