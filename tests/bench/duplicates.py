"""How long a whole catalogue takes to be searched for near-duplicates, and what a night takes:
`python -m tests.bench.duplicates [--products 565000]`."""

from __future__ import annotations

import resource
from argparse import ArgumentParser
from dataclasses import replace
from random import Random
from time import process_time

from ranking.pipeline.duplicates.agreement import by_pair
from ranking.pipeline.duplicates.compare import Comparison
from ranking.pipeline.duplicates.offers import Offer

SEED = 20_260
FULL, USUAL = 565_000, 20_000
AIM = 900.0  # seconds for all; of one core, since one process does it
AGAIN = 0.3  # share of offers that are another retailer's of the same thing
CHANGED = 0.05
KINDS = (
    "lamp",
    "table",
    "chair",
    "kettle",
    "phone",
    "camera",
    "printer",
    "dress",
    "boot",
    "drill",
    "sofa",
    "rug",
    "mixer",
    "bag",
)
WORDS = (
    "smart",
    "steel",
    "oak",
    "cotton",
    "retro",
    "compact",
    "digital",
    "cordless",
    "classic",
    "outdoor",
    "round",
    "quiet",
)
COLOURS = ("black", "white", "grey", "red", "blue", "green", "brown", "beige")
LETTERS = "ABCDEFGHKLMNPRSTUVWXZ"


def make_offers(count: int) -> tuple[list[Offer], list[int]]:
    """Return so many offers and the thing that each is: three in four titles name a model."""
    random = Random(SEED)  # noqa: S311 - made-up offers, no secrets
    offers: list[Offer] = []
    things: list[int] = []
    while len(offers) < count:
        if offers and random.random() < AGAIN:
            before = random.randrange(len(offers))
            offers.append(_again(offers[before], len(offers) + 1, random))
            things.append(things[before])
        else:
            things.append(len(offers))
            offers.append(_first(len(offers) + 1, random))
    return offers, things


def _first(pk: int, random: Random) -> Offer:
    brand = f"Brand{chr(97 + random.randrange(26))}{chr(97 + random.randrange(26))}"
    begins = "".join(random.choices(LETTERS, k=3))
    model = f"{begins}{random.randrange(100, 9999)}{random.choice(LETTERS)}"
    parts = [brand, random.choice(KINDS), *random.sample(WORDS, 3), random.choice(COLOURS)]
    parts += [f"{random.randrange(20, 220, 5)} cm"]
    if random.random() < 0.75:
        parts.insert(1, model)
    shop = f"shop-{random.randrange(300)}"
    return Offer(pk, " ".join(parts), shop, brand, gtin=str(random.randrange(10**12, 10**13)))


def _again(offer: Offer, pk: int, random: Random) -> Offer:
    words = offer.title.split()
    words.remove(random.choice(words[1:-2]))
    shop = f"shop-{random.randrange(300)}"
    gtin = offer.gtin if random.random() < 0.6 else ""
    return replace(offer, id=pk, title=" ".join([*words, "new"]), retailer=shop, gtin=gtin)


def main() -> None:
    """Print seconds of work, the most memory held, and what was found of what there was."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=USUAL, help=f"{FULL} is the full size")
    count = parser.parse_known_args()[0].products
    offers, things = make_offers(count)
    start = process_time()
    comparison = Comparison(offers)
    matches = comparison.matches()
    grouped = comparison.groups({(match.first, match.second): match.chance for match in matches})
    took = process_time() - start
    found = by_pair([grouped.get(offer.id, offer.id) for offer in offers], things)
    held, rarity = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, comparison.rarity
    del comparison
    start = process_time()
    Comparison(offers, rarity).matches(range(1, int(count * CHANGED) + 1))
    again = process_time() - start
    print(
        f"{count:,} products: all in {took:.0f} s (aim {AIM * count / FULL:.0f} s), "
        f"{CHANGED:.0%} changed in {again:.0f} s, {held:.1f} GiB; "
        f"precision {found.precision:.3f}, recall {found.recall:.3f}"
    )


if __name__ == "__main__":
    main()
