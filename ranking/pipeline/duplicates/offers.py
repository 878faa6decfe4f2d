"""Offers as they are compared: what a feed says of each, and the same made ready."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from ranking.pipeline.duplicates.lexicon import COLOURS
from ranking.pipeline.duplicates.rarity import Rarity
from ranking.pipeline.duplicates.terms import Terms, has_digit, is_code, plain, terms

DESCRIBED = 300  # letters of a description that are looked at, for model numbers alone


@dataclass(frozen=True, slots=True)
class Offer:
    """What one retailer's feed says of a thing; "" where it says nothing."""

    id: int
    title: str
    retailer: str = ""
    brand: str = ""
    gtin: str = ""
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
    described: frozenset[str]  # model numbers in the description
    rarity: Rarity
    gtin: str
    maker: tuple[str, str] | None  # brand and maker's number, where both are told
    weight: dict[str, float] = field(default_factory=dict)


def told(offer: Offer) -> str:
    """Return the title, with the brand before it where it does not say it."""
    brand = offer.brand
    return (
        offer.title if not brand or plain(brand) in plain(offer.title) else f"{brand} {offer.title}"
    )


def see(offer: Offer, rarity: Rarity, said: Terms | None = None) -> Seen:
    """Return the offer made ready, its words weighed by how rare they are."""
    said = said or terms(told(offer))
    row = [*said.words]
    after: dict[str, set[str]] = {}
    for word, following in pairwise(row):
        if has_digit(following) and len(word) > 1:
            after.setdefault(word, set()).add(following)
    words = frozenset(row)
    brand, mpn = squeezed(offer.brand), squeezed(offer.mpn)
    return Seen(
        offer=offer,
        terms=said,
        words=words,
        whole=words | said.joined,
        pairs=frozenset(pairwise(row)),
        after=after,
        numbers=frozenset(word for word in row if has_digit(word)),
        described=_described(offer.description),
        rarity=rarity,
        gtin=offer.gtin.strip().lstrip("0") if offer.gtin.strip().isdigit() else "",
        maker=(brand, mpn) if brand and len(mpn) >= 3 else None,
        weight={word: rarity.of(word) for word in words | said.joined},
    )


def colours(seen: Seen) -> frozenset[str]:
    """Return the colours that the feed tells, or else the title."""
    given = {COLOURS[word] for word in plain(seen.offer.colour).split() if word in COLOURS}
    return frozenset(given) or seen.terms.colours


def _described(description: str) -> frozenset[str]:
    if not description:
        return frozenset()
    said = terms(description[:DESCRIBED])
    return frozenset(code for code in said.codes if is_code(code))


def squeezed(text: str) -> str:
    """Return the letters and digits alone."""
    return "".join(filter(str.isalnum, plain(text)))
