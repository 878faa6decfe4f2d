"""What a course learns from, and how it is divided."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b

import numpy as np

from ranking.learning.blender import linear
from ranking.learning.examples import Examples, examples, present
from ranking.learning.folds import Split, splits
from ranking.learning.reranker.fitting import Schedule
from ranking.learning.reranker.lists import Ranker
from ranking.pipeline.data import Ints, Judged, Options
from ranking.pipeline.disambiguate import Texts
from ranking.pipeline.rerank.pictures import Way
from ranking.pipeline.rerank.texts import page_text, product_text_at
from ranking.pipeline.shelf import Shelf

KEPT_APART = 0.15  # share of the pages that say when to stop


@dataclass(frozen=True)
class Plan:
    """How a course is done. All of it decides the result."""

    seed: int
    folds: int = 4
    layers: int = 2  # of the student
    use: str = ""  # "teacher" or "student", whatever is lost by it; empty: what is found better
    regardless: bool = False  # of whether it earns its place, so that benches can measure students
    # On pages of the made-up shop kept apart the cross-encoder alone reaches an NDCG@10 of 0.94
    # with it, 0.70 without pictures, 0.56 with a token: `python -m tests.bench.reranker pictures`.
    picture: Way = "late"
    source: str = ""  # a BERT's folder to begin from; empty for MiniLM
    beginning: Schedule = field(default=Schedule(steps=250, rate=2e-4, frozen=2))
    lessons: Schedule = field(default=Schedule(steps=80))
    # On Icecat a student of two layers loses .07 NDCG@10 after 120 lists, and nothing after 600.
    studies: Schedule = field(default=Schedule(steps=600, rate=3e-4, frozen=0))


@dataclass(frozen=True, eq=False)
class Data:
    """The judgments of a shop, with what is known of their pages and products."""

    shelf: Shelf
    judged: Judged  # whose page and product are there
    texts: Texts
    options: Options
    known: Examples  # the same judged products with their signals, the cross-encoder's unknown

    @classmethod
    def of(cls, shelf: Shelf, judged: Judged, texts: Texts, options: Options) -> Data:
        """Return the data with the signals measured."""
        here = present(shelf, judged)
        known = examples(shelf, here, texts, options=options)
        return cls(shelf, here, texts, options, known)

    @property
    def pages(self) -> list[int]:
        """All pages that are judged or in use, ascending."""
        in_use = np.array(sorted(self.shelf.tree.pages), np.int64)
        pages: list[int] = np.union1d(self.judged.pages, in_use).tolist()
        return pages

    def splits(self, plan: Plan) -> list[Split]:
        """Return the plan's folds."""
        return list(splits(self.known.groups, self.known.titles, plan.seed, plan.folds))

    def held(self, plan: Plan, fold: int) -> dict[int, Ints]:
        """Return the judged rows of the pages that a fold keeps apart, ascending."""
        held = self.splits(plan)[fold].held
        rows = self.shelf.catalogue.rows(self.judged.products)
        pages = self.judged.pages
        return {page: np.unique(rows[pages == page]) for page in np.unique(pages[held]).tolist()}

    def ranker(self, plan: Plan, fold: int | None = None) -> Ranker:
        """Return the stages before, as they rank without what the fold keeps apart."""
        learn = np.ones(len(self.judged), bool)
        if fold is not None:
            learn = self.splits(plan)[fold].learn
        blend = linear(self.known.where(learn), plan.seed)
        return Ranker(self.shelf, self.judged.where(learn), blend, self.texts, self.options)

    def kept_apart(self, pages: list[int], seed: int) -> set[int]:
        """Return some of the pages, by whole families, that say when to stop: none where there
        are fewer than three families."""
        group = dict(zip(self.known.pages.tolist(), self.known.groups.tolist(), strict=True))
        families = np.unique([group[page] for page in pages])
        if len(families) < 3:
            return set()
        apart: set[int] = set()
        for family in np.random.default_rng(seed).permutation(families).tolist():
            more = {page for page in pages if group[page] == family}
            if len(apart | more) <= max(KEPT_APART * len(pages), 1) or not apart:
                apart |= more
        return apart

    @cached_property
    def digest(self) -> str:
        """A hash of pages, products, grades and texts, and of how the blend sees them."""
        content = blake2b(digest_size=16)
        for column in (*vars(self.judged).values(), self.known.signals):
            content.update(np.ascontiguousarray(column).tobytes())
        for page in self.pages:
            content.update(page_text(self.shelf.tree, self.texts, page).encode())
        for row in self.shelf.catalogue.rows(np.unique(self.judged.products)).tolist():
            content.update(product_text_at(self.shelf.catalogue, row).encode())
        content.update(repr((self.options, len(self.shelf.catalogue))).encode())
        return content.hexdigest()
