"""Hold the sides of a comparison against each other. For workers: loads arrays."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from statistics import fmean
from typing import Any

import numpy as np

from judgments.queries.truth import Pair, truths
from judgments.truth import Truth
from ranking.evaluation import Difference, Interval, compare_all, condensed, summarise
from ranking.evaluation.metrics import Ordered, known_misfiling, measured_page
from ranking.evaluation.overlap import rank_biased_overlap
from ranking.listings import overlap
from ranking.models import Comparison
from ranking.pipeline.data import Doubles
from ranking.queries.gate import RIGHT, SURE
from ranking.queries.shown import newest_release
from ranking.queries.side_pages import FIRST, ShownPage, confidences, read_side
from ranking.queries.sides import Side, deciding_release, kept_side
from taxonomy.models import Category

Beat = Callable[[str, int, int], None]
Figures = dict[str, Any]
ByPage = dict[int, dict[str, float]]

ORDER = "ndcg@10"
# Of a side as it is shown; what nobody judged is left out of each but the last but one.
METRICS = (ORDER, RIGHT, "wrong@10", "misfiled@10", "judged@10", SURE)
IN_BRANCHES = (ORDER, RIGHT, SURE)
DIGITS = 6
STAGE = "Holding them against each other"


def compare_sides(comparison: Comparison, beat: Beat) -> Figures:
    """Return what is to be written on the comparison: its `figures`, and a list of its pages
    `by_page` for each side, in the order asked for.

    The figures are {"release", "shown", "judgments_until", "judged", "sides": one each}.
    `release` is the newest that decided whole pages when the reading began, `shown` the newest of
    all: what somebody publishes meanwhile makes the figures old, and never wrong. Raises Lost,
    Cancelled and Interrupted.
    """
    known = Known(truths(comparison.settings["judgments_until"]))
    decided, newest = deciding_release(), newest_release()
    branches = _branches()
    sides = [kept_side(said) for said in comparison.settings["sides"]]
    measured: list[Measured] = []
    for number, side in enumerate(sides):
        beat(f"Reading {side.name}", number, len(sides))
        measured.append(known.measure(side, read_side(side, branches)))
    told, by_page = [], []
    for number, one in enumerate(measured):
        beat(STAGE, number, len(sides))
        first = measured[0] if number else None
        by_page.append(_by_page(one, first))
        told.append(_figures(one, first, branches, by_page[-1]))
    figures = {
        "release": decided,
        "shown": newest.pk if newest else None,
        "judgments_until": comparison.settings["judgments_until"],
        "judged": len(known.truths),
        "sides": told,
    }
    return {"figures": figures, "by_page": by_page}


@dataclass(frozen=True)
class Measured:
    """A side with the metrics of each of its pages."""

    side: Side
    pages: dict[int, ShownPage]
    metrics: ByPage


@dataclass(frozen=True)
class Known:
    """What people said, ready to measure pages by."""

    truths: Mapping[Pair, Truth]
    # What sides have in common is measured once: by page and the page run that has its products.
    _measured: dict[tuple[int, int, tuple[int, ...]], dict[str, float]] = field(
        default_factory=dict
    )

    def measure(self, side: Side, pages: dict[int, ShownPage]) -> Measured:
        """Return the side with every metric of its pages; NaN where one is unknown."""
        sure = confidences(pages.values())
        metrics = {page: self._page(page, shown, sure) for page, shown in pages.items()}
        return Measured(side, pages, metrics)

    def _page(
        self, page: int, shown: ShownPage, sure: Mapping[tuple[int, int], float]
    ) -> dict[str, float]:
        key = (page, shown.holder, shown.products)
        if key not in self._measured:
            self._measured[key] = self._metrics(page, shown, sure)
        return self._measured[key]

    def _metrics(
        self, page: int, shown: ShownPage, sure: Mapping[tuple[int, int], float]
    ) -> dict[str, float]:
        grades, elsewhere = self._said(page, shown.products)
        ordered = Ordered(grades, elsewhere, self._judged[page])
        metrics = measured_page(ordered)
        first = [
            sure[shown.holder, product]
            for product in shown.products[:FIRST]
            if (shown.holder, product) in sure
        ]
        metrics[ORDER] = measured_page(condensed(ordered))[ORDER]
        metrics[SURE] = fmean(first) if first else math.nan
        return {name: metrics[name] for name in METRICS}

    def _said(self, page: int, products: Sequence[int]) -> tuple[Doubles, Doubles]:
        """(N,) grades and shares of those who say it belongs elsewhere, NaN where unknown."""
        found = [self.truths.get((page, product)) for product in products]
        grades = np.array([math.nan if one is None else one.grade for one in found], np.float64)
        unknown = [one is None or one.elsewhere is None for one in found]
        shares = [0.0 if one is None else one.elsewhere or 0.0 for one in found]
        elsewhere = np.array(shares, np.float64)
        elsewhere[np.array(unknown, bool) | (not self._asked_elsewhere)] = np.nan
        return grades, elsewhere

    @cached_property
    def _judged(self) -> Mapping[int, Doubles]:
        """Each page's grades; none of a page that nobody judged."""
        grades: dict[int, list[float]] = defaultdict(list)
        for (page, _), truth in self.truths.items():
            grades[page].append(truth.grade)
        arrays = {page: np.array(values, np.float64) for page, values in grades.items()}
        return defaultdict(lambda: np.zeros(0), arrays)

    @cached_property
    def _asked_elsewhere(self) -> bool:
        """Whether anybody ever said that a product belongs elsewhere: else nobody was asked."""
        shares = [one.elsewhere for one in self.truths.values() if one.elsewhere is not None]
        return bool(np.isfinite(known_misfiling(np.array(shares, np.float64))).any())


