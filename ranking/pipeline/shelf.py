"""A catalogue and its tree, made ready for being ranked from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ranking.pipeline.data import Catalogue, Doubles, Ints, Tree
from ranking.pipeline.nearest import Nearest
from ranking.pipeline.words import Words

NEAREST_CATEGORIES = 8  # per product: enough to find one outside of almost any page's branch


@dataclass(frozen=True, eq=False)
class Shelf:
    """What all pages of a run are ranked from; its parts are made at their first use."""

    catalogue: Catalogue
    tree: Tree

    @cached_property
    def text(self) -> Nearest:
        return Nearest(self.catalogue.text)

    @cached_property
    def picture(self) -> Nearest:
        return Nearest(self.catalogue.picture)

    @cached_property
    def words(self) -> Words:
        """The words of each product's title and description."""
        texts = zip(self.catalogue.titles, self.catalogue.descriptions, strict=True)
        return Words([f"{title} {description}" for title, description in texts])

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
        """(P, NEAREST_CATEGORIES) the categories each product's text is nearest to, as rows in
        the tree, nearest first; and their cosines."""
        return Nearest(self.tree.text).batch(self.catalogue.text, NEAREST_CATEGORIES)
