"""How good a ranking is, by what people think of its products. Pure arrays; for workers.

A page is measured by the grades of its products in ranked order, NaN where nobody judged:

- NDCG@k: gain 2^grade - 1, discount log2(place + 1), ideal from all that was judged for the
  page. An unjudged product takes its place and gains nothing. Unknown for a page on which
  nothing was graded above 0.
- MAP: grade 2 and 3 are relevant; an unjudged product counts as not relevant. Unknown for a
  page without a relevant product.
- P@10: the share of grades 2 and 3 among the judged of the first 10; unjudged products are
  left out. Unknown when none of them is judged.
- judged@10: the share of the first 10 that somebody judged. Unknown for an empty page.

Means are over the pages where a metric is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ranking.pipeline.data import Doubles, Ints

RIGHT = 2.0  # grades from here on are relevant
RESAMPLES = 10_000


def ndcg(ranked: Doubles, judged: Doubles, cut: int) -> float:
    """Return NDCG@cut, 0 to 1, of grades in ranked order beside all of the page's judged."""
    ideal = _gain(np.sort(judged)[::-1], cut)
    return _gain(ranked, cut) / ideal if ideal else float("nan")


def average_precision(ranked: Doubles, judged: Doubles) -> float:
    """Return the mean precision at each relevant product, 0 for those not ranked."""
    relevant = int((judged >= RIGHT).sum())
    places = np.flatnonzero(ranked >= RIGHT) + 1
    if not relevant:
        return float("nan")
    return float(np.sum(np.arange(1, len(places) + 1) / places) / relevant)


def precision(ranked: Doubles, _judged: Doubles, cut: int) -> float:
    """Return the share of grades 2 and 3 among the judged of the first places."""
    known = ranked[:cut][np.isfinite(ranked[:cut])]
    return float((known >= RIGHT).mean()) if len(known) else float("nan")


def judged_share(ranked: Doubles, _judged: Doubles, cut: int) -> float:
    """Return the share of the first places that is judged."""
    return float(np.isfinite(ranked[:cut]).mean()) if len(ranked) else float("nan")


METRICS: dict[str, Callable[[Doubles, Doubles], float]] = {
    "ndcg@10": partial(ndcg, cut=10),
    "ndcg@48": partial(ndcg, cut=48),
    "map": average_precision,
    "p@10": partial(precision, cut=10),
    "judged@10": partial(judged_share, cut=10),
}


def measure_page(ranked: Doubles, judged: Doubles) -> dict[str, float]:
    """Return every metric of one page; NaN where it is unknown."""
    return {name: metric(ranked, judged) for name, metric in METRICS.items()}


def measure_scores(
    pages: Ints, scores: Doubles, grades: Doubles, judged: Mapping[int, Doubles] | None = None
) -> dict[int, dict[str, float]]:
    """Return each page's metrics when its products (N,) are ordered by falling score.

    Ties keep the order in which the products are given; a score of NaN means not ranked.
    `judged` are all grades of each page, where the page was judged beyond these products.
    """
    measured = {}
    for page in np.unique(pages).tolist():
        here = np.flatnonzero(pages == page)
        ranked = here[np.isfinite(scores[here])]
        order = ranked[np.argsort(-scores[ranked], kind="stable")]
        known = judged[page] if judged else grades[here]
        measured[page] = measure_page(grades[order], known[np.isfinite(known)])
    return measured


@dataclass(frozen=True)
class Interval:
    """A mean over pages and the interval that holds 95 % of its bootstrapped values."""

    mean: float
    low: float
    high: float
    pages: int  # on which the metric is known


def summarise(pages: Sequence[Mapping[str, float]], seed: int = 0) -> dict[str, Interval]:
    """Return each metric's mean over pages; pages are resampled, not products."""
    return {name: interval([page[name] for page in pages], seed) for name in METRICS}


def interval(values: Sequence[float], seed: int = 0) -> Interval:
    """Return mean and percentile bootstrap interval of what is known; NaN when nothing is."""
    known = np.array(values, np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    draws = np.random.default_rng(seed).integers(len(known), size=(RESAMPLES, len(known)))
    low, high = np.percentile(known[draws].mean(axis=1), [2.5, 97.5])
    return Interval(float(known.mean()), float(low), float(high), len(known))


def _gain(grades: Doubles, cut: int) -> float:
    first = np.nan_to_num(grades[:cut])
    return float(np.sum((2.0**first - 1) / np.log2(np.arange(len(first)) + 2)))
