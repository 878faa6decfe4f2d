"""What is wrong in the feeds on purpose, in known numbers, so that finding it can be measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from random import Random

from seestocks.demo.catalogue import FAMILY_OF, KINDS, Kind
from seestocks.demo.chance import dice
from seestocks.demo.items import charming
from seestocks.demo.products import Flaw, Offer

Change = Callable[[Offer, Random], Offer]


def spoiled(offers: list[Offer], seed: int) -> list[Offer]:
    """Return the offers with exactly the stated numbers of flaws, in the same order.

    An offer has at most one flaw of each group, and may have several of different groups.
    """
    offers = list(offers)
    for name, changes in GROUPS.items():
        rng = dice(seed, name)
        chosen = iter(rng.sample(range(len(offers)), sum(count for _, count, _ in changes)))
        for flaw, count, change in changes:
            for _ in range(count):
                at = next(chosen)
                offer = change(offers[at], rng)
                offers[at] = replace(offer, flaws=offer.flaws | {flaw})
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


def _as_it_is(offer: Offer, _: Random) -> Offer:
    """The flaw shows when the files are written."""
    return offer


# How many of each there are, exactly.
GROUPS: dict[str, list[tuple[Flaw, int, Change]]] = {
    "filing": [
        (Flaw.MISFILED_NEARBY, 240, _filed_nearby),
        (Flaw.MISFILED_FAR, 40, _filed_far),
    ],
    "title": [
        (Flaw.NAMED_AS_SIBLING, 90, _named_as_sibling),
        (Flaw.STUFFED, 70, _stuffed),
    ],
    "price": [
        (Flaw.PRICED_OUT, 60, _priced_out),
        (Flaw.CENTS_AS_EUROS, 40, _cents_as_euros),
    ],
    "crawl": [
        (Flaw.LAST_SEEN_60, 110, _last_seen(60)),
        (Flaw.LAST_SEEN_20, 190, _last_seen(20)),
    ],
    "picture": [
        (Flaw.WITHOUT_PICTURE, 80, _as_it_is),
        (Flaw.LOST_PICTURE, 40, _as_it_is),
        (Flaw.BROKEN_PICTURE, 40, _as_it_is),
    ],
}
