"""What can be said of a picture in words, and what the words look like."""

from __future__ import annotations

from dataclasses import dataclass

RGB = tuple[int, int, int]

COLOURS: dict[str, RGB] = {
    "beige": (222, 202, 171),
    "black": (52, 53, 58),
    "blue": (58, 116, 196),
    "brown": (122, 80, 52),
    "burgundy": (122, 34, 56),
    "copper": (190, 112, 74),
    "cream": (246, 234, 205),
    "gold": (218, 174, 72),
    "green": (72, 148, 88),
    "grey": (146, 151, 158),
    "navy": (36, 54, 100),
    "olive": (118, 124, 62),
    "orange": (236, 134, 50),
    "pink": (240, 160, 184),
    "purple": (130, 88, 168),
    "red": (206, 52, 52),
    "silver": (196, 202, 208),
    "tan": (202, 156, 104),
    "teal": (44, 142, 146),
    "white": (248, 248, 246),
    "yellow": (246, 206, 66),
}

PATTERNS = ("plain", "stripes", "checks", "dots", "zigzag", "flowers", "stars", "grain", "label")


@dataclass(frozen=True)
class Look:
    """How a product looks: a name of SHAPES, two of COLOURS, one of PATTERNS.

    The seed settles the proportions: equal looks give equal pictures.
    """

    shape: str
    colour: str
    accent: str
    pattern: str
    seed: int


def roles(look: Look) -> dict[str, RGB]:
    """Return the colour of every role that a part can play in a shape."""
    body, accent = COLOURS[look.colour], COLOURS[look.accent]
    return {
        "body": body,
        "accent": accent,
        "dark": mixed(body, (20, 22, 30), 0.3),
        "light": mixed(body, (255, 255, 255), 0.35),
        "deep": mixed(accent, (20, 22, 30), 0.3),
        "paper": (250, 246, 236),
        "ink": (58, 60, 66),
        "metal": (186, 193, 201),
        "iron": (112, 118, 127),
        "wood": (190, 140, 88),
        "glass": (216, 232, 240),
        "glow": (255, 232, 160),
        "skin": (240, 206, 172),
        "leaf": (98, 160, 84),
    }


def mixed(colour: RGB, other: RGB, share: float) -> RGB:
    """Return the colour with this share of the other in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue
