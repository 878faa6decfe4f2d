"""Every text can be read on its ground, in light and in dark: WCAG 2.2 AA, computed."""

from __future__ import annotations

import math
import re
from itertools import product
from pathlib import Path

import pytest

TOKENS = (
    Path(__file__).resolve().parent.parent.parent / "static" / "css" / "tokens.css"
).read_text()
GROUNDS = ("paper", "sheet", "sunk", "accent-wash")
TEXTS = ("ink", "ink-soft", "ink-faint", "accent")
MEANINGS = ("right", "wrong", "doubt")
PAIRS = [
    *product(TEXTS, GROUNDS),
    *product(MEANINGS, ("paper", "sheet", "sunk")),
    *((meaning, f"{meaning}-wash") for meaning in MEANINGS),
    ("on-accent", "accent"),
    ("paper", "ink"),
]
EDGES = [
    ("edge", "paper"),
    ("edge", "sheet"),
    ("accent", "track"),
    ("right", "track"),
    ("wrong", "track"),
]


def colour(name: str, mode: int) -> tuple[float, float, float]:
    """Return (L, C, h) of a token; mode 0 is light, 1 is dark."""
    value = re.search(rf"--{name}: light-dark\(oklch\((.+?)\), oklch\((.+?)\)\);", TOKENS)
    assert value, f"--{name} is not given for light and dark"
    lightness, chroma, hue = value[mode + 1].split()
    return float(lightness.rstrip("%")) / 100, float(chroma), float(hue)


def luminance(lch: tuple[float, float, float]) -> float:
    """Return the relative luminance, by way of linear sRGB (Ottosson, Oklab, 2020)."""
    lightness, chroma, hue = lch
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    shown = [min(1.0, max(0.0, channel)) for channel in (red, green, blue)]
    return 0.2126 * shown[0] + 0.7152 * shown[1] + 0.0722 * shown[2]


def contrast(one: str, other: str, mode: int) -> float:
    darker, lighter = sorted(luminance(colour(name, mode)) for name in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_reaches_four_and_a_half_to_one(text: str, ground: str, mode: int) -> None:
    assert contrast(text, ground, mode) >= 4.5


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_fields_and_bars_reach_three_to_one(edge: str, ground: str, mode: int) -> None:
    assert contrast(edge, ground, mode) >= 3


def test_the_measure_agrees_with_what_everybody_knows() -> None:
    black, white = (0.0, 0.0, 0.0), (1.0, 0.0, 0.0)
    assert luminance(white) == pytest.approx(1, abs=1e-4)
    assert (luminance(white) + 0.05) / (luminance(black) + 0.05) == pytest.approx(21, abs=0.01)
