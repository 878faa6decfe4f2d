"""The words that one child of a parent says more than another."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from ranking.learning.suggestions.family import Family
from ranking.learning.suggestions.log_odds import log_odds
from ranking.learning.suggestions.terms import Terms, stems
from ranking.pipeline.data import Bools, Doubles, Ints

SURE = 2.0  # standard errors from which on a word tells two siblings apart
FEWEST = 3  # products that must say it
SHARE = 0.002  # of the products that speak for the category
SELLERS = 2  # retailers or brands that must say it, where there are several
ALIKE = 0.5  # share of the products that say either of two terms with a word in common
ENOUGH_SAID = 3.0  # log-odds: of a word that only one side says, more is not believed


@dataclass(frozen=True)
class Term:
    """A word or phrase that one side says more."""

    words: str
    here: int  # products of the category that say it
    there: int  # products of the sibling that do
    z: float  # standard errors that its log-odds is away from even
    gain: float  # log-odds that it adds for the products on the fence, in the mean


def telling(
    family: Family,
    terms: Terms,
    here: int,
    there: int,
    most: int,
    known: AbstractSet[str] = frozenset(),
) -> list[Term]:
    """Return up to `most` terms that one child's products say more, the most helpful first.

    `here` and `there` are places of children. Terms that few say, or one seller alone, the
    category's own name, what is `known` already and what nearly repeats a term before it are left
    out. Helpful is what
    products on the fence say that the terms before it do not say already.
    """
    own, other = family.speaks_for(here), family.speaks_for(there)
    first, second = terms.said(own), terms.said(other)
    odds = log_odds(first, second, terms.said_by_all)
    said = (odds.z >= SURE) & (first.counts >= max(FEWEST, SHARE * float(own.sum())))
    name = set(stems(family.children[here].name))
    places = np.array(
        [
            place
            for place in np.flatnonzero(said).tolist()
            if not terms.words(place) <= name
            and terms.written(place) not in known
            and _by_several(family, terms.holders(place), own)
        ],
        np.int64,
    )
    worth = np.minimum(odds.difference, ENOUGH_SAID)
    readers = family.fence if family.fence.any() else own
    return [
        Term(
            terms.written(place),
            int(first.counts[place]),
            int(second.counts[place]),
            odds.z[place],
            gain,
        )
        for place, gain in _most_helpful(terms, places, worth, readers, most)
    ]


def _most_helpful(
    terms: Terms, places: Ints, worth: Doubles, readers: Bools, most: int
) -> list[tuple[int, float]]:
    """Terms chosen one by one, each by what it adds for the readers, with that gain.

    What a reader was told already makes the next word count less.
    """
    told = np.zeros(len(readers))
    heard = {place: _among(terms.holders(place), readers) for place in places.tolist()}
    chosen: list[tuple[int, float]] = []
    left = set(heard)
    while left and len(chosen) < most:
        gains = {
            place: worth[place] * float((1 / (1 + told[heard[place]])).sum()) for place in left
        }
        best = max(sorted(left), key=gains.__getitem__)
        if not gains[best]:
            break
        chosen.append((best, gains[best] / max(1, int(readers.sum()))))
        told[heard[best]] += worth[best]
        left -= {best} | {place for place in left if _repeats(terms, best, place)}
    return chosen


def _repeats(terms: Terms, stronger: int, place: int) -> bool:
    """Whether two terms with a word in common are said by nearly the same products."""
    if not terms.words(stronger) & terms.words(place):
        return False
    both, either = terms.holders(stronger), terms.holders(place)
    return len(np.intersect1d(both, either)) >= ALIKE * min(len(both), len(either))


def _among(holders: Ints, marked: Bools) -> Ints:
    among: Ints = holders[marked[holders]]
    return among


def _by_several(family: Family, holders: Ints, own: Bools) -> bool:
    """Whether more than one seller says it; where all are one's, whoever says it will do."""
    by = _among(holders, own).tolist()
    fields = (family.products.retailers, family.products.brands)
    if any(_sellers(names, by) >= SELLERS for names in fields):
        return True
    return all(_sellers(names, np.flatnonzero(own).tolist()) < SELLERS for names in fields)


def _sellers(names: object, products: list[int]) -> int:
    assert isinstance(names, list)
    return len({names[product] for product in products} - {""})
