"""Products on the fence between two siblings, and what the pair's texts say of them.

A margin depends on the product, the lines and the head alone: asked again in another company of
products, it is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ranking.pipeline.data import Doubles, Floats, Ints
from ranking.pipeline.disambiguate.head import Head
from ranking.pipeline.disambiguate.lines import Lines
from ranking.pipeline.words import asked, said, tokens

CHANNELS = ("text", "picture", "words")  # ways in which lines are held against a product
# Words that say nothing about a thing; a title that has them is nearer to no side.
EMPTY = frozenset(
    tokens(
        """a an and are as at be but by for from has have in is it its more no nor not of on or
        rather than that the their this to usually was with without"""
    )
)


@dataclass(frozen=True, eq=False)
class Fence:
    """N products: their titles, and unit vectors of text and picture, NaN where unknown."""

    titles: Sequence[str]
    text: Floats  # (N, D)
    picture: Floats  # (N, D)

    def __len__(self) -> int:
        return len(self.titles)

    def margins(self, before: Doubles, first: Lines, second: Lines, head: Head) -> Doubles:
        """Return (N,) log-odds for the first sibling rather than the second.

        `before` (N,) is the same without texts; a channel that is unknown adds nothing.
        """
        differences = np.nan_to_num(self.differences(first, second))
        margins: Doubles = head.before * before + differences @ np.array(head.weights)
        return margins

    def differences(self, first: Lines, second: Lines) -> Doubles:
        """Return (N, 3) by how much each channel speaks for the first rather than the second,
        NaN where unknown: mean cosines of lines with text and picture, -2 to 2, and the
        logarithm of how many words more a title shares with one side alone."""
        tilt = first.vectors.mean(axis=0) - second.vectors.mean(axis=0)
        one, other = _words(first), _words(second)
        words = np.log1p(self._said(one - other)) - np.log1p(self._said(other - one))
        return np.stack([self.text @ tilt, self.picture @ tilt, words], axis=1, dtype=np.float64)

    def _said(self, words: set[str]) -> Doubles:
        """(N,) how many of the words each title says."""
        rows = [self._holders[word] for word in words if word in self._holders]
        if not rows:
            return np.zeros(len(self))
        return np.bincount(np.concatenate(rows), minlength=len(self)).astype(np.float64)

    @cached_property
    def _holders(self) -> dict[str, Ints]:
        """The products whose titles say each word."""
        places: dict[str, list[int]] = {}
        for place, title in enumerate(self.titles):
            for word in said(title):
                places.setdefault(word, []).append(place)
        return {word: np.array(where, np.int64) for word, where in places.items()}


def _words(lines: Lines) -> set[str]:
    """What the lines ask a title for, beyond the category's name."""
    wanted, heard = (set().union(*map(asked, texts)) for texts in (lines.texts, lines.heard))
    return wanted - heard - EMPTY
