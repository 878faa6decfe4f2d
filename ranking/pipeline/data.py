"""What goes into the pipeline and what comes out: plain arrays, no database.

Letters: P products, C categories, J judged pairs, D dimensions of the vectors' space.
Text and picture vectors live in one space and have unit length; a row of NaN means unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

UNFILED = -1  # in `filed_under`: nobody has said where the product belongs
NO_PARENT = -1  # in `parents`: a root of the tree


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All products that may be ranked, by ascending id. Every field has P entries."""

    ids: Ints
    titles: list[str]
    descriptions: list[str]
    brands: list[str]
    text: Floats  # (P, D) of the title; unit rows, or NaN while not encoded
    picture: Floats  # (P, D) unit rows, or NaN without a usable picture
    filed_under: Ints  # category id, or UNFILED
    filing_confidence: Floats  # 0 to 1; any value where unfiled
    log_price: Doubles  # natural logarithm of the price in `currencies`; NaN when unknown or 0
    currencies: list[str]  # ISO 4217, or "" when unknown
    days_unseen: Floats  # days between the run's moment and the last crawl; NaN when unknown

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, product_ids: Ints) -> Ints:
        """Return where the products stand in the arrays; -1 for those that are not there."""
        return positions(self.ids, product_ids)


@dataclass(frozen=True, eq=False)
class Judged:
    """What people think of (page, product) pairs, in any order. Every field has J entries."""

    pages: Ints  # category ids
    products: Ints  # product ids
    grades: Doubles  # 0 to 3: the median over annotators
    annotators: Ints  # how many annotators the median is over

    def __len__(self) -> int:
        return len(self.pages)

    def of_pages(self, page_ids: Ints) -> Judged:
        """Return the judgments of these pages."""
        return self.where(np.isin(self.pages, page_ids))

    def without_pages(self, page_ids: Ints) -> Judged:
        """Return the judgments of all other pages."""
        return self.where(~np.isin(self.pages, page_ids))

    def where(self, kept: Bools) -> Judged:
        """Return the judgments whose place in `kept` (J,) is true."""
        return Judged(
            self.pages[kept], self.products[kept], self.grades[kept], self.annotators[kept]
        )


NOTHING_JUDGED = Judged(
    np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.int64)
)


@dataclass(frozen=True)
class Options:
    """What a run may be told. All of it is part of a page's input digest."""

    shown: int = 48  # products that a page shows
    candidates: int = 200  # nearest products looked at per page: 3 to 5 times what is shown
    minimum_confidence: float = 0.35  # below it a product is removed
    half_life_days: float = 30.0  # days unseen after which freshness has halved
    freshness_floor: float = 0.5  # freshness never falls below it
    longest_unseen_days: float = 60.0  # products unseen for longer are removed


@dataclass(frozen=True)
class Ranked:
    """What became of one candidate on one page."""

    product: int
    position: int | None  # from 1; None when removed
    removed_by: str  # the rule's name; empty when shown
    why: str  # one plain sentence: why here, or why removed
    score: float  # what the order follows before the rules; log-odds
    confidence: float  # calibrated probability of grade 2 or 3, 0 to 1
    signals: dict[str, float | None]  # None where unknown
    contributions: dict[str, float]  # by signal, and "base"; they sum to the score


@dataclass(frozen=True)
class PageRanking:
    """One page's ranking: shown rows by position, then removed rows by falling score."""

    page: int
    rows: list[Ranked]
    relaxed: str  # plain sentence when a rule was relaxed so that the page is not empty
    seconds: dict[str, float]  # by stage; the only part that differs between equal inputs
    digest: str  # of all inputs the ranking depends on: 64 hexadecimal digits

    @property
    def shown(self) -> list[Ranked]:
        return [row for row in self.rows if row.position is not None]

    @property
    def removed(self) -> list[Ranked]:
        return [row for row in self.rows if row.position is None]


@dataclass(frozen=True, eq=False)
class Tree:
    """The live categories, by ascending id. Every field has C entries."""

    ids: Ints
    parents: Ints  # category id, or NO_PARENT
    names: list[str]
    paths: list[str]  # names from the root, joined by " > "
    # (C, D) unit rows: the normalised mean of the category's encoded prompts
    # (`retrieve.prompts`); NaN for categories that were not encoded.
    text: Floats
    _lineages: dict[int, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, category_ids: Ints) -> Ints:
        """Return where the categories stand in the arrays; -1 for those that are not live."""
        return positions(self.ids, category_ids)

    @cached_property
    def parent_of(self) -> dict[int, int]:
        """Each category's parent id, or NO_PARENT; a parent that is not live counts as none."""
        live = set(self.ids.tolist())
        return {
            child: parent if parent in live else NO_PARENT
            for child, parent in zip(self.ids.tolist(), self.parents.tolist(), strict=True)
        }

    def lineage(self, category: int) -> tuple[int, ...]:
        """Return the ids from the root down to the category itself."""
        if category not in self._lineages:
            parent = self.parent_of[category]
            above = () if parent == NO_PARENT else self.lineage(parent)
            self._lineages[category] = (*above, category)
        return self._lineages[category]

    def siblings(self, category: int) -> list[int]:
        """Return the ids of the parent's other children, ascending; other roots for a root."""
        parent = self.parent_of[category]
        return [
            other for other, its in self.parent_of.items() if its == parent and other != category
        ]

    def subtree(self, category: int) -> list[int]:
        """Return the ids of the category and of everything below it, ascending."""
        return [other for other in self.parent_of if category in self.lineage(other)]

    def distance(self, one: int, other: int) -> float:
        """Return the edges between two categories by way of their lowest common ancestor.

        Two roots meet above the tree. NaN when a category is not live.
        """
        if one not in self.parent_of or other not in self.parent_of:
            return float("nan")
        first, second = self.lineage(one), self.lineage(other)
        shared = sum(a == b for a, b in zip(first, second, strict=False))
        return float(len(first) + len(second) - 2 * shared)


def positions(ascending: Ints, wanted: Ints) -> Ints:
    """Return the index of each wanted id in the ascending ids, -1 where it is missing."""
    if not len(ascending):
        return np.full(len(wanted), -1, np.int64)
    at = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    found: Ints = np.where(ascending[at] == wanted, at, -1).astype(np.int64)
    return found
