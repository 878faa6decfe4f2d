"""What a page is learned from: its judged products, and others drawn around them.

Judgments alone show a model only what the stages before it thought worth showing. The other
products keep it from unlearning the rest (sample expansion as in ASMOL, arXiv 2305.13647): those
the blend shows or removes carry the blend's own confidence as a soft target, products of siblings
and random ones are softly wrong. None of them counts as much as a judged one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ranking.pipeline import rank_pages
from ranking.pipeline.blend import Blend
from ranking.pipeline.data import Bools, Doubles, Ints, Judged, Options, PageRanking
from ranking.pipeline.disambiguate import Guide, Texts
from ranking.pipeline.disambiguate.siblings import Siblings
from ranking.pipeline.profile import RIGHT, profile
from ranking.pipeline.shelf import Shelf

KINDS = ("judged", "exposed", "unexposed", "sibling", "random")
JUDGED, EXPOSED, UNEXPOSED, SIBLING, RANDOM = range(len(KINDS))
DRAWN = {EXPOSED: 16, UNEXPOSED: 16, SIBLING: 16, RANDOM: 8}  # products a page, at most
NEAREST = 10  # products that stand for a sibling under which nothing is known
GRADES = 4
GAINS = (2.0 ** np.arange(GRADES) - 1) / 7
DOUBT = 0.2  # reliable people that a page's judgments are weighed against
UNJUDGED_WEIGHT = 0.1  # of one reliable person's word
SOFTLY_WRONG = np.array([0.9, 0.08, 0.01, 0.01])


@dataclass(frozen=True, eq=False)
class PageList:
    """N products that a page is learned from, by ascending row."""

    page: int
    rows: Ints  # (N,) of the catalogue
    kinds: Ints  # (N,) places in KINDS
    chances: Doubles  # (N, 4) of the grades 0 to 3; rows sum to 1
    weights: Doubles  # (N,) how much each counts; one reliable person's word is 1

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def gains(self) -> Doubles:
        """(N,) the expected gain, E[2^grade - 1] / 7."""
        gains: Doubles = self.chances @ GAINS
        return gains

    def where(self, kept: Bools | Ints) -> PageList:
        """Return the products at these places."""
        return replace(
            self,
            rows=self.rows[kept],
            kinds=self.kinds[kept],
            chances=self.chances[kept],
            weights=self.weights[kept],
        )


@dataclass(frozen=True)
class Ranker:
    """The stages before the cross-encoder, as they rank by what some judgments taught."""

    shelf: Shelf
    judged: Judged
    blend: Blend
    texts: Texts
    options: Options

    def rank(self, pages: Sequence[int]) -> Iterator[PageRanking]:
        """Yield the pages' rankings."""
        guide = Guide(self.shelf, self.judged, self.texts)
        return rank_pages(pages, self.shelf, self.judged, self.blend, self.options, guide)

    def candidates(self, pages: Sequence[int]) -> dict[int, Ints]:
        """Return the rows that each page looks at, ascending."""
        return {
            ranking.page: np.sort(_rows(self.shelf, [row.product for row in ranking.rows]))
            for ranking in self.rank(pages)
        }


def page_lists(pages: Sequence[int], ranker: Ranker, seed: int) -> list[PageList]:
    """Return what each page is learned from, in the order asked for.

    A page's list depends on the page and the seed, not on which pages are asked for together. A
    product that people judged for the page is never drawn as anything else, and one that is filed
    there, or that the blend shows there, is never drawn as wrong.
    """
    common = grade_shares(ranker.judged.grades)
    return [_page_list(ranking, ranker, common, seed) for ranking in ranker.rank(pages)]


def grade_shares(grades: Doubles) -> Doubles:
    """Return (4,) how often each grade is given, each counted once more."""
    shares = chances_of(grades).sum(axis=0) + 1.0
    normal: Doubles = shares / shares.sum()
    return normal


def chances_of(grades: Doubles) -> Doubles:
    """Return (J, 4) the grades as probabilities; what lies between two grades is shared out."""
    away = np.abs(np.clip(grades, 0, GRADES - 1)[:, None] - np.arange(GRADES))
    chances: Doubles = np.maximum(0.0, 1.0 - away)
    return chances


def smoothed(chances: Doubles, weights: Doubles, common: Doubles) -> Doubles:
    """Return (J, 4) chances drawn to the common shares (4,), the less the more people spoke."""
    heard = weights[:, None]
    drawn: Doubles = (heard * chances + DOUBT * common) / (heard + DOUBT)
    return drawn


