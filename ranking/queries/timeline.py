"""How good runs were, one after another, and which were published when. Loads no arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ranking.models import Cause, Comparison, Release, Run, RunNote, State
from ranking.queries.comparisons import SHOWN
from ranking.queries.sides import DECIDING
from taxonomy.models import Category

MOST = 60  # runs that are shown
FULL = 0.5  # of the pages that are switched on: what ranks fewer tells of its branch alone
ROOM = 0.08  # of the span, left above and below
LEAST_SPAN = 0.02
FALLING = ("wrong", "misfiled")  # the fewer the better
WORDS = {
    "right": "Right in the first ten",
    "order": "Order, NDCG@10",
    "wrong": "Pages with a wrong one",
    "misfiled": "Pages with a misfiled one",
    "sure": "The machine’s confidence",
}


@dataclass(frozen=True)
class Measured:
    """A run as it was measured when it had ended."""

    run: Run
    comparison: int
    pages: int
    figures: dict[str, dict[str, Any]]  # by the keys of SHOWN
    releases: list[Release]  # that published it
    notes: list[RunNote]


@dataclass(frozen=True)
class Point:
    """A run on the chart; y runs downwards as screens count, both from 0 to 100."""

    measured: Measured
    value: dict[str, Any]
    x: float
    y: float
    top: float  # of its interval
    bottom: float


@dataclass(frozen=True)
class Mark:
    """An act of publishing on the chart."""

    release: Release
    x: float


@dataclass(frozen=True)
class Chart:
    """One figure of all runs over time."""

    key: str  # of WORDS
    label: str
    points: list[Point]
    marks: list[Mark]
    line: str  # through the points
    ticks: list[tuple[float, float]]  # y and value
    begins: datetime
    ends: datetime


def timeline() -> list[Measured]:
    """Return the newest full runs that were measured when they had ended, the oldest first."""
    enough = FULL * Category.objects.pages().count()
    newest: dict[int, Comparison] = {}
    rows = Comparison.objects.filter(run__isnull=False, state=State.DONE).defer("by_page")
    for comparison in rows.select_related("run__started_by").order_by("-id")[: 4 * MOST]:
        if comparison.figures["sides"][-1]["pages"] >= enough:
            newest.setdefault(comparison.run_id or 0, comparison)
    found = sorted(newest.values(), key=lambda one: (one.run.as_of, one.run_id))[-MOST:]  # type: ignore[union-attr]  # filtered
    return _told(found)


def releases_since(first: datetime) -> list[Release]:
    """Return the releases that decided whole pages from that moment on, the oldest first."""
    acts = Release.objects.filter(cause__in=DECIDING, at__gte=first)
    return list(acts.select_related("by", "run", "back_to").order_by("id"))


def chart(runs: Sequence[Measured], key: str) -> Chart | None:
    """Return a figure of the runs over time; None where it is known of none."""
    known = [one for one in runs if one.figures[key]["mean"] is not None]
    if not known:
        return None
    begins = known[0].run.as_of
    acts = releases_since(begins)
    ends = max([known[-1].run.as_of, *(act.at for act in acts)])
    low, high = _scale([one.figures[key] for one in known])

    def across(at: datetime) -> float:
        whole = (ends - begins).total_seconds()
        return round(2 + 96 * (at - begins).total_seconds() / whole, 2) if whole else 50.0

    def down(value: float) -> float:
        return round(100 * (high - value) / (high - low), 2)

    points = [
        Point(
            measured=one,
            value=one.figures[key],
            x=across(one.run.as_of),
            y=down(one.figures[key]["mean"]),
            top=down(one.figures[key]["high"]),
            bottom=down(one.figures[key]["low"]),
        )
        for one in known
    ]
    return Chart(
        key=key,
        label=WORDS[key],
        points=points,
        marks=[Mark(act, across(act.at)) for act in acts],
        line=" ".join(f"{point.x},{point.y}" for point in points),
        ticks=[(down(value), value) for value in (high, (low + high) / 2, low)],
        begins=begins,
        ends=ends,
    )


def _told(comparisons: Sequence[Comparison]) -> list[Measured]:
    ids = [one.run_id for one in comparisons]
    releases: dict[int | None, list[Release]] = defaultdict(list)
    for act in Release.objects.filter(run__in=ids, cause=Cause.RUN).select_related("by"):
        releases[act.run_id].append(act)
    notes: dict[int | None, list[RunNote]] = defaultdict(list)
    for note in RunNote.objects.filter(run__in=ids).select_related("author").order_by("id"):
        notes[note.run_id].append(note)
    return [
        Measured(
            run=one.run,
            comparison=one.pk,
            pages=one.figures["sides"][-1]["pages"],
            figures=_figures(one),
            releases=releases[one.run_id],
            notes=notes[one.run_id],
        )
        for one in comparisons
        if one.run is not None
    ]


def _figures(comparison: Comparison) -> dict[str, dict[str, Any]]:
    metrics = comparison.figures["sides"][-1]["metrics"]
    return {key: metrics[metric] for key, metric in SHOWN.items()}


def _scale(values: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """Between which values the chart runs: it holds all intervals, and shares end at 0 and 1."""
    low = min(value["low"] for value in values)
    high = max(value["high"] for value in values)
    room = max(ROOM * (high - low), LEAST_SPAN / 2)
    return max(0.0, low - room), min(1.0, high + room)
