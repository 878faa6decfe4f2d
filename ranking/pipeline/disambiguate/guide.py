"""What the texts say of products on any page."""

from __future__ import annotations

import numpy as np

from ranking.pipeline.data import Doubles, Ints, Judged
from ranking.pipeline.disambiguate.head import UNTRAINED, Head
from ranking.pipeline.disambiguate.lines import NO_TEXTS, Texts
from ranking.pipeline.disambiguate.siblings import Siblings
from ranking.pipeline.disambiguate.stage import disambiguate
from ranking.pipeline.shelf import Shelf


class Guide:
    """Reads the texts for pages of one shelf; what a parent's children are about is kept."""

    def __init__(
        self, shelf: Shelf, judged: Judged, texts: Texts = NO_TEXTS, head: Head = UNTRAINED
    ) -> None:
        self._shelf, self._judged, self._texts, self._head = shelf, judged, texts, head
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
        parent = self._shelf.tree.parent_of[page]
        if not self._has_texts(parent):
            return unknown
        siblings = self.siblings(parent)
        if page not in siblings.ids:
            return unknown
        placed = disambiguate(siblings, rows, self._texts, self._head)
        here = int(np.flatnonzero(siblings.ids == page)[0])
        moved = _log_odds(placed.after[:, here]) - _log_odds(placed.before[:, here])
        return np.where(placed.uncertain, moved, np.nan)

    def _has_texts(self, parent: int) -> bool:
        tree, said = self._shelf.tree, self._texts
        with_text = {*said.alone, *(category for category, _ in said.of_pairs)}
        return any(tree.parent_of.get(category) == parent for category in with_text)


def _log_odds(logs: Doubles) -> Doubles:
    """Log-odds of probabilities from their logarithms."""
    odds: Doubles = logs - np.log(np.maximum(-np.expm1(np.minimum(logs, 0.0)), 1e-12))
    return odds
