"""The twelve made-up retailers: what each carries, how dear it is, how it writes its titles."""

from __future__ import annotations

from dataclasses import dataclass

from seestocks.demo import titles
from seestocks.demo.catalogue import (
    FAMILIES,
    Family,
    bags,
    care,
    clothes,
    food,
    furniture,
    home,
    kitchen,
    pets,
    play,
    snacks,
    wear,
    workshop,
)


@dataclass(frozen=True)
class Retailer:
    """A made-up shop; `level` is what it asks for a product, relative to the others."""

    name: str
    slug: str
    level: float
    title: titles.Style
    description: titles.Style
    families: tuple[Family, ...]


LARDER = food.FAMILIES + snacks.FAMILIES
WARDROBE = clothes.FAMILIES + wear.FAMILIES
ROOMS = home.FAMILIES + furniture.FAMILIES
GAMES = play.FAMILIES + pets.FAMILIES

RETAILERS: tuple[Retailer, ...] = (
    Retailer(
        "Kaufhaus Morgenrot", "morgenrot", 1.04, titles.brand_first, titles.in_sentences, FAMILIES
    ),
    Retailer("Almacenes Quimera", "quimera", 0.97, titles.noun_first, titles.in_points, FAMILIES),
    Retailer("Hoppla Markt", "hoppla", 0.9, titles.abbreviated, titles.in_a_few_words, FAMILIES),
    Retailer(
        "Marlo & Finch",
        "marlo",
        1.12,
        titles.as_a_phrase,
        titles.in_sentences,
        WARDROBE + bags.FAMILIES + ROOMS,
    ),
    Retailer(
        "Bazar Lumi",
        "lumi",
        0.94,
        titles.with_keywords,
        titles.in_points,
        ROOMS + kitchen.FAMILIES + care.FAMILIES,
    ),
    Retailer(
        "Velvet Otter",
        "otter",
        1.08,
        titles.brand_first,
        titles.in_sentences,
        care.FAMILIES + WARDROBE,
    ),
    Retailer(
        "Nørregård Goods",
        "norregard",
        1.1,
        titles.as_a_phrase,
        titles.in_a_few_words,
        ROOMS + bags.FAMILIES + GAMES,
    ),
    Retailer(
        "Le Petit Hangar",
        "hangar",
        1.0,
        titles.with_dashes,
        titles.in_points,
        workshop.FAMILIES + GAMES + bags.FAMILIES,
    ),
    Retailer(
        "Ponte Mercato",
        "ponte",
        0.98,
        titles.brand_first,
        titles.in_sentences,
        LARDER + kitchen.FAMILIES,
    ),
    Retailer(
        "Brückner Depot",
        "brueckner",
        0.95,
        titles.abbreviated,
        titles.in_points,
        workshop.FAMILIES + ROOMS,
    ),
    Retailer(
        "Papaya Post",
        "papaya",
        0.96,
        titles.with_keywords,
        titles.in_a_few_words,
        LARDER + care.FAMILIES + GAMES,
    ),
    Retailer(
        "Zirkel & Sohn",
        "zirkel",
        1.06,
        titles.noun_first,
        titles.in_sentences,
        care.FAMILIES + kitchen.FAMILIES + LARDER,
    ),
)
