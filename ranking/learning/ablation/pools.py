"""What the stages put in order: each page's candidates and judged products, with their signals.

Nothing here depends on what is learned, so that it is made once and serves every stage and fold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from ranking.evaluation import known_misfiling
from ranking.pipeline.data import NOTHING_JUDGED, Bools, Doubles, Ints, Judged, Options
from ranking.pipeline.disambiguate import NO_TEXTS, Guide, Texts
from ranking.pipeline.names import KEYS
from ranking.pipeline.profile import Profile, profile
from ranking.pipeline.rerank import Reader
from ranking.pipeline.retrieve import retrieve
from ranking.pipeline.shelf import Shelf
from ranking.pipeline.signals import measure
from ranking.pipeline.words import Words

Beat = Callable[[str, int, int], None]  # stage, done, total


@dataclass(frozen=True, eq=False)
class Pool:
    """A page as if nobody had judged it, and what people said of its N products."""

    page: Profile
    rows: Ints  # (N,) in the catalogue, ascending
    signals: Doubles  # (N, F)
    grades: Doubles  # (N,) NaN where nobody judged
    elsewhere: Doubles  # (N,) share of people who say it belongs elsewhere, NaN where unknown
    seconds: dict[str, float]  # by stage

    def without(self, *keys: str) -> Pool:
        """Return the pool as if these signals were unknown everywhere."""
        return replace(self, signals=blanked(self.signals, *keys))


@dataclass(frozen=True, eq=False)
class Seen:
    """What pages are ranked with, but for people's judgments."""

    shelf: Shelf
    options: Options
    texts: Texts = NO_TEXTS
    reader: Reader | None = None


def make_pools(seen: Seen, measured: Judged, beat: Beat) -> list[Pool]:
    """Return a pool for each judged page, by ascending page.

    Pages and products must be there (`examples.present`). Whether a product is misfiled is unknown
    throughout where nobody says so of any: see `known_misfiling`.
    """
    measured = replace(measured, elsewhere=known_misfiling(measured.elsewhere))
    _make_shared(seen.shelf)
    pages = np.unique(measured.pages).tolist()
    profiles = [profile(page, seen.shelf, NOTHING_JUDGED) for page in pages]
    start = perf_counter()
    candidates = retrieve(profiles, seen.shelf, seen.options)
    each = (perf_counter() - start) / max(len(pages), 1)
    guide = Guide(seen.shelf, NOTHING_JUDGED, seen.texts)
    pools = []
    for number, (page, rows) in enumerate(zip(profiles, candidates, strict=True)):
        beat("Measuring signals", number, len(pages))
        here = measured.where(measured.pages == page.page)
        pools.append(_pool(page, rows, here, seen, guide, each))
    return pools


def _make_shared(shelf: Shelf) -> None:
    """Have the parts that all pages share made before the first page's clock runs."""
    for part in ("text", "picture", "words", "filed", "currency_codes", "spoken_of"):
        getattr(shelf, part)


def plain_words(shelf: Shelf) -> Words:
    """Return the words of titles and descriptions as `validation.bm25` takes them."""
    texts = zip(shelf.catalogue.titles, shelf.catalogue.descriptions, strict=True)
    return Words([f"{title} {description}" for title, description in texts], stemmed=False)


def blanked(signals: Doubles, *keys: str) -> Doubles:
    """Return (N, F) signals with these unknown."""
    dropped: Bools = np.isin(KEYS, keys)
    return np.where(dropped, np.nan, signals)


def _pool(
    page: Profile, candidates: Ints, judged: Judged, seen: Seen, guide: Guide, retrieving: float
) -> Pool:
    own = seen.shelf.catalogue.rows(judged.products)
    rows = np.union1d(candidates, own)
    seconds, ticks = {"retrieval": retrieving}, [perf_counter()]
    moved = guide.sibling_fit(page.page, rows)
    ticks.append(perf_counter())
    read = seen.reader.reranked_unseen(page, rows) if seen.reader else None
    ticks.append(perf_counter())
    signals = measure(page, rows, seen.shelf, moved, read)
    ticks.append(perf_counter())
    took = np.diff(ticks).tolist()
    seconds |= dict(zip(("disambiguation", "reranking", "signals"), took, strict=True))
    at = np.searchsorted(rows, own)
    grades, elsewhere = np.full((2, len(rows)), np.nan)
    grades[at], elsewhere[at] = judged.grades, judged.elsewhere
    return Pool(page, rows, signals, grades, elsewhere, seconds)
