"""The words that one child of a parent says more than another."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from ranking.learning.suggestions.family import Family, Products
from ranking.learning.suggestions.log_odds import log_odds
from ranking.learning.suggestions.terms import Terms, stems
from ranking.pipeline.data import Bools, Doubles, Ints

# Chosen on halves of the demo shop, Icecat's details and PriceRunner's titles: with more, rarer
# words are lost that products on the fence say; with less, what is found holds no longer.
SURE = 1.28  # standard errors from which on a word tells two siblings apart: nine times in ten
RATIO = float(np.log(2.5))  # times the odds, as a logarithm, that it must be said more
FEWEST = 2  # products that must say it
SHARE = 0.005  # of the products that speak for the category
SELLERS = 2  # retailers or brands that must say it, where there are several
ALIKE = 0.5  # share of the rarer of two terms' products that say the other too
MOST_WORTH = 3.0  # log-odds: of a word that one side alone says, more is not believed


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
    category's own name, what is `known` already and what nearly repeats a term before it are
    left out. Helpful is what products on the fence say and were not told by the terms before.
    """
    own, other = family.speaks_for(here), family.speaks_for(there)
    first, second = terms.said(own), terms.said(other)
    odds = log_odds(first, second, terms.said_by_all)
    often = first.counts >= max(FEWEST, SHARE * first.products)
    places = np.flatnonzero(often & (odds.z >= SURE) & (odds.difference >= RATIO))
    name = frozenset(stems(family.children[here].name))
    news = [
        place
        for place in places.tolist()
        if not terms.words(place) <= name
        and terms.written(place) not in known
        and _by_several(family.products, terms.holders(place), own)
    ]
    readers = family.fence if family.fence.any() else own
    worth = np.minimum(odds.difference, MOST_WORTH)
    return [
        Term(
            words=terms.written(place),
            here=int(first.counts[place]),
            there=int(second.counts[place]),
            z=float(odds.z[place]),
            gain=gain,
        )
        for place, gain in _most_helpful(terms, news, worth, readers, most)
    ]


def _most_helpful(
    terms: Terms, places: Sequence[int], worth: Doubles, readers: Bools, most: int
) -> list[tuple[int, float]]:
    """Terms chosen one by one, each by what it adds for the readers, with that gain in the mean.

    What a reader was told already makes the next word count less.
    """
    told = np.zeros(len(readers))
    heard = {place: _among(terms.holders(place), readers) for place in places}
    chosen: list[tuple[int, float]] = []
    while heard and len(chosen) < most:
        gains = {at: worth[at] * float((1 / (1 + told[by])).sum()) for at, by in heard.items()}
        best = max(gains, key=gains.__getitem__)
        if not gains[best]:
            break
        chosen.append((best, gains[best] / int(readers.sum())))
        told[heard[best]] += worth[best]
        heard = {at: by for at, by in heard.items() if not _repeats(terms, best, at)}
    return chosen


def _repeats(terms: Terms, stronger: int, place: int) -> bool:
    """Whether it is the same term, or shares a word and nearly all its products with it."""
    if not terms.words(stronger) & terms.words(place):
        return False
    one, other = terms.holders(stronger), terms.holders(place)
    return len(np.intersect1d(one, other)) >= ALIKE * min(len(one), len(other))


def _among(holders: Ints, marked: Bools) -> Ints:
    among: Ints = holders[marked[holders]]
    return among


def _by_several(products: Products, holders: Ints, own: Bools) -> bool:
    """Whether more than one seller says it; where all are one's, whoever says it will do."""
    by, everybody = _among(holders, own), np.flatnonzero(own)
    fields = (products.retailers, products.brands)
    if any(_sellers(names, by) >= SELLERS for names in fields):
        return True
    return all(_sellers(names, everybody) < SELLERS for names in fields)


def _sellers(names: Sequence[str], products: Ints) -> int:
    return len({names[product] for product in products.tolist()} - {""})
