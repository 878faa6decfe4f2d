"""The words that agreement is measured on, as arrays that are cut by page, person or pair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from judgments.agreement.coefficients import (
    GRADES,
    Coefficient,
    Ints,
    alpha,
    alpha_with_others,
    kappa,
)


@dataclass(frozen=True, eq=False)
class Words:
    """W grades, at most one by each person of each item: a product on a page."""

    pages: Ints
    products: Ints
    people: Ints
    grades: Ints

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, int, int]]) -> Words:
        """Return the rows of page, product, person and grade.

        Where two pages have become one, of a person's two grades of an item the later counts.
        """
        last = {row[:3]: row for row in rows}
        columns = np.array(sorted(last.values()), np.int64).reshape(-1, 4).T
        return cls(*columns)

    def __len__(self) -> int:
        return len(self.grades)

    def where(self, kept: np.ndarray) -> Words:
        """Return the words whose place in `kept` (W,) is true."""
        return Words(self.pages[kept], self.products[kept], self.people[kept], self.grades[kept])

    def on(self, pages: Iterable[int]) -> Words:
        """Return the words about these pages."""
        return self.where(np.isin(self.pages, list(pages)))

    @cached_property
    def items(self) -> Ints:
        """(W,) the number of each word's item, from 0."""
        pairs = np.stack([self.pages, self.products], axis=1)
        items: Ints = np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1)
        return items

    @cached_property
    def counts(self) -> Ints:
        """(N, G) how many people gave each item which grade."""
        cells = self.items * GRADES + self.grades
        number = (self.items.max(initial=-1) + 1) * GRADES
        return np.bincount(cells, minlength=number).reshape(-1, GRADES)

    @cached_property
    def everyone(self) -> list[int]:
        """The ids of the people, ascending."""
        found: list[int] = np.unique(self.people).tolist()
        return found

    def alpha(self) -> Coefficient:
        """Return how far all agree."""
        return alpha(self.counts)

    def with_others(self, person: int) -> Coefficient:
        """Return how far one person agrees with all others."""
        mine = self.people == person
        own = np.eye(GRADES, dtype=np.int64)[self.grades[mine]]
        return alpha_with_others(self.grades[mine], self.counts[self.items[mine]] - own)

    def pairs(self) -> Iterator[tuple[int, int, Coefficient]]:
        """Yield how far each two people agree who have judged an item in common."""
        said = {one: self._grades_of(one) for one in self.everyone}
        for one, other in combinations(self.everyone, 2):
            (items, grades), (their_items, their_grades) = said[one], said[other]
            common, at, their = np.intersect1d(
                items, their_items, assume_unique=True, return_indices=True
            )
            if len(common):
                yield one, other, kappa(grades[at], their_grades[their])

    def _grades_of(self, person: int) -> tuple[Ints, Ints]:
        mine = self.people == person
        return self.items[mine], self.grades[mine]
