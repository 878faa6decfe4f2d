"""Find which offers are the same product: keys, signs, chances, vetoes, groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

from ranking.pipeline.duplicates.blocking import keys, pairs
from ranking.pipeline.duplicates.conflicts import conflict
from ranking.pipeline.duplicates.grouping import Pair, groups
from ranking.pipeline.duplicates.offers import Offer, see, told
from ranking.pipeline.duplicates.rarity import Rarity
from ranking.pipeline.duplicates.scorer import chances, why
from ranking.pipeline.duplicates.terms import terms

LINKED = 0.5  # chance from which two offers are taken for the same
LEAST = 0.35  # mean chance across two groups that become one
AT_ONCE = 20_000  # pairs
FORBIDDEN = -1.0

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Match:
    """Two offers that are taken for the same product; the lower id first."""

    first: int
    second: int
    chance: float
    why: str


class Comparison:
    """Offers that are held against each other."""

    def __init__(self, offers: Sequence[Offer], rarity: Rarity | None = None) -> None:
        """Make the offers, of ascending ids, ready; rarity is that among them unless told."""
        said = [terms(told(offer)) for offer in offers]
        self.rarity = rarity or Rarity.among(said)
        self.seen = [
            see(*each) for each in zip(offers, repeat(self.rarity, len(offers)), said, strict=True)
        ]

    @cached_property
    def place(self) -> dict[int, int]:
        """Where each offer stands, by its id."""
        return {seen.offer.id: place for place, seen in enumerate(self.seen)}

    def matches(self, new: Iterable[int] | None = None, done: Told | None = None) -> list[Match]:
        """Return all pairs that are the same, by ids; those alone that a `new` offer is in, if
        told (ids). `done` hears how many of how many pairs are compared."""
        places = None if new is None else [self.place[pk] for pk in new]
        retailers = [seen.offer.retailer for seen in self.seen]
        found = pairs(keys(self.seen), retailers, places)
        return [match for some in self._compared(found, done) for match in some]

    def groups(self, matches: Iterable[Match]) -> dict[int, int]:
        """Return for every offer in a match the lowest id of its group; its own when alone."""
        links = {(match.first, match.second): match.chance for match in matches}
        return groups(links, self.judged, LEAST)

    def judged(self, ids: Sequence[Pair]) -> list[float]:
        """Return how likely each pair of ids is the same; FORBIDDEN where something forbids it."""
        both = [(self.seen[self.place[one]], self.seen[self.place[other]]) for one, other in ids]
        return [
            FORBIDDEN if conflict(*pair) else float(chance)
            for pair, chance in zip(both, chances(both), strict=True)
        ]

    def _compared(self, found: list[Pair], done: Told | None) -> Iterator[list[Match]]:
        for start in range(0, len(found), AT_ONCE):
            if done:
                done(start, len(found))
            some = [(self.seen[i], self.seen[j]) for i, j in found[start : start + AT_ONCE]]
            yield [
                Match(one.offer.id, other.offer.id, float(chance), why(one, other))
                for (one, other), chance in zip(some, chances(some), strict=True)
                if chance >= LINKED and not conflict(one, other)
            ]