def _branches() -> dict[int, int]:
    """Each page's top-level category."""
    pages = Category.objects.pages().order_by("id").values_list("id", "lineage")
    return {page: int(lineage.strip("/").split("/")[0]) for page, lineage in pages}


def _by_page(one: Measured, first: Measured | None) -> list[Figures]:
    """What the side shows on each page; where the first side has the page, what changed there."""
    lines = []
    for page, shown in sorted(one.pages.items()):
        line: Figures = {
            "page": page,
            "page_run": shown.page_run,
            "publication": shown.publication,
            "shown": len(shown.products),
        }
        if first is not None and page in first.pages:
            line |= _change(page, one, first)
        lines.append(line)
    return lines


def _figures(
    one: Measured,
    first: Measured | None,
    branches: Mapping[int, int],
    by_page: Sequence[Figures],
) -> Figures:
    """A side's own figures, and, of any but the first, what they are against the first's."""
    figures: Figures = {
        "side": one.side.as_settings(),
        "name": one.side.name,
        "pages": len(by_page),
        "metrics": _means([one.metrics[line["page"]] for line in by_page], METRICS),
        "branches": _of_branches(one, first, branches),
    }
    if first is None:
        return figures
    both = [line for line in by_page if "change" in line]
    return figures | {
        "both": len(both),
        "changed": sum(line["change"] > 0 for line in both),
        "jaccard": _mean([line["jaccard"] for line in both]),
        "entered": sum(line["entered"] for line in both),
        "left": sum(line["left"] for line in both),
        "emptied": [line["page"] for line in both if line["was"] > line["shown"] == 0],
        "against_first": _against(one, first, [line["page"] for line in both], METRICS),
    }


def _of_branches(
    one: Measured, first: Measured | None, branches: Mapping[int, int]
) -> list[Figures]:
    """The figures of each top-level category, in the order of the tree."""
    pages: dict[int, list[int]] = defaultdict(list)
    for page in sorted(one.pages):
        if first is None or page in first.pages:
            pages[branches[page]].append(page)
    tops = Category.objects.filter(pk__in=pages).order_by("path").values_list("id", "name")
    return [_branch(pk, name, pages[pk], one, first) for pk, name in tops]


def _branch(
    pk: int, name: str, pages: Sequence[int], one: Measured, first: Measured | None
) -> Figures:
    figures: Figures = {
        "branch": pk,
        "name": name,
        "pages": len(pages),
        "metrics": _means([one.metrics[page] for page in pages], IN_BRANCHES),
    }
    if first is None:
        return figures
    alike = [
        overlap(first.pages[page].products[:FIRST], one.pages[page].products[:FIRST])
        for page in pages
    ]
    against = _against(one, first, pages, IN_BRANCHES)
    return figures | {"jaccard": _mean(alike), "against_first": against}


def _change(page: int, one: Measured, first: Measured) -> Figures:
    """How far apart two rankings of a page are, and what share more of the first ten is right."""
    before, after = first.pages[page].products, one.pages[page].products
    old, new = before[:FIRST], after[:FIRST]
    return {
        "was": len(before),
        "jaccard": round(overlap(old, new), DIGITS),
        "change": round(1 - rank_biased_overlap(before, after), DIGITS),
        "entered": len(set(new) - set(old)),
        "left": len(set(old) - set(new)),
        "right": _told(one.metrics[page][RIGHT] - first.metrics[page][RIGHT]),
    }


def _against(
    one: Measured, first: Measured, pages: Sequence[int], metrics: Sequence[str]
) -> dict[str, Figures]:
    """Each metric's paired difference, and its means on the pages where both know it."""
    after, before = [one.metrics[page] for page in pages], [first.metrics[page] for page in pages]
    found = compare_all(after, before, metrics)
    return {
        name: _difference(
            found[name], [page[name] for page in after], [page[name] for page in before]
        )
        for name in metrics
    }


def _difference(found: Difference, after: Sequence[float], before: Sequence[float]) -> Figures:
    paired = [
        (new, old) for new, old in zip(after, before, strict=True) if math.isfinite(new - old)
    ]
    told = {name: _told(value) for name, value in asdict(found).items() if name != "pages"}
    return told | {
        "pages": found.pages,
        "before": _mean([old for _, old in paired]),
        "after": _mean([new for new, _ in paired]),
    }


def _means(pages: Sequence[Mapping[str, float]], names: Sequence[str]) -> dict[str, Figures]:
    """Each metric's mean over the pages that know it, with its interval."""
    found = summarise([{name: page[name] for name in names} for page in pages])
    unknown = {"mean": None, "low": None, "high": None, "pages": 0}
    return {name: _ends(found[name]) if name in found else unknown for name in names}


def _ends(found: Interval) -> Figures:
    return {
        "mean": _told(found.mean),
        "low": _told(found.low),
        "high": _told(found.high),
        "pages": found.pages,
    }


def _mean(values: Sequence[float]) -> float | None:
    return _told(fmean(values)) if values else None


def _told(value: float) -> float | None:
    return round(value, DIGITS) if math.isfinite(value) else None