def confidence_chances(confidence: Doubles, common: Doubles) -> Doubles:
    """Return (N, 4) chances of the grades where (N,) are those of grade 2 or 3."""
    right = np.arange(GRADES) >= RIGHT
    inside = common / np.where(right, common[right].sum(), common[~right].sum())
    chances: Doubles = inside * np.where(right, confidence[:, None], 1 - confidence[:, None])
    return chances


def _page_list(ranking: PageRanking, ranker: Ranker, common: Doubles, seed: int) -> PageList:
    """The page's judged products, with others drawn by a generator of the page's own."""
    random = np.random.default_rng([seed, ranking.page])
    judged = _judged_part(ranking.page, ranker, common)
    shown = _rows(ranker.shelf, [row.product for row in ranking.shown])
    about = profile(ranking.page, ranker.shelf, ranker.judged)
    fits = np.concatenate([judged.rows, about.filed, shown])
    siblings = np.setdiff1d(_sibling_rows(ranking.page, ranker), fits)
    looked_at = _rows(ranker.shelf, [row.product for row in ranking.rows])
    others = np.setdiff1d(
        np.arange(len(ranker.shelf.catalogue)), np.concatenate([fits, looked_at, siblings])
    )
    parts = [
        judged,
        _soft_part(ranking, EXPOSED, judged.rows, ranker, common, random),
        _soft_part(ranking, UNEXPOSED, np.append(judged.rows, siblings), ranker, common, random),
        _wrong_part(ranking.page, SIBLING, siblings, random),
        _wrong_part(ranking.page, RANDOM, others, random),
    ]
    return _joined(ranking.page, parts)


def _judged_part(page: int, ranker: Ranker, common: Doubles) -> PageList:
    here = ranker.judged.where(ranker.judged.pages == page)
    chances = smoothed(chances_of(here.grades), here.weights, common)
    rows = ranker.shelf.catalogue.rows(here.products)
    kinds = np.full(len(here), JUDGED)
    # People who say the same add certainty, not rows: three count for less than thrice one.
    return PageList(page, rows, kinds, chances, np.sqrt(here.weights))


def _soft_part(
    ranking: PageRanking,
    kind: int,
    without: Ints,
    ranker: Ranker,
    common: Doubles,
    random: np.random.Generator,
) -> PageList:
    """Products that the blend shows, or removes, with its confidence as their chance."""
    ranked = ranking.shown if kind == EXPOSED else ranking.removed
    rows = _rows(ranker.shelf, [row.product for row in ranked])
    free = np.flatnonzero(~np.isin(rows, without))
    drawn = _drawn(free, kind, random)
    confidence = np.array([ranked[place].confidence for place in drawn.tolist()], np.float64)
    chances = confidence_chances(confidence, common)
    return _unjudged(ranking.page, rows[drawn], kind, chances)


def _wrong_part(page: int, kind: int, rows: Ints, random: np.random.Generator) -> PageList:
    drawn = _drawn(rows, kind, random)
    return _unjudged(page, drawn, kind, np.tile(SOFTLY_WRONG, (len(drawn), 1)))


def _unjudged(page: int, rows: Ints, kind: int, chances: Doubles) -> PageList:
    weights = np.full(len(rows), UNJUDGED_WEIGHT)
    return PageList(page, rows, np.full(len(rows), kind), chances, weights)


def _sibling_rows(page: int, ranker: Ranker) -> Ints:
    """Products known to belong to the page's siblings, or near to what these are about."""
    shelf = ranker.shelf
    siblings = Siblings.of(shelf.tree.parent_of[page], shelf, ranker.judged)
    beside = [about for about in siblings.profiles if about.page != page]
    if not beside:
        return np.empty(0, np.int64)
    nearest = shelf.text.rows(np.stack([about.text for about in beside]), NEAREST)
    known = [
        about.known if len(about.known) else near
        for about, near in zip(beside, nearest, strict=True)
    ]
    return np.unique(np.concatenate(known))


def _drawn(free: Ints, kind: int, random: np.random.Generator) -> Ints:
    count = min(DRAWN[kind], len(free))
    drawn: Ints = np.sort(random.choice(free, count, replace=False)) if count else free[:0]
    return drawn


def _joined(page: int, parts: Collection[PageList]) -> PageList:
    whole = PageList(
        page,
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("rows", "kinds", "chances", "weights")
        ),
    )
    return whole.where(np.argsort(whole.rows, kind="stable"))


def _rows(shelf: Shelf, products: Sequence[int]) -> Ints:
    return shelf.catalogue.rows(np.array(products, np.int64))
