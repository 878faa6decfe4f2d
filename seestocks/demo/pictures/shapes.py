"""Reads the table of shapes: each shape is a list of parts, each part a line of points."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TABLE = Path(__file__).with_name("shapes.txt")
_STEPS = 6  # points per stretch of a smooth curve


@dataclass(frozen=True)
class Part:
    """A filled polygon, or with a width an open line; points are (N, 2) in 0–100, y downwards."""

    points: NDArray[np.float64]
    role: str
    width: float = 0.0


Shape = tuple[Part, ...]


def read(text: str) -> dict[str, Shape]:
    """Return the shapes by name. The table itself explains its language."""
    shapes: dict[str, list[Part]] = {}
    parts: list[Part] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith(" "):
            parts.extend(_parts(line.split()))
        else:
            parts = shapes.setdefault(line.strip(), [])
    return {name: tuple(parts) for name, parts in shapes.items()}


def _parts(words: list[str]) -> list[Part]:
    numbers, role, width, mirrored = [], "body", 0.0, False
    for word in words[1:]:
        if word == "twice":
            mirrored = True
        elif word[0] == "w" and word[1:].isdecimal():
            width = float(word[1:])
        elif word.isalpha():
            role = word
        else:
            numbers.append(float(word))
    points = _OUTLINES[words[0]](*numbers)
    part = Part(points, role, width)
    return [part, Part(points * (-1, 1) + (100, 0), role, width)] if mirrored else [part]


def _corners(*numbers: float) -> NDArray[np.float64]:
    return np.array(numbers).reshape(-1, 2)


def _box(x0: float, y0: float, x1: float, y1: float, radius: float = 0) -> NDArray[np.float64]:
    if not radius:
        return _corners(x0, y0, x1, y0, x1, y1, x0, y1)
    centres = [(x1 - radius, y1 - radius), (x0 + radius, y1 - radius)]
    centres += [(x0 + radius, y0 + radius), (x1 - radius, y0 + radius)]
    turns = np.linspace(0, math.pi / 2, 5)
    bends = [
        np.array(centre) + radius * np.column_stack([np.cos(turns + start), np.sin(turns + start)])
        for centre, start in zip(centres, np.arange(4) * math.pi / 2, strict=True)
    ]
    return np.concatenate(bends)


def _oval(x0: float, y0: float, x1: float, y1: float) -> NDArray[np.float64]:
    turns = np.linspace(0, 2 * math.pi, 32, endpoint=False)
    x = (x0 + x1) / 2 + (x1 - x0) / 2 * np.cos(turns)
    y = (y0 + y1) / 2 + (y1 - y0) / 2 * np.sin(turns)
    return np.column_stack([x, y])


def _blob(*numbers: float) -> NDArray[np.float64]:
    points = _corners(*numbers)
    return _smooth(np.concatenate([points[-1:], points, points[:2]]))


def _curve(*numbers: float) -> NDArray[np.float64]:
    points = _corners(*numbers)
    return np.concatenate([_smooth(np.concatenate([points[:1], points, points[-1:]])), points[-1:]])


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Catmull-Rom spline through all points but the first and the last."""
    p0, p1, p2, p3 = points[:-3], points[1:-2], points[2:-1], points[3:]
    t = np.linspace(0, 1, _STEPS, endpoint=False)[:, None, None]
    spline = 0.5 * (
        2 * p1
        + (p2 - p0) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )  # (steps, stretches, 2)
    return spline.transpose(1, 0, 2).reshape(-1, 2)


_OUTLINES: dict[str, Callable[..., NDArray[np.float64]]] = {
    "box": _box,
    "oval": _oval,
    "poly": _corners,
    "blob": _blob,
    "line": _corners,
    "curve": _curve,
}
SHAPES: dict[str, Shape] = read(TABLE.read_text())
