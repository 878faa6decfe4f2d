"""What a blend is learned from: the signals of judged products, as an unjudged page sees them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ranking.learning.folds import page_groups, title_keys
from ranking.pipeline.blend import features
from ranking.pipeline.data import NOTHING_JUDGED, Bools, Doubles, Ints, Judged, Options
from ranking.pipeline.disambiguate import NO_TEXTS, UNTRAINED, Guide, Head, Texts
from ranking.pipeline.names import KEYS
from ranking.pipeline.page_stats import PageStats, no_stats
from ranking.pipeline.profile import RIGHT, Profile, profile
from ranking.pipeline.rerank import Reader
from ranking.pipeline.retrieve import retrieve
from ranking.pipeline.shelf import Shelf
from ranking.pipeline.signals import measure

AT_ONCE = 64  # pages retrieved together


@dataclass(frozen=True, eq=False)
class Examples:
    """J judged products, in the order they were given."""

    signals: Doubles  # (J, F)
    beside: Doubles  # (J, T) how they stand among their page's candidates: `PageStats.beside`
    grades: Doubles
    elsewhere: Doubles  # share of people who say it belongs to another category; NaN for nobody
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

    @property
    def features(self) -> Doubles:
        """(J, F + T) all that a blend weighs."""
        return features(self.signals, self.beside)

    def where(self, kept: Bools) -> Examples:
        """Return the examples whose place in `kept` (J,) is true."""
        return self.in_order(np.flatnonzero(kept))

    def without(self, key: str) -> Examples:
        """Return the examples as if this signal were unknown everywhere, its statistics too."""
        return replace(self, signals=np.where(np.array(KEYS) == key, np.nan, self.signals))

    def in_order(self, order: Ints) -> Examples:
        """Return the examples at these places, in their order."""
        return Examples(**{name: column[order] for name, column in vars(self).items()})


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
    options: Options | None = None,
) -> Examples:
    """Return what was judged and is still there, with its signals, and how they stand among the
    candidates that the page has by `options` (those of a run where none are given).

    A page's own judgments stay out of what it is about: otherwise a product judged right would
    be measured against itself, and the blend would learn to trust that. A learned head knows them
    as far as its few numbers, the same for all pages, can: whoever measures leaves it untrained.
    """
    judged = present(shelf, judged)
    view = _View(shelf, Guide(shelf, NOTHING_JUDGED, texts, head), reader, options or Options())
    rows = shelf.catalogue.rows(judged.products)
    titles = title_keys([shelf.catalogue.titles[row] for row in rows])
    signals = np.full((len(rows), len(KEYS)), np.nan)
    beside = no_stats(len(rows))
    pages = np.unique(judged.pages).tolist()
    for start in range(0, len(pages), AT_ONCE):
        for page, candidates in view.unjudged(pages[start : start + AT_ONCE]):
            here = judged.pages == page.page
            signals[here], beside[here] = view.measured(page, candidates, rows[here])
    return Examples(
        signals,
        beside,
        judged.grades,
        judged.elsewhere,
        judged.pages,
        judged.products,
        page_groups(judged.pages, titles, shelf.tree.parent_of),
        titles,
        judged.weights,
    )


@dataclass(frozen=True, eq=False)
class _View:
    """How pages look to a run before anybody has judged them."""

    shelf: Shelf
    guide: Guide
    reader: Reader | None
    options: Options

    def unjudged(self, pages: list[int]) -> list[tuple[Profile, Ints]]:
        """Each page with its candidates."""
        profiles = [profile(page, self.shelf, NOTHING_JUDGED) for page in pages]
        return list(zip(profiles, retrieve(profiles, self.shelf, self.options), strict=True))

    def measured(self, page: Profile, candidates: Ints, rows: Ints) -> tuple[Doubles, Doubles]:
        """Signals (N, F) of the rows, and how they stand among the candidates (N, T)."""
        everyone = np.union1d(candidates, rows)
        moved = self.guide.sibling_fit(page.page, everyone)
        read = self.reader.reranked_unseen(page, everyone) if self.reader else None
        signals = measure(page, everyone, self.shelf, moved, read)
        mine = signals[np.searchsorted(everyone, rows)]
        stats = PageStats.of(signals[np.searchsorted(everyone, candidates)])
        return mine, stats.beside(mine)
