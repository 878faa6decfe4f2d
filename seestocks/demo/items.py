"""The made-up things themselves, before any retailer lists them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from stdnum import ean

from seestocks.demo.catalogue import FAMILIES, Family, Kind
from seestocks.demo.catalogue.kinds import listed
from seestocks.demo.pictures import Look

SERIES = listed(
    "Alva|Birk|Cosmo|Dune|Ember|Fjell|Gala|Haven|Indigo|Juno|Kite|Linden|Mika|Nova|Otis|Pico|"
    "Quill|Rhea|Solis|Tove|Umbra|Vela|Wren|Yuma|Zephyr|Arlo|Brisa|Calla|Dorian|Elba|Fenn|"
    "Greta|Hugo|Isla|Jasper|Koa|Lark|Mistral|Nell|Orso|Pera|Rowan|Sira|Tilo|Ursa|Viggo|Willa|"
    "Zola"
)
PATTERNED = {
    "stripes": "striped",
    "checks": "checked",
    "dots": "dotted",
    "zigzag": "zigzag",
    "flowers": "floral",
    "stars": "starry",
}
# A noun that names a material, such as Enamel Mug, is not made of another one.
MATERIAL_WORDS = {
    word
    for family in FAMILIES
    for materials in (family.materials, *(kind.materials for kind in family.kinds))
    for words in materials
    for word in words.lower().split()
} | {"wooden", "foam", "iron", "beeswax", "flannel", "paper"}
SIZE_SHARE = 0.7  # how much of a price's spread goes with the size, where size is an amount
AMOUNT = re.compile(r"[\d.]+ (g|kg|ml|l|pieces|cm|lm)$")
# GS1 keeps 20 to 29 for numbers that mean something inside one shop only.
IN_STORE_PREFIX = "29"


@dataclass(frozen=True)
class Item:
    """One thing that retailers sell, with all that is true of it; `price` is its usual one."""

    number: int
    kind: Kind
    brand: str
    series: str
    noun: str
    tells: tuple[str, ...]
    words: tuple[str, ...]
    look_words: str
    colour: str
    material: str
    size: str
    gtin: str
    price: float
    look: Look


def make_item(number: int, kind: Kind, family: Family, rng: Random) -> Item:
    """Return the `number`-th thing of the shop, drawn by `rng` from what its family knows."""
    sizes = kind.sizes or family.sizes
    size = rng.choice(sizes) if sizes else ""
    colour = rng.choice(kind.colours or family.colours)
    materials = kind.materials or family.materials
    noun = rng.choice(kind.nouns)
    named = MATERIAL_WORDS & set(re.findall(r"\w+", noun.lower()))
    material = rng.choice(materials) if materials and not named else ""
    pattern = rng.choice(family.patterns)
    return Item(
        number=number,
        kind=kind,
        brand=rng.choice(family.brands),
        series=rng.choice(SERIES) if family.colour_in_title else "",
        noun=noun,
        tells=tuple(rng.sample(kind.tells, k=min(2, len(kind.tells)))),
        words=tuple(rng.sample([word for word in family.words if apart(word, noun)], k=2)),
        look_words=_look_words(colour, pattern, material) if family.colour_in_title else "",
        colour=colour,
        material=material,
        size=size,
        gtin=gtin(number),
        price=_price(kind, sizes, size, rng),
        look=Look(kind.shape, colour, _accent(family, colour, rng), pattern, number),
    )


def gtin(number: int) -> str:
    """Return a GTIN-13 that can be no real product's: its prefix is for use inside a shop."""
    digits = f"{IN_STORE_PREFIX}{number:010d}"
    return f"{digits}{ean.calc_check_digit(digits)}"


def apart(word: str, noun: str) -> bool:
    """Return whether a word adds to a noun: "organic" does to "Pepper", "pepper" does not."""
    return not set(re.findall(r"\w{4,}", word.lower())) & set(re.findall(r"\w+", noun.lower()))


def _look_words(colour: str, pattern: str, material: str) -> str:
    """Return the look in words; a colour that the material names is not said twice."""
    words = (PATTERNED.get(pattern, ""), "" if colour in material else colour, material)
    return " ".join(word for word in words if word)


def _accent(family: Family, colour: str, rng: Random) -> str:
    return rng.choice([other for other in (*family.colours, "white", "grey") if other != colour])


def _price(kind: Kind, sizes: tuple[str, ...], size: str, rng: Random) -> float:
    """Return a log-normal price around the kind's median: more of a thing costs more."""
    share = SIZE_SHARE if len(sizes) > 1 and AMOUNT.search(size) else 0.0
    # Ranks of n sizes, centred and scaled to a standard deviation of one.
    rank = (sizes.index(size) - (len(sizes) - 1) / 2) if share else 0.0
    scaled = rank / math.sqrt((len(sizes) ** 2 - 1) / 12) if share else 0.0
    z = share * scaled + math.sqrt(1 - share**2) * rng.gauss(0, 1)
    return kind.price * math.exp(kind.spread * max(-2.2, min(2.2, z)))


def charming(price: float) -> Decimal:
    """Return the price as shops write it: 3.49, 24.90, 129.00; at least 0.49."""
    if price >= 100:
        return Decimal(round(price)) - Decimal("0.00" if price > 200 else "0.05")
    if price >= 20:
        return Decimal(max(20, round(price))) - Decimal("0.10")
    tenths = max(5, round(price * 10))
    return Decimal(tenths) / 10 - Decimal("0.01")
