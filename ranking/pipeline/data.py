"""What goes into the pipeline and what comes out: plain arrays, no database.

Letters: P products, C categories, J judged pairs, D dimensions of the vectors' space.
Text and picture vectors live in one space and have unit length; a row of NaN means unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ranking.pipeline.options import Options as Options  # what goes in, too

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
    text: Floats  # (P, D) of `retrieve.product_line`; unit rows, or NaN while not encoded
    picture: Floats  # (P, D) unit rows, or NaN without a usable picture
    filed_under: Ints  # category id, or UNFILED
    filing_confidence: Floats  # 0 to 1; any value where unfiled
    log_price: Doubles  # natural logarithm of the price in `currencies`; NaN when unknown or 0
    currencies: list[str]  # ISO 4217, or "" when unknown
    # Days for which a product was missing when its retailer was last heard of, and days for which
    # the retailer itself has been silent; NaN when unknown.
    days_unseen: Floats
    days_silent: Floats
    retailer: Ints  # id
    in_stock: Bools  # unless the feed says otherwise
    group: Ints  # id of the lowest product that is the same: its own when there is no other
    details: list[str] = field(default_factory=list)  # key attributes as text; or none at all
    # Of all that the feed says of each, and of its retailer, for those who are told of it; or none
    # at all.
    fingerprints: list[str] = field(default_factory=list)
    sellers: list[str] = field(default_factory=list)

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
    grades: Doubles  # 0 to 3: what people's words come to
    annotators: Ints  # how many people spoke, merchandisers not among them
    weights: Doubles  # of all who spoke, summed: one person who is wholly reliable is 1
    elsewhere: Doubles  # share of people who say it belongs to another category; NaN for nobody

    def __len__(self) -> int:
        return len(self.pages)

    def without_pages(self, page_ids: Ints) -> Judged:
        """Return the judgments of all other pages."""
        return self.where(~np.isin(self.pages, page_ids))

    def where(self, kept: Bools) -> Judged:
        """Return the judgments whose place in `kept` (J,) is true."""
        return self.in_order(np.flatnonzero(kept))

    def in_order(self, order: Ints) -> Judged:
        """Return the judgments at these places, in their order."""
        return Judged(
            self.pages[order],
            self.products[order],
            self.grades[order],
            self.annotators[order],
            self.weights[order],
            self.elsewhere[order],
        )


NOTHING_JUDGED = Judged(
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty(0, np.float64),
    np.empty(0, np.int64),
    np.empty(0, np.float64),
    np.empty(0, np.float64),
)


@dataclass(frozen=True)
class Ranked:
    """What became of one candidate on one page."""

    product: int
    position: int | None  # from 1; None when removed
    removed_by: str  # the rule's name; empty when shown
    why: str  # one plain sentence: why here, or why removed
    score: float  # what the order follows before the rules; log-odds
    confidence: float  # calibrated probability of grade 2 or 3, 0 to 1
    duplicate_of: int | None  # the offer of the same product that is shown in its place
    moves: list[dict[str, str | int]]  # "rule", "reason", "places": up is positive; in order
    misfiled: float | None  # calibrated probability that it belongs on another page
    chance_wrong: float | None  # estimated probability that it is not right here, all told
    oddities: dict[str, float]  # what is odd about it among the page's products, 0 to 1
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
    known: str = ""  # of all that was known before it was ranked; "" where nobody asked
    is_unchanged: bool = False  # nothing had changed: nothing was ranked, there are no rows

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
    pages: frozenset[int] = frozenset()  # ids of those that are switched on to be ranked

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, category_ids: Ints) -> Ints:
        """Return where the categories stand in the arrays; -1 for those that are not live."""
        return positions(self.ids, category_ids)

    @cached_property
    def parent_of(self) -> dict[int, int]:
        """Each category's parent, or NO_PARENT."""
        return dict(zip(self.ids.tolist(), self.parents.tolist(), strict=True))

    @cached_property
    def lineages(self) -> Ints:
        """(C, levels) ids from the root down to the category itself, then NO_PARENT.

        A parent that is not live counts as none.
        """
        above = self.rows(self.parents)
        levels = [np.arange(len(self), dtype=np.int64)]
        while len(levels) <= len(self) and (levels[-1] >= 0).any():
            levels.append(np.where(levels[-1] >= 0, above[levels[-1]], -1))
        upward = np.stack(levels, axis=1)  # (C, levels + 1): the category, its parent, …, -1
        depth = (upward >= 0).sum(axis=1)
        from_root = depth[:, None] - 1 - np.arange(max(depth.max(initial=0), 1))
        rows = np.take_along_axis(upward, np.maximum(from_root, 0), axis=1)
        lineages: Ints = np.where(from_root >= 0, self.ids[rows], NO_PARENT)
        return lineages

    @cached_property
    def depths(self) -> Ints:
        """(C,) the number of categories from the root down to each, itself included."""
        depths: Ints = (self.lineages != NO_PARENT).sum(axis=1)
        return depths

    def is_under(self, row: int) -> Bools:
        """Return (C,) which categories are the one at `row` or lie below it."""
        level = self.depths[row] - 1
        is_under: Bools = self.lineages[:, level] == self.ids[row]
        return is_under

    def is_over(self, row: int) -> Bools:
        """Return (C,) which categories are the one at `row` or lie above it."""
        return np.isin(self.ids, self.lineages[row])

    def siblings(self, row: int) -> Ints:
        """Return the ids of the parent's other children, ascending; the other roots of a root."""
        depth = self.depths[row]
        beside = (self.depths == depth) & (self.ids != self.ids[row])
        if depth > 1:
            beside &= self.lineages[:, depth - 2] == self.lineages[row, depth - 2]
        siblings: Ints = self.ids[beside]
        return siblings

    def distances(self, row: int) -> Doubles:
        """Return (C,) the edges from the category at `row` to each, by way of their lowest
        common ancestor. Roots meet above the tree."""
        equal = (self.lineages == self.lineages[row]) & (self.lineages != NO_PARENT)
        shared = np.logical_and.accumulate(equal, axis=1).sum(axis=1)
        distances: Doubles = (self.depths + self.depths[row] - 2 * shared).astype(np.float64)
        return distances


def positions(ascending: Ints, wanted: Ints) -> Ints:
    """Return the index of each wanted id in the ascending ids, -1 where it is missing."""
    if not len(ascending):
        return np.full(len(wanted), -1, np.int64)
    at = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    found: Ints = np.where(ascending[at] == wanted, at, -1).astype(np.int64)
    return found
