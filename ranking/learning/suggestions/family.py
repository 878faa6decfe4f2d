"""A parent's children and the products that speak for them: what suggestions are mined from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ranking.pipeline.data import Bools, Ints

NOBODY = -1  # in `belongs`: the product speaks for no child


@dataclass(frozen=True)
class Child:
    """A child of the parent, and the names of what lies below it in the tree."""

    id: int
    name: str
    below: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Products:
    """What N products say of themselves; every field has N entries."""

    titles: Sequence[str]
    details: Sequence[Sequence[str]]  # "name: value", a detail a string
    brands: Sequence[str]
    retailers: Sequence[str]

    def __len__(self) -> int:
        return len(self.titles)


@dataclass(frozen=True, eq=False)
class Family:
    """The S children of one parent and N products near them."""

    children: Sequence[Child]
    products: Products
    belongs: Ints  # (N,) the place in `children` of the one a product speaks for, or NOBODY
    known: Bools  # (N,) people or feeds say that it belongs there; else it merely looks so
    fence: Bools  # (N,) it stands between children, whatever it speaks for

    def place(self, category: int) -> int:
        """Return where the category stands in `children`. Raises KeyError."""
        for place, child in enumerate(self.children):
            if child.id == category:
                return place
        raise KeyError(category)

    def speaks_for(self, place: int) -> Bools:
        """Return (N,) which products speak for that child."""
        speaks: Bools = self.belongs == place
        return speaks

    def merely_looks(self, place: int) -> bool:
        """Return whether what speaks for that child is mostly guessed from likeness."""
        speaks = self.speaks_for(place)
        return bool(speaks.any()) and float(np.mean(self.known[speaks])) < 0.5
