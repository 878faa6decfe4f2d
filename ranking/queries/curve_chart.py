"""A learning curve as a picture: figures in, SVG out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

WIDTH, HEIGHT = 280, 200  # of a panel's plot
LEFT, TOP, APART = 56, 64, 76  # around and between them
TICKS = 4
STEPS = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Tick:
    """A line of the grid: where it lies, and what it says."""

    at: float
    label: str


@dataclass(frozen=True)
class Dot:
    """A measured point."""

    x: float
    y: float
    label: str


@dataclass(frozen=True)
class Panel:
    """One curve's axes and lines, in units of the picture; polygons as SVG wants them."""

    title: str
    x: float
    across: list[Tick]
    up: list[Tick]
    queue: list[Dot]
    random: list[Dot]
    spread: str


def curve_chart(figures: Mapping[str, Any]) -> str:
    """Return the figures of `learning_curve --json` as an SVG: a panel for each curve, both
    orders as lines with dots, and between the least and the most random order a band."""
    shares = figures["shares"]
    panels = [
        _panel(title, curve, shares, number)
        for number, (title, curve) in enumerate(figures["curves"].items())
    ]
    context = {
        "panels": panels,
        "figures": figures,
        "width": LEFT + len(panels) * (WIDTH + APART),
        "height": TOP + HEIGHT + 56,
        "plot_width": WIDTH,
        "plot_height": HEIGHT,
        "top": TOP,
    }
    return render_to_string("ranking/learning_curve.svg", context)


def _points(dots: Sequence[Dot]) -> str:
    """Return the points as SVG's `points`."""
    return " ".join(f"{dot.x},{dot.y}" for dot in dots)


def _panel(
    title: str, curve: Mapping[str, list[float | None]], shares: Sequence[float], number: int
) -> Panel:
    known = [value for values in curve.values() for value in values if value is not None]
    marks = _marks(known)
    low, high = marks[0], marks[-1]

    def dots(values: Sequence[float | None]) -> list[Dot]:
        return [
            Dot(
                _x(share),
                round(HEIGHT * (high - value) / (high - low), 1),
                f"{value:.4f} after {share:.0%}",
            )
            for share, value in zip(shares, values, strict=True)
            if value is not None
        ]

    return Panel(
        title=title,
        x=LEFT + number * (WIDTH + APART),
        across=[Tick(_x(share), f"{share:.0%}") for share in shares],
        up=[Tick(round(HEIGHT * (high - one) / (high - low), 1), f"{one:.3g}") for one in marks],
        queue=dots(curve["queue"]),
        random=dots(curve["random"]),
        spread=_points([*dots(curve["random_low"]), *reversed(dots(curve["random_high"]))]),
    )


def _x(share: float) -> float:
    return round(WIDTH * share, 1)


def _marks(known: Sequence[float]) -> list[float]:
    """Round numbers in equal steps, from below the least to above the most."""
    low, high = min(known, default=0.0), max(known, default=1.0)
    step = next(step for step in STEPS if high - low <= TICKS * step)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, max(last, first + 2) + 1)]
