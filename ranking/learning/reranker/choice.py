"""Which loss, and whether the cross-encoder is used at all: paired by page, on pages kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ranking.evaluation import Difference, compare, interval, measure_scores
from ranking.pipeline.data import Doubles, Ints

FEWEST_PAGES = 8  # of fewer, a bootstrap over pages says nothing

ByPage = Mapping[int, float]  # NDCG@10 of each page on which it is known


def ndcg_by_page(pages: Ints, scores: Doubles, grades: Doubles) -> dict[int, float]:
    """Return NDCG@10 of each page where it is known, with its products by falling score."""
    measured = measure_scores(pages, scores, grades)
    values = {page: metrics["ndcg@10"] for page, metrics in measured.items()}
    return {page: value for page, value in values.items() if np.isfinite(value)}


def gain(with_it: ByPage, without: ByPage, seed: int = 0) -> Difference:
    """Return by how much the first is better on the pages that both know."""
    pages = sorted(with_it.keys() & without.keys())
    return compare([with_it[page] for page in pages], [without[page] for page in pages], seed)


def is_sure(gained: Difference) -> bool:
    """Return whether there are pages enough, and the gain's 95 % interval lies above 0."""
    return gained.pages >= FEWEST_PAGES and gained.low > 0


def better(first: str, second: str, ndcg: Mapping[str, ByPage]) -> str:
    """Return the second of two kinds if it is better by more than a standard error over pages;
    else the first, which is simpler."""
    pages = sorted(ndcg[first].keys() & ndcg[second].keys())
    gains = np.array([ndcg[second][page] - ndcg[first][page] for page in pages])
    if len(gains) < 2:
        return first
    error = float(gains.std(ddof=1)) / np.sqrt(len(gains))
    return second if gains.mean() > error else first


def mean_figures(ndcg: ByPage) -> dict[str, Any]:
    """Return the mean over pages, and its interval, as plain figures."""
    whole = interval(list(ndcg.values()))
    return _plain(mean=whole.mean, low=whole.low, high=whole.high) | {"pages": whole.pages}


def gain_figures(gained: Difference) -> dict[str, Any]:
    """Return a gain as plain figures."""
    figures = _plain(mean=gained.mean, low=gained.low, high=gained.high, p=gained.p)
    return figures | {"pages": gained.pages, "is_sure": is_sure(gained)}


def _plain(**values: float) -> dict[str, Any]:
    return {name: round(value, 4) if np.isfinite(value) else None for name, value in values.items()}
