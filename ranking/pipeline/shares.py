"""How much of a category's name a product's text says: BM25 with the figures of the whole shop.

The figures, how often words are found and how long texts are, are taken once (`Statistics.of`) and
may be kept: then a product's share depends on its own text alone, and not on what else is on sale.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ranking.pipeline.data import Doubles, Ints
from ranking.pipeline.words import stem, tokens

# Of Okapi's formula, as Lucene has it (Kamphuis et al. 2020, "Which BM25 do you mean?").
K1, B = 1.5, 0.75


@dataclass(frozen=True)
class Statistics:
    """What is known of a shop's texts as a whole."""

    texts: int = 0
    mean_length: float = 1.0  # in words
    holders: Mapping[str, int] = field(default_factory=dict)  # word of a name → texts that say it

    @classmethod
    def of(cls, texts: Iterable[str], names: Iterable[str]) -> Statistics:
        """Return the figures of the texts, for the words of these names."""
        asked = {word for name in names for word in terms(name)}
        holders = Counter(dict.fromkeys(sorted(asked), 0))
        count = length = 0
        for text in texts:
            words = terms(text)
            count, length = count + 1, length + len(words)
            holders.update(asked.intersection(words))
        return cls(count, length / count if length else 1.0, dict(holders))

    def weight(self, word: str) -> float:
        """Return the word's inverse document frequency, from 0; a word that no text says is the
        rarest."""
        found = self.holders.get(word, 0)
        return float(np.log1p((self.texts - found + 0.5) / (found + 0.5)))


class Shares:
    """Products' texts, ready to be asked how much of a name each says."""

    def __init__(self, statistics: Statistics, text: Callable[[int], str]) -> None:
        """`text` gives the text of a row; each is read once, when it is first asked about."""
        self._statistics, self._text = statistics, text
        self._counted: dict[int, tuple[int, dict[str, int]]] = {}

    def share(self, name: str, rows: Ints) -> Doubles:
        """Return for each of the N rows how much of the name its text says, 0 to 1.

        That is the BM25 score as a share of what the name's words could reach at most. NaN for a
        name without words.
        """
        asked = {word: self._statistics.weight(word) for word in terms(name)}
        most = sum(self._statistics.weight(word) for word in terms(name))
        if not most:
            return np.full(len(rows), np.nan)
        repeated = Counter(terms(name))
        scores = [
            sum(repeated[word] * weight * self._said(row, word) for word, weight in asked.items())
            for row in rows.tolist()
        ]
        return np.array(scores, np.float64) / most

    def _said(self, row: int, word: str) -> float:
        """How much the row's text says the word, 0 to 1: more for often, and for a short text."""
        length, counts = self._counts(row)
        often = counts.get(word, 0)
        longer = 1 - B + B * length / self._statistics.mean_length
        return often / (often + K1 * longer) if often else 0.0

    def _counts(self, row: int) -> tuple[int, dict[str, int]]:
        """The length of the row's text, and how often it says each word that names are made of."""
        if row not in self._counted:
            words = terms(self._text(row))
            known = Counter(word for word in words if word in self._statistics.holders)
            self._counted[row] = len(words), dict(known)
        return self._counted[row]


def terms(text: str) -> list[str]:
    """Return the text's words, stemmed."""
    return [stem(word) for word in tokens(text)]
