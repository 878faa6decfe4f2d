"""Offers as they are compared: what a feed says of each, and the same made ready."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from ranking.pipeline.duplicates.lexicon import COLOURS
from ranking.pipeline.duplicates.rarity import Rarity
from ranking.pipeline.duplicates.terms import Terms, has_digit, plain, terms

DESCRIBED = 300  # letters of a description that are looked at, for model numbers alone


@dataclass(frozen=True, slots=True)
class Offer:
    """What one retailer's feed says of a thing; "" where it says nothing."""

    id: int
    title: str
    retailer: str = ""
    brand: str = ""
    gtin: str = ""  # digits
    mpn: str = ""
    colour: str = ""
    size: str = ""
    description: str = ""
    picture: str = ""  # name of the picture, which stands for its content


@dataclass(slots=True)
class Seen:
    """An offer made ready to be compared with many."""

    offer: Offer
    terms: Terms
    words: frozenset[str]
    whole: frozenset[str]  # the words, and what neighbours among them make together
    pairs: frozenset[tuple[str, str]]  # of neighbouring words
    after: dict[str, set[str]]  # the numbers that stand behind each word
    numbers: frozenset[str]
    runs: frozenset[str]  # of three signs
    parts: tuple[str, ...]  # numbers that a model number may be made of
    length: float  # of the vector of the words' weights
    described: frozenset[str]  # model numbers in the description
    colours: frozenset[str]  # that the feed tells, or else the title
    rarity: Rarity
    gtin: str
    brand: str  # letters and digits alone, as the maker's number
    mpn: str


def said_of(offer: Offer) -> Terms:
    """Return what the title says, with the brand before it where it does not say it."""
    title, brand = offer.title, offer.brand
    return terms(title if not brand or plain(brand) in plain(title) else f"{brand} {title}")


def see(offer: Offer, said: Terms, rarity: Rarity) -> Seen:
    """Return the offer made ready, its words weighed by how rare they are."""
    row, words = said.words, frozenset(said.words)
    after: dict[str, set[str]] = {}
    for word, following in pairwise(row):
        if has_digit(following) and len(word) > 1:
            after.setdefault(word, set()).add(following)
    told = {COLOURS[word] for word in plain(offer.colour).split() if word in COLOURS}
    return Seen(
        offer=offer,
        terms=said,
        words=words,
        whole=words | said.joined,
        pairs=frozenset(pairwise(row)),
        after=after,
        numbers=frozenset(filter(has_digit, words)),
        runs=frozenset(_runs(said.line)),
        parts=_parts(said),
        length=math.sqrt(sum(rarity.of(word) ** 2 for word in words)),
        described=frozenset(terms(offer.description[:DESCRIBED]).codes),
        colours=frozenset(told) or said.colours,
        rarity=rarity,
        gtin=offer.gtin.lstrip("0"),
        brand=compact(offer.brand),
        mpn=compact(offer.mpn),
    )


def _parts(said: Terms) -> tuple[str, ...]:
    """Two signs or more with a digit among them, the longest first."""
    numbers = {token for token in {*said.words, *said.figures} if has_digit(token)}
    return tuple(sorted((n for n in numbers if len(n) > 1), key=lambda n: (-len(n), n)))


def _runs(line: str) -> set[str]:
    """Every three neighbouring letters and digits, whatever words they are of."""
    solid = line.replace(" ", "")
    return {solid[at : at + 3] for at in range(len(solid) - 2)}


def compact(text: str) -> str:
    """Return the letters and digits alone, small: two who write a number differently agree."""
    return "".join(filter(str.isalnum, plain(text))) if text else ""
