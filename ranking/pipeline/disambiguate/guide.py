"""What the texts say of products on any page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ranking.pipeline.data import Doubles, Ints, Judged
from ranking.pipeline.disambiguate.head import UNTRAINED, Head
from ranking.pipeline.disambiguate.lines import NO_TEXTS, Lines, Texts
from ranking.pipeline.disambiguate.siblings import Siblings
from ranking.pipeline.disambiguate.stage import disambiguate
from ranking.pipeline.shelf import Shelf


class Guide:
    """Reads the texts for pages of one shelf; what a parent's children are about is kept."""

    def __init__(
        self, shelf: Shelf, judged: Judged, texts: Texts = NO_TEXTS, head: Head = UNTRAINED
    ) -> None:
        self._shelf, self._judged, self._texts, self.head = shelf, judged, texts, head
        self._siblings: dict[int, Siblings] = {}

    def siblings(self, parent: int) -> Siblings:
        """Return the parent's children that are in use."""
        if parent not in self._siblings:
            self._siblings[parent] = Siblings.of(parent, self._shelf, self._judged)
        return self._siblings[parent]

    def sibling_fit(self, page: int, rows: Ints) -> Doubles:
        """Return (N,) by how many log-odds the texts moved each row towards the page, and away
        from its siblings; NaN where no text was asked."""
        unknown = np.full(len(rows), np.nan)
        if not self.is_asked(page):
            return unknown
        siblings = self.siblings(self._shelf.tree.parent_of[page])
        if page not in siblings.ids:
            return unknown
        placed = disambiguate(siblings, rows, self._texts, self.head)
        here = int(np.flatnonzero(siblings.ids == page)[0])
        moved = _log_odds(placed.after[:, here]) - _log_odds(placed.before[:, here])
        return np.where(placed.uncertain, moved, np.nan)

    def is_asked(self, page: int) -> bool:
        """Return whether a text says anything of the page or one of its siblings."""
        return any(True for _ in self.lines_about(page))

    def lines_about(self, page: int) -> Iterator[tuple[tuple[int, ...], Lines]]:
        """Yield the texts about the page and its siblings, each with whom it is about."""
        parent_of = self._shelf.tree.parent_of
        parent = parent_of[page]
        for category, lines in sorted(self._texts.alone.items(), key=_place):
            if parent_of.get(category) == parent:
                yield (category,), lines
        for pair, lines in sorted(self._texts.of_pairs.items(), key=_place):
            if parent_of.get(pair[0]) == parent:
                yield pair, lines


def _place(text: tuple[Any, Lines]) -> Any:
    return text[0]


def _log_odds(logs: Doubles) -> Doubles:
    """Log-odds of probabilities from their logarithms."""
    odds: Doubles = logs - np.log(np.maximum(-np.expm1(np.minimum(logs, 0.0)), 1e-12))
    return odds
