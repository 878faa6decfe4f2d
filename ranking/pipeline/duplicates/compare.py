"""Find which offers are the same product: keys, signs, chances, vetoes, groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ranking.pipeline.data import Doubles, Ints
from ranking.pipeline.duplicates.blocking import Keys, chosen, keys, pairs
from ranking.pipeline.duplicates.conflicts import conflict
from ranking.pipeline.duplicates.grouping import Pair, groups
from ranking.pipeline.duplicates.offers import Offer, Seen, said_of, see
from ranking.pipeline.duplicates.rarity import Rarity
from ranking.pipeline.duplicates.scorer import chances, why

LINKED = 0.4  # chance from which two offers are taken for the same
LEAST = 0.3  # mean chance across two groups that become one
AT_ONCE = 10_000  # pairs
FORBIDDEN = -1.0

Told = Callable[[int, int], None]
Scorer = Callable[[Sequence[tuple[Seen, Seen]]], Doubles]


@dataclass(frozen=True, slots=True)
class Match:
    """Two offers that are taken for the same product; the lower id first."""

    first: int
    second: int
    chance: float
    why: str


class Comparison:
    """Offers that are held against each other."""

    def __init__(
        self, offers: Sequence[Offer], rarity: Rarity | None = None, scorer: Scorer = chances
    ) -> None:
        """Make the offers, of ascending ids, ready; rarity is that among them unless told."""
        self._offers = offers
        self._scorer = scorer
        self._said = [said_of(offer) for offer in offers]
        self._seen: dict[int, Seen] = {}
        self._places = {offer.id: place for place, offer in enumerate(offers)}
        self.rarity = rarity or Rarity.among(self._said)

    def __getitem__(self, place: int) -> Seen:
        """Return the offer at the place, made ready when first it is asked for."""
        if place not in self._seen:
            self._seen[place] = see(self._offers[place], self._said[place], self.rarity)
        return self._seen[place]

    def keys(self) -> list[Keys]:
        """Return the keys of all offers."""
        return keys(self._offers, self._said, self.rarity)

    def pairs(self, new: Iterable[int] | None = None) -> Ints:
        """Return (N, 2) the places of those worth comparing; with `new` offers (ids), if told."""
        count = len(self._offers)
        wanted = None if new is None else chosen(count, (self._places[pk] for pk in new))
        return pairs(self.keys(), [offer.retailer for offer in self._offers], wanted)

    def matches(self, new: Iterable[int] | None = None, done: Told | None = None) -> list[Match]:
        """Return all pairs that are the same, by ids; those alone that a `new` offer is in, if
        told (ids). `done` hears how many of how many pairs are compared."""
        found = self.pairs(new)
        return [match for some in self._compared(found, done) for match in some]

    def groups(self, links: dict[Pair, float]) -> dict[int, int]:
        """Return for every linked offer the lowest id of its group; its own when alone."""
        return groups(links, self.judged, LEAST)

    def judged(self, ids: Sequence[Pair]) -> list[float]:
        """Return how likely each pair of ids is the same; FORBIDDEN where something forbids it."""
        both = [(self[self._places[one]], self[self._places[other]]) for one, other in ids]
        may_be = [pair for pair in both if not conflict(*pair)]
        chance = iter(self._scorer(may_be).tolist())
        allowed = {(one.offer.id, other.offer.id): next(chance) for one, other in may_be}
        return [allowed.get(pair, FORBIDDEN) for pair in ids]

    def _compared(self, found: Ints, done: Told | None) -> Iterator[list[Match]]:
        for start in range(0, len(found), AT_ONCE):
            if done:
                done(start, len(found))
            some = [(self[i], self[j]) for i, j in found[start : start + AT_ONCE].tolist()]
            may_be = [pair for pair in some if not conflict(*pair)]  # first: it is soon told
            yield [
                Match(one.offer.id, other.offer.id, float(chance), why(one, other))
                for (one, other), chance in zip(may_be, self._scorer(may_be), strict=True)
                if chance >= LINKED
            ]
