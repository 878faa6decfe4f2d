"""A catalogue and its tree, made ready for being ranked from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ranking.pipeline.data import Bools, Catalogue, Doubles, Ints, Tree
from ranking.pipeline.nearest import Nearest
from ranking.pipeline.norms import Norms, text_of
from ranking.pipeline.shares import Shares

NEAREST_CATEGORIES = 8  # per product: enough to find one outside of almost any page's branch
# Parts of a shelf that do not depend on where its products are filed.
WITHOUT_FILINGS = (
    *("norms", "text", "picture", "words", "currency_names", "currency_codes"),
    *("_categories", "_spoken_of"),
)
AT_ONCE = 4_096  # products whose nearest categories are found together


@dataclass(frozen=True, eq=False)
class Shelf:
    """What all pages of a run are ranked from; its parts are made at their first use."""

    catalogue: Catalogue
    tree: Tree
    kept: Norms | None = None  # from the run that this one builds on

    @cached_property
    def norms(self) -> Norms:
        """What is usual in the shop: as it was kept, or else of this catalogue."""
        return self.kept or Norms.of(self.catalogue, self.tree)

    @cached_property
    def text(self) -> Nearest:
        return Nearest(self.catalogue.text, self.norms.text)

    @cached_property
    def picture(self) -> Nearest:
        return Nearest(self.catalogue.picture, self.norms.picture)

    @cached_property
    def words(self) -> Shares:
        """The words of each product's title and description."""
        titles, descriptions = self.catalogue.titles, self.catalogue.descriptions
        return Shares(self.norms.words, lambda row: text_of(titles[row], descriptions[row]))

    @cached_property
    def filed(self) -> Ints:
        """(P,) where each product's category stands in the tree; -1 for none."""
        return self.tree.rows(self.catalogue.filed_under)

    @cached_property
    def currency_names(self) -> list[str]:
        """The currencies in the catalogue; "" where unknown."""
        return sorted(set(self.catalogue.currencies))

    @cached_property
    def currency_codes(self) -> Ints:
        """(P,) the place of each product's currency in `currency_names`."""
        code = {name: place for place, name in enumerate(self.currency_names)}
        return np.array([code[name] for name in self.catalogue.currencies], np.int64)

    @cached_property
    def spoken_of(self) -> tuple[Ints, Doubles]:
        """`nearest_categories` of all P products."""
        return self.nearest_categories(np.arange(len(self.catalogue)))

    def nearest_categories(self, rows: Ints) -> tuple[Ints, Doubles]:
        """Return (N, NEAREST_CATEGORIES) the categories each product's text is nearest to, as
        rows in the tree, nearest first; and their cosines. Found when first asked for."""
        categories, cosines, is_found = self._spoken_of
        new = np.unique(rows[~is_found[rows]])
        for start in range(0, len(new), AT_ONCE):
            part = new[start : start + AT_ONCE]
            texts = self.catalogue.text[part]
            categories[part], cosines[part] = self._categories.batch(texts, NEAREST_CATEGORIES)
        is_found[new] = True
        return categories[rows], cosines[rows]

    @cached_property
    def _categories(self) -> Nearest:
        return Nearest(self.tree.text)

    @cached_property
    def _spoken_of(self) -> tuple[Ints, Doubles, Bools]:
        shape = len(self.catalogue), NEAREST_CATEGORIES
        return np.empty(shape, np.int64), np.empty(shape), np.zeros(shape[0], bool)

    def refiled(self, rows: Ints, category: int) -> Shelf:
        """Return the shelf with these products surely filed under the category. What does not
        depend on filings is shared, so that it is made once."""
        filed, sure = self.catalogue.filed_under.copy(), self.catalogue.filing_confidence.copy()
        filed[rows], sure[rows] = category, 1.0
        other = Shelf(replace(self.catalogue, filed_under=filed, filing_confidence=sure), self.tree)
        vars(other).update({name: getattr(self, name) for name in WITHOUT_FILINGS})
        return other

    def under(self, row: int) -> Ints:
        """Return the rows of the products filed at the tree's category at `row` or below it,
        ascending."""
        order, starts = self._by_filing
        below = np.flatnonzero(self.tree.is_under(row))
        parts = [order[starts[place] : starts[place + 1]] for place in below.tolist()]
        under: Ints = np.sort(np.concatenate([order[:0], *parts]))
        return under

    @cached_property
    def _by_filing(self) -> tuple[Ints, Ints]:
        """The filed products' rows by category, and (C + 1,) where each category's begin."""
        order = np.argsort(self.filed, kind="stable")
        starts = np.searchsorted(self.filed[order], np.arange(len(self.tree) + 1))
        return order, starts
