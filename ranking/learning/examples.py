"""What a blend is learned from: the signals of judged products, as an unjudged page sees them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ranking.pipeline.data import NOTHING_JUDGED, Bools, Doubles, Ints, Judged
from ranking.pipeline.disambiguate import NO_TEXTS, UNTRAINED, Guide, Head, Texts
from ranking.pipeline.names import KEYS
from ranking.pipeline.profile import RIGHT, profile
from ranking.pipeline.rerank import Reader
from ranking.pipeline.shelf import Shelf
from ranking.pipeline.signals import measure
from ranking.pipeline.words import tokens

SHARED = 0.2  # of the smaller page's titles: pages that share more are one group


@dataclass(frozen=True, eq=False)
class Examples:
    """J judged products, in the order they were given."""

    signals: Doubles  # (J, F)
    grades: Doubles
    pages: Ints
    products: Ints
    groups: Ints  # pages that share products have the same; never split between folds
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
    titles = [" ".join(tokens(shelf.catalogue.titles[row])) for row in rows]
    groups = page_groups(judged.pages, titles)
    return Examples(signals, judged.grades, judged.pages, judged.products, groups, judged.weights)


def page_groups(pages: Ints, titles: list[str]) -> Ints:
    """Return (J,) each judged product's group: the least page linked to its own.

    Two pages are linked when they share a fifth of the smaller one's titles: nearly the same
    product on both sides of a fold would tell the one what the other learned.
    """
    of_page: dict[int, set[str]] = {page: set() for page in np.unique(pages).tolist()}
    for page, title in zip(pages.tolist(), titles, strict=True):
        of_page[page].add(title)
    group = {page: page for page in of_page}
    for one, other in combinations(of_page, 2):
        smaller = min(len(of_page[one]), len(of_page[other]))
        if len(of_page[one] & of_page[other]) >= SHARED * smaller:
            least, most = sorted((group[one], group[other]))
            group = {page: least if its == most else its for page, its in group.items()}
    return np.array([group[page] for page in pages.tolist()], np.int64)
