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
from ranking.pipeline.words import stem, tokens

CHANNELS = ("text", "picture", "words")  # ways in which lines are held against a product


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
        """Return (N, 3) by how much each channel speaks for the first rather than the second:
        cosines with text and picture, -2 to 2, and words, -1 to 1; NaN where unknown."""
        tilt = _middle(first) - _middle(second)
        return np.stack(
            [self.text @ tilt, self.picture @ tilt, self._words(first) - self._words(second)],
            axis=1,
            dtype=np.float64,
        )

    def _words(self, lines: Lines) -> Doubles:
        """(N,) how much of the lines a title says: the mean over lines of 1 - 2^-words."""
        said = np.zeros(len(self))
        for line in lines.texts:
            count = np.zeros(len(self))
            for word in {stem(token) for token in tokens(line)}:
                count[self._holders.get(word, _NOBODY)] += 1
            said += 1 - 0.5**count
        return said / max(len(lines), 1)

    @cached_property
    def _holders(self) -> dict[str, Ints]:
        """The products whose title has each word."""
        places: dict[str, list[int]] = {}
        for place, title in enumerate(self.titles):
            for word in {stem(token) for token in tokens(title)}:
                places.setdefault(word, []).append(place)
        return {word: np.array(where, np.int64) for word, where in places.items()}


_NOBODY: Ints = np.empty(0, np.int64)


def _middle(lines: Lines) -> Floats:
    middle: Floats = lines.vectors.mean(axis=0)
    return middle
