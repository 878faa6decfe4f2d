"""The charts of a version's card, as numbers for SVG. Asks the database for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ranking.queries.cards import Bin, Candidate, Curve

WIDTH = 100.0  # of every chart; y runs downwards as screens count
ROOM = 0.08  # of the span, left beside the outermost interval


@dataclass(frozen=True)
class Dot:
    """A mean on an axis from 0 to WIDTH, with its interval where one is known."""

    candidate: Candidate
    at: float
    low: float | None
    width: float | None


@dataclass(frozen=True)
class Axis:
    """Means side by side, and between which values the axis runs."""

    dots: list[Dot]
    low: float
    high: float

    @property
    def briers(self) -> bool:
        """Whether an error of the confidence is known of any."""
        return any(dot.candidate.brier is not None for dot in self.dots)


@dataclass(frozen=True)
class Point:
    """A bin of products in the square of confidence (x) and the share of which it is true (y)."""

    bin: Bin
    x: float
    y: float
    top: float  # of its interval
    bottom: float


@dataclass(frozen=True)
class Line:
    """A curve as points of a polyline, and its first and last value."""

    name: str
    points: str
    first: float
    last: float
    steps: int


def axis(candidates: Sequence[Candidate]) -> Axis | None:
    """Return the candidates on one axis that holds all their intervals; None without any."""
    if not candidates:
        return None
    ends = [end for one in candidates for end in (one.low, one.mean, one.high) if end is not None]
    room = ROOM * (max(ends) - min(ends)) or 0.01
    low, high = min(ends) - room, max(ends) + room

    def place(value: float) -> float:
        return round(WIDTH * (value - low) / (high - low), 2)

    dots = [
        Dot(one, place(one.mean), None, None)
        if one.low is None or one.high is None
        else Dot(one, place(one.mean), place(one.low), round(place(one.high) - place(one.low), 2))
        for one in candidates
    ]
    return Axis(dots, low, high)


def points(bins: Sequence[Bin]) -> list[Point]:
    """Return the bins as points in a square; an unknown interval is as long as nothing."""
    return [
        Point(
            one,
            x=round(WIDTH * one.confidence, 2),
            y=_down(one.share),
            top=_down(one.share if one.high is None else one.high),
            bottom=_down(one.share if one.low is None else one.low),
        )
        for one in bins
    ]


def lines(curves: Sequence[Curve]) -> list[Line]:
    """Return each curve across the whole chart; one of a single value is a level line."""
    return [_line(curve) for curve in curves]


def _line(curve: Curve) -> Line:
    low, high = min(curve.values), max(curve.values)
    span = (high - low) or 1.0
    values = curve.values if len(curve.values) > 1 else curve.values * 2
    step = WIDTH / (len(values) - 1)
    places = [
        f"{n * step:.2f},{WIDTH * (high - value) / span:.2f}" for n, value in enumerate(values)
    ]
    return Line(curve.name, " ".join(places), curve.values[0], curve.values[-1], len(curve.values))


def _down(share: float) -> float:
    return round(WIDTH * (1 - share), 2)
