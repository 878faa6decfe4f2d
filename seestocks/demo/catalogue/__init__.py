"""What the demo shop sells: families of siblings that are easily confused."""

from __future__ import annotations

from seestocks.demo.catalogue import (
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
from seestocks.demo.catalogue.kinds import Family, Kind
from seestocks.demo.catalogue.tree import VERSION, paths

__all__ = ["FAMILIES", "FAMILY_OF", "FIRST_OWN_ID", "KINDS", "PATHS", "VERSION", "Family", "Kind"]

FIRST_OWN_ID = 900_000  # ids below belong to Google
FAMILIES: tuple[Family, ...] = (
    *food.FAMILIES,
    *snacks.FAMILIES,
    *bags.FAMILIES,
    *wear.FAMILIES,
    *clothes.FAMILIES,
    *kitchen.FAMILIES,
    *home.FAMILIES,
    *furniture.FAMILIES,
    *workshop.FAMILIES,
    *play.FAMILIES,
    *pets.FAMILIES,
    *care.FAMILIES,
)
KINDS: dict[int, Kind] = {kind.id: kind for family in FAMILIES for kind in family.kinds}
FAMILY_OF: dict[int, Family] = {kind.id: family for family in FAMILIES for kind in family.kinds}
PATHS: dict[int, tuple[str, ...]] = paths()
