"""Judged pages with all their candidates, scored by blends that did not learn from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ranking.learning.blender import learn
from ranking.learning.examples import Examples, present
from ranking.learning.folds import splits
from ranking.pipeline.blend import Blend
from ranking.pipeline.data import NOTHING_JUDGED, Bools, Doubles, Ints, Judged, Options
from ranking.pipeline.disambiguate import NO_TEXTS, UNTRAINED, Guide, Head, Texts
from ranking.pipeline.outliers.stage import evidence_of, measure_oddities, price_slips
from ranking.pipeline.profile import Profile, profile
from ranking.pipeline.report import Scored
from ranking.pipeline.rerank import Reader
from ranking.pipeline.retrieve import retrieve
from ranking.pipeline.shelf import Shelf
from ranking.pipeline.signals import measure


@dataclass(frozen=True, eq=False)
class Look:
    """A page as if nobody had judged it, and what people said of its N products."""

    page: Profile
    rows: Ints  # (N,) in the catalogue, ascending: candidates and judged products
    signals: Doubles  # (N, F)
    grades: Doubles  # (N,) NaN where nobody judged


@dataclass(frozen=True, eq=False)
class Doubted:
    """A look with what speaks against its N products."""

    look: Look
    confidence: Doubles  # (N,) by a blend that did not learn from the page
    evidence: Doubles  # (N, O)

    @property
    def judged(self) -> Bools:
        """(N,) which products people judged."""
        return np.isfinite(self.look.grades)


def look_at(
    shelf: Shelf,
    judged: Judged,
    texts: Texts = NO_TEXTS,
    head: Head = UNTRAINED,
    reader: Reader | None = None,
    options: Options | None = None,
) -> list[Look]:
    """Return a look at each judged page that is still there, by ascending page."""
    judged = present(shelf, judged)
    guide = Guide(shelf, NOTHING_JUDGED, texts, head)
    profiles = [profile(page, shelf, NOTHING_JUDGED) for page in np.unique(judged.pages).tolist()]
    candidates = retrieve(profiles, shelf, options or Options())
    looks = []
    for page, found in zip(profiles, candidates, strict=True):
        here = judged.where(judged.pages == page.page)
        own = shelf.catalogue.rows(here.products)
        rows = np.union1d(found, own)
        read = reader.reranked_unseen(page, rows) if reader else None
        signals = measure(page, rows, shelf, guide.sibling_fit(page.page, rows), read)
        grades = np.full(len(rows), np.nan)
        grades[np.searchsorted(rows, own)] = here.grades
        looks.append(Look(page, rows, signals, grades))
    return looks


def blends_of_others(known: Examples, blend: Blend, seed: int) -> dict[int, Blend]:
    """Return for each judged page a blend of the same kind that learned from other families, its
    calibration and what it knows of misfiled products too: nothing of it moves with the page's own
    grades. Where the others are too few to learn from, it is the default."""
    kinds = (blend.about["kind"],)
    blends: dict[int, Blend] = {}
    for split in splits(known.groups, known.titles, seed):
        learned = learn(known.where(split.learn), seed, kinds).blend
        blends |= dict.fromkeys(np.unique(known.pages[split.held]).tolist(), learned)
    return blends


def doubt(looks: Sequence[Look], blends: Mapping[int, Blend], shelf: Shelf) -> list[Doubted]:
    """Return the looks, each as its page's blend sees it."""
    return [_doubt(look, blends[look.page.page], shelf) for look in looks]


def _doubt(look: Look, blend: Blend, shelf: Shelf) -> Doubted:
    scored = Scored.by(blend, look.page, look.rows, look.signals)
    said = (scored.confidence, scored.misfiled, shelf.catalogue)
    oddities = measure_oddities(look.page, look.rows, *said)
    slips = price_slips(look.page, look.rows, scored.confidence, shelf.catalogue)
    return Doubted(look, scored.confidence, evidence_of(oddities, slips))
