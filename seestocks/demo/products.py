"""What the retailers' feeds say when nothing is wrong: about 4,000 offers of made-up things."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from random import Random

from seestocks.demo.catalogue import FAMILY_OF, KINDS, Kind
from seestocks.demo.chance import dice
from seestocks.demo.items import Item, apart, charming, make_item
from seestocks.demo.pictures import Look
from seestocks.demo.retailers import RETAILERS, Retailer
from seestocks.demo.titles import Wording, shortened

# How many of each there are, exactly.
OFFERS = 4_000
NEAR_DUPLICATES = 400  # of them: a thing again, at another retailer, retitled, at its price
SAME_GTIN = 240  # of the near-duplicates: both listings give the same GTIN
WITHOUT_GTIN = 300  # of the first listings; near-duplicates of another GTIN give none either
FEWEST_OF_A_KIND = 11
CRAWLS = (60, 20, 0)  # days before today


class Flaw(StrEnum):
    """What can be wrong with an offer on purpose."""

    MISFILED_NEARBY = "filed under a sibling"
    MISFILED_FAR = "filed under a category of another family"
    NAMED_AS_SIBLING = "the title calls it what a sibling is called"
    STUFFED = "the title ends in a list of what siblings are called"
    PRICED_OUT = "asked for six to twelve times as much as usual, or as little"
    CENTS_AS_EUROS = "a hundred times too dear"
    LAST_SEEN_60 = "last seen by the crawl of 60 days ago"
    LAST_SEEN_20 = "last seen by the crawl of 20 days ago"
    WITHOUT_PICTURE = "the feed gives no address of a picture"
    LOST_PICTURE = "the picture's address leads to nothing"
    BROKEN_PICTURE = "the picture's file is cut off"


@dataclass(frozen=True)
class Offer:
    """One retailer's listing of an item, as its feed has it, beside what is true."""

    retailer: Retailer
    offer_id: str
    item: Item  # near-duplicates share it; its kind is the true category
    told: Wording  # what the title says
    description: str
    gtin: str
    price: Decimal
    look: Look
    filed: int  # the category that the feed gives
    in_stock: bool
    listed: int  # days before today's crawl when a crawl first saw it
    stuffing: str = ""  # what the title says after all else, to be found by more searches
    seen: int = 0  # days before today's crawl when one saw it last
    flaws: frozenset[Flaw] = frozenset()

    @property
    def kind(self) -> Kind:
        return self.item.kind

    @property
    def title(self) -> str:
        """The title in the retailer's manner, at most 150 characters."""
        return shortened(self.retailer.title(self.told) + self.stuffing)

    def in_crawl(self, days: int) -> bool:
        """Return whether the retailer's feed of so many days ago has it."""
        return self.seen <= days <= max(self.listed, self.seen)

    @property
    def picture_path(self) -> str:
        """Where the feed says the picture lies, below the folder of pictures."""
        return f"{self.retailer.slug}/{self.offer_id.lower()}.jpg"


def sound_offers(seed: int) -> list[Offer]:
    """Return all offers, the near-duplicates last; equal seeds give equal offers."""
    rng = dice(seed, "offers")
    firsts = [_listed(item, rng.choice(carriers(item)), rng) for item in make_items(seed)]
    for at in rng.sample(range(len(firsts)), WITHOUT_GTIN):
        firsts[at] = replace(firsts[at], gtin="")
    twice = rng.sample(firsts, NEAR_DUPLICATES)
    same = set(rng.sample([at for at, offer in enumerate(twice) if offer.gtin], SAME_GTIN))
    agains = [
        _again(offer, offer.gtin if at in same else "", rng) for at, offer in enumerate(twice)
    ]
    return [
        replace(offer, offer_id=f"{offer.retailer.slug[:3].upper()}-{10_001 + number}")
        for number, offer in enumerate(firsts + agains)
    ]


def make_items(seed: int) -> list[Item]:
    """Return the things that are sold, no two of a kind alike in words."""
    rng = dice(seed, "items")
    items: list[Item] = []
    for kind, count in _shares(rng).items():
        known: set[tuple[str, ...]] = set()
        while len(known) < count:
            item = make_item(len(items) + 1, kind, FAMILY_OF[kind.id], rng)
            words = (item.brand, item.noun, item.tells[0], item.look_words, item.size)
            if words not in known:
                known.add(words)
                items.append(item)
    return items


def carriers(item: Item) -> list[Retailer]:
    """Return the retailers that sell things of the item's family."""
    return [r for r in RETAILERS if FAMILY_OF[item.kind.id] in r.families]


def _shares(rng: Random) -> dict[Kind, int]:
    """Return how many items each kind gets: some categories are larger than others."""
    spare = OFFERS - NEAR_DUPLICATES - FEWEST_OF_A_KIND * len(KINDS)
    weights = {kind: rng.lognormvariate(0, 0.5) for kind in KINDS.values()}
    total = sum(weights.values())
    shares = {kind: math.floor(spare * weight / total) for kind, weight in weights.items()}
    for kind in rng.sample(list(shares), spare - sum(shares.values())):
        shares[kind] += 1
    return {kind: FEWEST_OF_A_KIND + share for kind, share in shares.items()}


def _listed(item: Item, retailer: Retailer, rng: Random) -> Offer:
    told = _wording(item, rng)
    full = replace(told, said=item.tells + item.words, look=item.look_words)
    return Offer(
        retailer=retailer,
        offer_id="",
        item=item,
        told=told,
        description=retailer.description(full if rng.random() < 0.8 else told),
        gtin=item.gtin,
        price=charming(item.price * retailer.level * math.exp(rng.gauss(0, 0.04))),
        look=item.look,
        filed=item.kind.id,
        in_stock=rng.random() < 0.94,
        listed=rng.choices(CRAWLS, weights=(6, 3, 1))[0],
    )


def _wording(item: Item, rng: Random) -> Wording:
    """Return what a title says; one in four says nothing that sets it apart from siblings."""
    tells = [tell for tell in item.tells if apart(tell, item.noun)][:1]
    said = rng.choices([(*tells, item.words[0]), tells, (item.words[0],)], weights=[5, 4, 3])[0]
    return Wording(
        noun=item.noun,
        brand=item.brand,
        series=item.series,
        said=tuple(said),
        look=item.look_words if rng.random() < 0.85 or not item.look_words else item.colour,
        size=item.size,
        use=item.kind.use,
    )


def _again(offer: Offer, gtin: str, rng: Random) -> Offer:
    """Return another retailer's listing of the same item: own title, price and, often, photo."""
    others = [retailer for retailer in carriers(offer.item) if retailer is not offer.retailer]
    again = _listed(offer.item, rng.choice(others), rng)
    shot = offer.look.seed if rng.random() < 0.5 else offer.look.seed + OFFERS
    return replace(
        again,
        gtin=gtin,
        price=charming(float(offer.price) * rng.uniform(0.82, 1.22)),
        look=replace(offer.look, seed=shot),
    )
