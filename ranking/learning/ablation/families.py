"""What a page that is measured may be ordered by: judgments of other families of pages alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ranking.learning.ablation.pools import Pool
from ranking.learning.blender import learn_blend
from ranking.learning.examples import Examples
from ranking.learning.folds import FOLDS, page_groups, title_keys
from ranking.pipeline.blend import Blend
from ranking.pipeline.data import Bools, Ints
from ranking.pipeline.shelf import Shelf

Learner = Callable[[Examples, int], Blend]


def blends_of_others(
    pools: Sequence[Pool],
    known: Examples,
    shelf: Shelf,
    seed: int,
    learn: Learner = learn_blend,
) -> dict[int, Blend]:
    """Return for each pool's page the blend that is learned from other families of pages.

    Where two folds leave the same to learn from, it is learned once.
    """
    learned: dict[bytes, Blend] = {}
    blends: dict[int, Blend] = {}
    for pages, kept in families(pools, known, shelf, seed):
        key = kept.tobytes()
        if key not in learned:
            learned[key] = learn(known.where(kept), seed)
        blends |= dict.fromkeys(pages, learned[key])
    return blends


def families(
    pools: Sequence[Pool], known: Examples, shelf: Shelf, seed: int
) -> Iterator[tuple[list[int], Bools]]:
    """Yield, fold by fold, the pages that are measured and which of the (J,) examples they may
    learn from: none of their families' pages, and no product titled like one measured there.

    Judged pages of families that are not measured are learned from in every fold.
    """
    pages = np.concatenate([known.pages, *(_judged_pages(pool) for pool in pools)])
    rows = [shelf.catalogue.rows(known.products), *(_judged_rows(pool) for pool in pools)]
    titles = title_keys([shelf.catalogue.titles[row] for row in np.concatenate(rows).tolist()])
    groups = page_groups(pages, titles, shelf.tree.parent_of)
    learnt, measured = slice(None, len(known)), slice(len(known), None)
    names = np.random.default_rng(seed).permutation(np.unique(groups[measured]))
    for fold in range(min(FOLDS, len(names))):
        held = np.isin(groups, names[fold::FOLDS])
        alike = np.isin(titles[learnt], titles[measured][held[measured]])
        yield np.unique(pages[measured][held[measured]]).tolist(), ~held[learnt] & ~alike


def _judged_rows(pool: Pool) -> Ints:
    return pool.rows[np.isfinite(pool.grades)]


def _judged_pages(pool: Pool) -> Ints:
    return np.full(len(_judged_rows(pool)), pool.page.page, np.int64)
