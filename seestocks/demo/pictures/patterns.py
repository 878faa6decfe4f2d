"""Patterns as masks: where a body shows its accent colour instead of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageDraw

Pen = ImageDraw.ImageDraw


@lru_cache(maxsize=64)
def tiled(pattern: str, size: int, step: int) -> Image.Image:
    """Return a mask of `size` pixels square that repeats the pattern every `step` pixels."""
    mask = Image.new("L", (size, size))
    pen = ImageDraw.Draw(mask)
    for row in range(-1, size // step + 2):
        for column in range(-1, size // step + 2):
            _MOTIFS[pattern](pen, (column + row % 2 / 2) * step, row * step, step)
    return mask


def _stripes(pen: Pen, x: float, y: float, step: int) -> None:
    pen.rectangle((x - step, y, x + step, y + step * 0.45), 255)


def _checks(pen: Pen, x: float, y: float, step: int) -> None:
    pen.rectangle((x, y, x + step / 2 - 1, y + step - 1), 255)


def _dots(pen: Pen, x: float, y: float, step: int) -> None:
    pen.circle((x, y), step * 0.24, 255)


def _zigzag(pen: Pen, x: float, y: float, step: int) -> None:
    x -= y / step % 2 * step / 2  # the rows below each other
    bend = [(x, y), (x + step / 2, y + step / 2), (x + step, y)]
    pen.line(bend, 255, round(step * 0.26), joint="curve")


def _flowers(pen: Pen, x: float, y: float, step: int) -> None:
    for turn in range(5):
        angle = turn * 2 * math.pi / 5
        petal = (x + step * 0.2 * math.cos(angle), y + step * 0.2 * math.sin(angle))
        pen.circle(petal, step * 0.15, 255)
    pen.circle((x, y), step * 0.1, 0)


def _stars(pen: Pen, x: float, y: float, step: int) -> None:
    points = []
    for turn in range(10):
        radius = step * (0.34 if turn % 2 == 0 else 0.14)
        angle = turn * math.pi / 5 - math.pi / 2
        points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    pen.polygon(points, 255)


def _grain(pen: Pen, x: float, y: float, step: int) -> None:
    for line in range(3):
        rise = y + line * step / 3
        bend = step * (0.1 if line % 2 else 0.16)
        points = [(x + step * part / 4, rise + bend * (part % 3)) for part in range(5)]
        pen.line(points, 90, 2)


_MOTIFS: dict[str, Callable[[Pen, float, float, int], None]] = {
    "stripes": _stripes,
    "checks": _checks,
    "dots": _dots,
    "zigzag": _zigzag,
    "flowers": _flowers,
    "stars": _stars,
    "grain": _grain,
}
