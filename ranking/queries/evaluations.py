"""Evaluations as people look at them. Loads no arrays."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from judgments.models import Campaign
from ranking.models import FINISHED, Evaluation, State
from taxonomy.models import Category, Product

WORST = 10  # pages that are listed
FIRST_UNJUDGED = 12  # products
STEPS = (0.0, 0.25, 0.5, 0.75, 0.9)  # where the chart may begin
AIMED_AT = 0.5  # NDCG@10 that every page should have


@dataclass(frozen=True)
class Bar:
    """A figure with its interval, as places on a line of 100."""

    at: float
    low: float
    width: float


@dataclass(frozen=True)
class StageLine:
    """A stage as a line of the table."""

    name: str
    left_out: str  # why it was left out; "" where it was measured
    figures: dict[str, dict[str, float | None]]  # by the metric's key in the template
    gain: dict[str, float | None] | None  # in NDCG@10 over the stage before
    seconds: float | None
    bar: Bar | None

    @property
    def is_sure(self) -> bool:
        """Whether the gain or loss could hardly be chance."""
        p = (self.gain or {}).get("p_holm")
        return p is not None and p < 0.05


@dataclass(frozen=True)
class PageLine:
    """A page as the last stage orders it."""

    page: Category
    judged: int
    ndcg: float
    is_poor: bool


@dataclass(frozen=True)
class Unjudged:
    """A product among a page's first ten that nobody has judged there."""

    page: Category
    product: Product
    position: int


@dataclass(frozen=True)
class Report:
    """A finished evaluation."""

    evaluation: Evaluation
    stages: list[StageLine]
    minilm: StageLine
    last: StageLine
    first: StageLine
    start: float  # where the chart begins
    ticks: list[tuple[float, str]]
    raters: dict[str, Any] | None
    ceiling: float | None  # where people's own orders stand on the chart
    worst: list[PageLine]
    poor: int  # pages under AIMED_AT
    unjudged: list[Unjudged]  # the first of them
    unjudged_count: int
    campaign: Campaign | None  # that asks about them


# Key in the template → metric.
SHOWN = {
    "ndcg": "ndcg@10",
    "ndcg48": "ndcg@48",
    "right": "p@10",
    "wrong": "wrong@10",
    "misfiled": "misfiled@10",
    "kept": "right kept",
    "order": "ndcg@10 removed last",
    "judged": "judged@10",
    "least": "ndcg@10 at least",
}


def evaluations() -> QuerySet[Evaluation]:
    """Return all evaluations, newest first."""
    return Evaluation.objects.select_related("asked_by")


def evaluation_under_way() -> Evaluation | None:
    """Return the newest that somebody waits for."""
    return evaluations().exclude(state__in=FINISHED).first()


def stopped_evaluation() -> Evaluation | None:
    """Return the newest of all where it failed or was cancelled, so that it can go on."""
    newest = evaluations().first()
    return newest if newest and newest.state in (State.FAILED, State.CANCELLED) else None


def token_of(evaluation: Evaluation) -> uuid.UUID:
    """Return what the campaign is known by that asks for what the evaluation found unjudged."""
    return uuid.uuid5(evaluation.token, "judge these next")


def report_of(evaluation: Evaluation) -> Report:
    """Return the figures of a finished evaluation, ready to be shown."""
    figures = evaluation.figures
    start = chart_start(figures)
    stages = [_stage(stage, start) for stage in figures["stages"]]
    measured = [stage for stage in stages if not stage.left_out]
    raters = figures["raters"]
    ceiling = raters["against_others"]["mean"] if raters else None
    return Report(
        evaluation=evaluation,
        stages=stages,
        minilm=_stage({"name": "MiniLM", "metrics": figures["baselines"]["minilm"]}, start),
        last=measured[-1],
        first=measured[0],
        start=start,
        ticks=_ticks(start),
        raters=raters,
        ceiling=None if ceiling is None else along(ceiling, start),
        worst=_worst(figures["by_page"]),
        poor=sum(_is_poor(page["ndcg@10"]) for page in figures["by_page"]),
        unjudged=_unjudged(figures["unjudged"][:FIRST_UNJUDGED]),
        unjudged_count=len(figures["unjudged"]),
        campaign=Campaign.objects.filter(token=token_of(evaluation)).first(),
    )


def chart_start(figures: dict[str, Any]) -> float:
    """Return the highest of STEPS that lies under all intervals of NDCG@10."""
    tables = [stage["metrics"] for stage in figures["stages"]]
    tables.append(figures["baselines"]["minilm"])
    ends = [table["ndcg@10"] for table in tables if table]
    if figures["raters"]:
        ends.append(figures["raters"]["against_others"])
    lows = [end["low"] for end in ends if end["low"] is not None]
    return max((step for step in STEPS if step <= min(lows, default=0.0)), default=0.0)


def along(value: float, start: float) -> float:
    """Return where a value lies on a line of 100 that begins at `start` and ends at 1."""
    return round(100 * (value - start) / (1 - start), 2)


def _stage(stage: dict[str, Any], start: float) -> StageLine:
    metrics = stage["metrics"]
    return StageLine(
        name=stage["name"],
        left_out=stage.get("left_out", ""),
        figures={key: metrics[metric] for key, metric in SHOWN.items()} if metrics else {},
        gain=stage.get("against_before", {}).get("ndcg@10"),
        seconds=stage.get("seconds"),
        bar=_bar(metrics["ndcg@10"], start) if metrics else None,
    )


def _bar(value: dict[str, float | None], start: float) -> Bar | None:
    mean, low, high = value["mean"], value["low"], value["high"]
    if mean is None or low is None or high is None:
        return None
    left = along(low, start)
    return Bar(along(mean, start), left, round(along(high, start) - left, 2))


def _ticks(start: float) -> list[tuple[float, str]]:
    count = 5
    values = [start + (1 - start) * step / count for step in range(count + 1)]
    return [(along(value, start), f"{value:.2f}") for value in values]


def _worst(pages: Sequence[dict[str, Any]]) -> list[PageLine]:
    known = [page for page in pages if page["ndcg@10"] is not None][:WORST]
    found = Category.objects.in_bulk([page["page"] for page in known])
    return [
        PageLine(found[page["page"]], page["judged"], page["ndcg@10"], _is_poor(page["ndcg@10"]))
        for page in known
        if page["page"] in found
    ]


def _is_poor(ndcg: float | None) -> bool:
    return ndcg is not None and ndcg < AIMED_AT


def _unjudged(rows: Iterable[dict[str, Any]]) -> list[Unjudged]:
    rows = list(rows)
    pages = Category.objects.in_bulk({row["page"] for row in rows})
    products = Product.objects.in_bulk({row["product"] for row in rows})
    return [
        Unjudged(pages[row["page"]], products[row["product"]], row["position"])
        for row in rows
        if row["page"] in pages and row["product"] in products
    ]
