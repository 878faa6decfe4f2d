"""How rare words are in a catalogue: a model number tells more than "black" or "1080p"."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ranking.pipeline.duplicates.terms import Terms

KEPT_FROM = 3  # titles that a word stands in before it is kept: all others are as rare


@dataclass
class Rarity:
    """In how many of how many titles a word stands."""

    titles: int
    found: dict[str, int]
    _cache: dict[str, float] = field(default_factory=dict, repr=False)

    @classmethod
    def among(cls, titles: Iterable[Terms]) -> Rarity:
        """Return the rarity of all words of these titles."""
        found: Counter[str] = Counter()
        count = 0
        for said in titles:
            count += 1
            found.update({*said.words, *said.joined})
        kept = {word: times for word, times in found.items() if times >= KEPT_FROM}
        return cls(count, kept)

    def of(self, word: str) -> float:
        """Return the word's inverse document frequency as a share of the rarest's, 0 to 1."""
        known = self._cache.get(word)
        if known is None:
            most = math.log(max(self.titles, KEPT_FROM + 1) / (KEPT_FROM - 1))
            times = self.found.get(word, KEPT_FROM - 1)
            known = max(0.0, math.log(max(self.titles, 1) / times) / most)
            self._cache[word] = min(1.0, known)
        return self._cache[word]
