"""What a blend is learned from: the signals of judged products, as an unjudged page sees them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ranking.learning.folds import page_groups, title_keys
from ranking.pipeline.data import NOTHING_JUDGED, Bools, Doubles, Ints, Judged
from ranking.pipeline.disambiguate import NO_TEXTS, UNTRAINED, Guide, Head, Texts
from ranking.pipeline.names import KEYS
from ranking.pipeline.profile import RIGHT, profile
from ranking.pipeline.rerank import Reader
from ranking.pipeline.shelf import Shelf
from ranking.pipeline.signals import measure


@dataclass(frozen=True, eq=False)
class Examples:
    """J judged products, in the order they were given."""

    signals: Doubles  # (J, F)
    grades: Doubles
    pages: Ints
    products: Ints
    groups: Ints  # families of pages have the same (`folds.page_groups`); never split
    titles: Ints  # near-duplicates have the same (`folds.title_keys`); never on both sides
    weights: Doubles  # how much was said of each: one person who is wholly reliable is 1

    def __len__(self) -> int:
        return len(self.grades)

    @property
    def is_right(self) -> Bools:
        return self.grades >= RIGHT

    def where(self, kept: Bools) -> Examples:
        """Return the examples whose place in `kept` (J,) is true."""
        return Examples(
            self.signals[kept],
            self.grades[kept],
            self.pages[kept],
            self.products[kept],
            self.groups[kept],
            self.titles[kept],
            self.weights[kept],
        )


def present(shelf: Shelf, judged: Judged) -> Judged:
    """Return the judgments whose page and product are still there."""
    rows, pages = shelf.catalogue.rows(judged.products), shelf.tree.rows(judged.pages)
    return judged.where((rows >= 0) & (pages >= 0))


def examples(
    shelf: Shelf,
    judged: Judged,
    texts: Texts = NO_TEXTS,
    head: Head = UNTRAINED,
    reader: Reader | None = None,
) -> Examples:
    """Return what was judged and is still there, with its signals.

    A page's own judgments stay out of what it is about: otherwise a product judged right would
    be measured against itself, and the blend would learn to trust that.
    """
    guide = Guide(shelf, NOTHING_JUDGED, texts, head)
    judged = present(shelf, judged)
    rows = shelf.catalogue.rows(judged.products)
    signals = np.full((len(rows), len(KEYS)), np.nan)
    for page in np.unique(judged.pages).tolist():
        here = judged.pages == page
        about = profile(page, shelf, NOTHING_JUDGED)
        moved = guide.sibling_fit(page, rows[here])
        read = reader.reranked_unseen(about, rows[here]) if reader else None
        signals[here] = measure(about, rows[here], shelf, moved, read)
    titles = title_keys([shelf.catalogue.titles[row] for row in rows])
    return Examples(
        signals,
        judged.grades,
        judged.pages,
        judged.products,
        page_groups(judged.pages, titles, shelf.tree.parent_of),
        titles,
        judged.weights,
    )
