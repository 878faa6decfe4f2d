"""Draws a look: parts as flat areas first, then colours, pattern, light and shadow."""

from __future__ import annotations

import math
import random
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from seestocks.demo.pictures.look import RGB, Look, mixed, roles
from seestocks.demo.pictures.patterns import tiled
from seestocks.demo.pictures.shapes import SHAPES, Shape

_FINE = 2  # everything is drawn twice as large and reduced, for smooth edges
_WHITE = (255, 255, 255)
_EDGE = 0.28  # how much darker a part's outline is than the part
_LABEL = "label"


def draw(look: Look, size: int = 240) -> Image.Image:
    """Return the product's picture, `size` pixels square, on white.

    Raises KeyError for a shape, colour or pattern that does not exist.
    """
    chance = random.Random(look.seed)  # noqa: S311  # proportions are no secret
    place = _Placing(chance, size * _FINE)
    areas = _areas(SHAPES[look.shape], place)
    body = areas.point(_only("body"))
    if look.pattern == _LABEL:
        label = _areas(SHAPES["label"], place)
        areas.paste(label, mask=ImageChops.darker(body, label.point(_ANYTHING)))
    elif look.pattern != "plain":
        step = round(place.pixels * chance.choice((0.07, 0.09, 0.12)))
        mask = ImageChops.offset(tiled(look.pattern, place.pixels, step), chance.randrange(step))
        areas.paste(_NUMBERS["accent"], mask=ImageChops.darker(mask, body))
    silhouette = areas.point(_ANYTHING).reduce(_FINE)
    areas.putpalette(_palette(look))
    coloured = areas.convert("RGB").reduce(_FINE)
    lit = ImageChops.multiply(coloured, _light(size))
    return Image.composite(lit, _shadow(silhouette), silhouette)


class _Placing:
    """Where this one product's points lie: its own proportions, tilt and place."""

    def __init__(self, chance: random.Random, pixels: int) -> None:
        self.pixels = pixels
        self.flipped = chance.random() < 0.5
        self.stretch = (chance.uniform(0.83, 0.97), chance.uniform(0.87, 0.97))
        self.bulge = chance.uniform(-0.07, 0.07)  # wider above or below the middle
        self.sag = chance.uniform(-3.5, 3.5)  # parts sit a little lower or higher
        self.tilt = math.radians(chance.uniform(-4, 4))
        self.shift = (chance.uniform(-2.5, 2.5), chance.uniform(-1.5, 1.5))

    def __call__(self, points: NDArray[np.float64]) -> list[float]:
        x, y = points[:, 0] - 50, points[:, 1] - 50
        y = y + self.sag * np.cos(y * (math.pi / 100))
        x = x * (1 + self.bulge * np.sin(y * (math.pi / 50))) * self.stretch[0]
        y = y * self.stretch[1]
        if self.flipped:
            x = -x
        cos, sin = math.cos(self.tilt), math.sin(self.tilt)
        placed = np.column_stack([x * cos - y * sin, x * sin + y * cos]) + self.shift + 50
        flat: list[float] = (placed * (self.pixels / 100)).ravel().tolist()
        return flat


def _areas(shape: Shape, place: _Placing) -> Image.Image:
    """Return which role, or which role's outline, every pixel belongs to; 0 is nothing."""
    areas = Image.new("L", (place.pixels, place.pixels))
    pen = ImageDraw.Draw(areas)
    fine = max(1, place.pixels // 160)
    for part in shape:
        number, points = _NUMBERS[part.role], place(part.points)
        if part.width:
            wide = round(part.width * place.pixels / 100)
            pen.line(points, number + 1, wide + 2 * fine, joint="curve")
            pen.line(points, number, wide, joint="curve")
        else:
            pen.polygon(points, number, number + 1, fine)
    return areas


_NUMBERS = {
    name: 1 + 2 * place for place, name in enumerate(roles(Look("", "white", "white", "plain", 0)))
}
_ANYTHING = [0] + [255] * 255


@lru_cache
def _only(role: str) -> list[int]:
    return [255 * (number == _NUMBERS[role]) for number in range(256)]


@lru_cache(maxsize=512)
def _palette_of(colour: str, accent: str) -> bytes:
    colours: list[RGB] = [_WHITE]
    for fill in roles(Look("", colour, accent, "plain", 0)).values():
        colours += [fill, mixed(fill, (20, 22, 30), _EDGE)]
    return bytes(channel for colour_ in colours for channel in colour_)


def _palette(look: Look) -> bytes:
    return _palette_of(look.colour, look.accent)


@lru_cache(maxsize=8)
def _light(size: int) -> Image.Image:
    """Return the light that falls from the upper left, white where it is full."""
    down, right = np.mgrid[0:size, 0:size] / size
    shade = 1 - 0.16 * np.clip(right * 0.7 + down * 0.6 - 0.45, 0, 1)
    grey = Image.fromarray((shade * 255).astype(np.uint8))
    return Image.merge("RGB", (grey, grey, grey))


def _shadow(silhouette: Image.Image) -> Image.Image:
    """Return a white ground with the product's soft shadow on it, a little lower right."""
    small = silhouette.reduce(6).filter(ImageFilter.GaussianBlur(1.4))
    soft = small.point([255 - level // 5 for level in range(256)]).resize(silhouette.size)
    shifted = Image.new("L", silhouette.size, 255)
    shifted.paste(soft, (silhouette.width // 60, silhouette.width // 40))
    return Image.merge("RGB", (shifted, shifted, shifted))
