"""How rare words are in a catalogue: a model number tells more than "black" or "1080p"."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ranking.pipeline.duplicates.terms import Terms

IMAGINED = 1000  # titles with other words: in a catalogue of three, two do not make a word common
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

    @classmethod
    def load(cls, path: Path) -> Rarity | None:
        """Return what a file of `as_text` says; None where there is none that can be read."""
        try:
            told = json.loads(path.read_bytes())
            return cls(int(told["titles"]), dict(told["found"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def as_text(self) -> str:
        """Return what `load` reads."""
        return json.dumps({"titles": self.titles, "found": self.found}, sort_keys=True)

    @cached_property
    def digest(self) -> str:
        """What it says, in 16 hexadecimal digits."""
        told = json.dumps([self.titles, sorted(self.found.items())])
        return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()

    def of(self, word: str) -> float:
        """Return the word's inverse document frequency as a share of the rarest's, 0 to 1."""
        known = self._cache.get(word)
        if known is None:
            all_ = self.titles + IMAGINED
            times = self.found.get(word, KEPT_FROM - 1)
            known = math.log(all_ / times) / math.log(all_ / (KEPT_FROM - 1))
            self._cache[word] = known
        return known
