"""What is wrong in the feeds on purpose, in known numbers, so that finding it can be measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from random import Random

from seestocks.demo.catalogue import FAMILY_OF, KINDS, Kind
from seestocks.demo.chance import dice
from seestocks.demo.items import charming
from seestocks.demo.products import Offer

# How many of each there are, exactly. One offer may be wrong in several ways.
MISFILED_NEARBY = 240  # filed under a sibling
MISFILED_FAR = 40  # filed under a category of another family
NAMED_AS_SIBLING = 90  # the title calls it what a sibling is called
STUFFED = 70  # the title ends in a list of what siblings are called
PRICED_OUT = 60  # asked for six to twelve times as much as usual, or as little
CENTS_AS_EUROS = 40  # a hundred times too dear
LAST_SEEN = {60: 110, 20: 190}  # by days: offers last seen so long ago; today's feeds lack them
WITHOUT_PICTURE = 80  # the feed gives no address
LOST_PICTURE = 40  # the address leads to nothing
BROKEN_PICTURE = 40  # the file is cut off

Change = Callable[[Offer, Random], Offer]


def spoiled(offers: list[Offer], seed: int) -> list[Offer]:
    """Return the offers with exactly the stated numbers of defects, in the same order."""
    groups: dict[str, list[tuple[int, Change]]] = {
        "filing": [(MISFILED_NEARBY, _filed_nearby), (MISFILED_FAR, _filed_far)],
        "title": [(NAMED_AS_SIBLING, _named_as_sibling), (STUFFED, _stuffed)],
        "price": [(PRICED_OUT, _priced_out), (CENTS_AS_EUROS, _cents_as_euros)],
        "crawl": [(count, _last_seen(days)) for days, count in LAST_SEEN.items()],
        "picture": [
            (WITHOUT_PICTURE, _pictured("none")),
            (LOST_PICTURE, _pictured("lost")),
            (BROKEN_PICTURE, _pictured("broken")),
        ],
    }
    offers = list(offers)
    for name, changes in groups.items():
        rng = dice(seed, name)
        chosen = iter(rng.sample(range(len(offers)), sum(count for count, _ in changes)))
        for count, change in changes:
            for _ in range(count):
                at = next(chosen)
                offers[at] = change(offers[at], rng)
    return offers


def _siblings(offer: Offer) -> list[Kind]:
    return [kind for kind in FAMILY_OF[offer.kind.id].kinds if kind is not offer.kind]


def _filed_nearby(offer: Offer, rng: Random) -> Offer:
    return replace(offer, filed=rng.choice(_siblings(offer)).id)


def _filed_far(offer: Offer, rng: Random) -> Offer:
    family = FAMILY_OF[offer.kind.id]
    return replace(offer, filed=rng.choice([n for n in KINDS if FAMILY_OF[n] is not family]))


def _named_as_sibling(offer: Offer, rng: Random) -> Offer:
    noun = rng.choice(rng.choice(_siblings(offer)).nouns)
    return replace(offer, told=replace(offer.told, noun=noun, said=offer.item.words[:1]))


def _stuffed(offer: Offer, rng: Random) -> Offer:
    names = [kind.nouns[0] for kind in rng.sample(_siblings(offer), 3)]
    return replace(offer, stuffing=f" | {', '.join(names)}")


def _priced_out(offer: Offer, rng: Random) -> Offer:
    factor = rng.uniform(6, 12) ** rng.choice([-1, 1])
    return replace(offer, price=charming(float(offer.price) * factor))


def _cents_as_euros(offer: Offer, _: Random) -> Offer:
    return replace(offer, price=(offer.price * 100).quantize(Decimal("0.01")))


def _last_seen(days: int) -> Change:
    return lambda offer, _: replace(offer, seen=days)


def _pictured(state: str) -> Change:
    return lambda offer, _: replace(offer, picture=state)
