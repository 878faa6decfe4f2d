"""Comparisons as people look at them. Loads no arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from ranking.models import FINISHED, Comparison, State
from ranking.queries.gate import RIGHT, SURE, Verdict, bound_now, verdicts
from ranking.queries.shown import newest_release
from ranking.queries.sides import PUBLISHED, Side, kept_side
from taxonomy.models import Category

ROOM = 0.06  # of the span, left beside the outermost interval
LEAST_SPAN = 0.02  # of an axis of differences, to either side
# Key in the template → metric.
SHOWN = {
    "right": RIGHT,
    "order": "ndcg@10",
    "wrong": "wrong@10",
    "misfiled": "misfiled@10",
    "judged": "judged@10",
    "sure": SURE,
}
PAGE_ORDERS = {
    "": "change",  # falling
    "jaccard": "jaccard",  # rising
    "right": "right",  # rising: the losses first
}
SURE_BELOW = 0.05  # p, corrected, under which a gain or loss could hardly be chance
# "mean", "low", "high", "p_holm", "pages", "before", "after", and whether it "is_sure"
Gained = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """A figure with its interval, as places on a line of 100."""

    at: float
    low: float
    width: float


@dataclass(frozen=True)
class Axis:
    """Between which values a line of 100 runs."""

    low: float
    high: float

    def bar(self, value: Mapping[str, Any]) -> Bar | None:
        """Return the figure on this line; None where it is unknown."""
        if value["mean"] is None:
            return None
        low = self.along(value["low"])
        return Bar(self.along(value["mean"]), low, round(self.along(value["high"]) - low, 2))

    def along(self, value: float) -> float:
        """Return where a value lies, from 0 to 100."""
        return round(100 * (value - self.low) / (self.high - self.low), 2)


@dataclass(frozen=True)
class SideLine:
    """A side as a line of the summary."""

    number: int  # from 0; the first one is held against
    side: Side
    figures: dict[str, dict[str, Any]]  # by the keys of SHOWN
    gains: dict[str, Gained]  # against the first side, likewise; none of the first
    bar: Bar | None  # of what is right in the first ten
    about: dict[str, Any]  # "pages", and against the first "both", "changed", "jaccard" and so on


@dataclass(frozen=True)
class BranchLine:
    """A top-level category as one side has it, against the first."""

    about: dict[str, Any]  # "branch", "name", "pages", "jaccard"
    gains: dict[str, Gained]  # of "right", "order" and "sure"
    bar: Bar | None  # of the gain in what is right
    verdict: Verdict


@dataclass(frozen=True)
class Report:
    """A finished comparison, with one of its sides looked at closely."""

    comparison: Comparison
    sides: list[SideLine]
    axis: Axis | None  # of the sides' bars
    against: SideLine | None  # the side looked at; None where a run was measured alone
    branches: list[BranchLine]
    branch_axis: Axis
    bound: float  # of the gate
    is_old: bool  # something else has been published since


@dataclass(frozen=True)
class PageChange:
    """A page as a line of those that changed."""

    page: Category
    line: dict[str, Any]  # "jaccard", "change", "entered", "left", "right", "shown"


def comparisons() -> QuerySet[Comparison]:
    """Return all comparisons, newest first, without what changed on each page."""
    return Comparison.objects.select_related("asked_by", "run").defer("by_page")


def sides_of(comparison: Comparison) -> list[Side]:
    """Return what is compared, in the order in which it was asked for."""
    return [kept_side(said) for said in comparison.settings["sides"]]


def known_comparison(sides: Sequence[Side]) -> Comparison | None:
    """Return the newest comparison of just these sides that is made, or being made, and still
    tells of what is published; None without one."""
    wanted = [side.as_settings() for side in sides]
    usable = comparisons().exclude(state__in=(State.FAILED, State.CANCELLED))
    newest = usable.filter(settings__sides=wanted).first()
    return None if newest is None or is_old(newest) else newest


def is_old(comparison: Comparison) -> bool:
    """Whether something was published since that the comparison calls published."""
    if {PUBLISHED: True} not in comparison.settings["sides"] or comparison.state not in FINISHED:
        return False
    newest = newest_release()
    return bool(comparison.figures.get("shown") != (newest.pk if newest else None))


def report_of(comparison: Comparison, of: int = 1) -> Report:
    """Return a finished comparison, its side `of` looked at closely: the first one after 0."""
    told = comparison.figures["sides"]
    ends = [side["metrics"][RIGHT] for side in told]
    axis = _axis(ends)
    lines = [_side(number, side, axis) for number, side in enumerate(told)]
    against = lines[of] if 0 < of < len(lines) else None
    branches = told[of]["branches"] if against else []
    bound = bound_now()
    span = _span([branch["against_first"][RIGHT] for branch in branches])
    branch_axis = Axis(-span, span)
    return Report(
        comparison=comparison,
        sides=lines,
        axis=axis,
        against=against,
        branches=_branches(branches, branch_axis, bound),
        branch_axis=branch_axis,
        bound=bound,
        is_old=is_old(comparison),
    )


def changed_pages(comparison: Comparison, of: int, order: str = "") -> list[dict[str, Any]]:
    """Return the pages of both sides on which something changed, by a key of PAGE_ORDERS, those
    that changed most first; ties by page."""
    lines = comparison.by_page[of] if 0 < of < len(comparison.by_page) else []
    changed = [line for line in lines if line.get("change")]
    column = PAGE_ORDERS[order]
    sign = -1 if column == "change" else 1
    return sorted(changed, key=lambda line: (*_known_first(line[column], sign), line["page"]))


def page_changes(lines: Iterable[dict[str, Any]]) -> list[PageChange]:
    """Return the lines with their pages; those of pages that are gone are left out."""
    lines = list(lines)
    pages = Category.objects.in_bulk([line["page"] for line in lines])
    return [PageChange(pages[line["page"]], line) for line in lines if line["page"] in pages]


def _known_first(value: float | None, sign: int) -> tuple[bool, float]:
    return (value is None, sign * (value or 0.0))


def _side(number: int, told: dict[str, Any], axis: Axis | None) -> SideLine:
    against = told.get("against_first", {})
    return SideLine(
        number=number,
        side=kept_side(told["side"]),
        figures={key: told["metrics"][metric] for key, metric in SHOWN.items()},
        gains=_gains(against),
        bar=axis.bar(told["metrics"][RIGHT]) if axis else None,
        about=told,
    )


def _branches(branches: Sequence[dict[str, Any]], axis: Axis, bound: float) -> list[BranchLine]:
    return [
        BranchLine(
            about=branch,
            gains=_gains(branch["against_first"]),
            bar=axis.bar(branch["against_first"][RIGHT]),
            verdict=verdict,
        )
        for branch, verdict in zip(branches, verdicts(branches, bound), strict=True)
    ]


def _gains(against: Mapping[str, Any]) -> dict[str, Gained]:
    """Those that are told, by the keys of SHOWN."""
    return {
        key: against[metric] | {"is_sure": _is_sure(against[metric]["p_holm"])}
        for key, metric in SHOWN.items()
        if metric in against
    }


def _is_sure(p: float | None) -> bool:
    return p is not None and p < SURE_BELOW


def _axis(values: Sequence[Mapping[str, Any]]) -> Axis | None:
    """A line that holds all the intervals; None where nothing is known."""
    ends = [value[end] for value in values for end in ("low", "high") if value[end] is not None]
    if not ends:
        return None
    room = ROOM * (max(ends) - min(ends)) or LEAST_SPAN
    return Axis(max(0.0, min(ends) - room), min(1.0, max(ends) + room))


def _span(gains: Sequence[Mapping[str, Any]]) -> float:
    """How far a line of differences runs to either side of 0."""
    ends = [abs(gain[end]) for gain in gains for end in ("low", "high") if gain[end] is not None]
    return float(max([LEAST_SPAN, *ends]) * (1 + ROOM))
