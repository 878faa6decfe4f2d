"""A page's metrics, from what people said of its products in ranked order, NaN where nobody did.

- NDCG@k: gain 2^grade - 1, discount log2(place + 1), ideal from all that was judged for the
  page. An unjudged product takes its place and gains nothing, so that it is a lower bound.
  Unknown for a page on which nothing was graded above 0.
- MAP: grade 2 and 3 are relevant; an unjudged product counts as not relevant. Unknown for a
  page without a relevant product.
- P@10: the share of grades 2 and 3 among the judged of the first 10; unjudged products are
  left out. Unknown when none of them is judged.
- wrong@10: 1 where one of the first 10 was graded 0, else 0. Unknown as P@10.
- misfiled@10: 1 where one of the first 10 belongs to another category, by half of those who were
  asked or more. Unknown where nobody was asked. A product may be misfiled and yet acceptable.
  Both are shares of pages: their interval is Wilson's, since no page of few is not none of all.
- wrong products@10, misfiled products@10: the share of the first 10 of which that is so, of
  those of which it is known.
- judged@10: the share of the first 10 that somebody judged. Unknown for an empty page.

Of the list as it stands, or of the `condensed` one: the judged products alone, closed up (Sakai,
2007, "Alternatives to bpref").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ranking.pipeline.data import Doubles, Ints

RIGHT = 2.0  # grades from here on are relevant
MISFILED = 0.5  # share of people from which on a product counts as belonging elsewhere


@dataclass(frozen=True, eq=False)
class Ordered:
    """A page's N ranked products, the first one first, and all that was judged for the page."""

    grades: Doubles  # (N,) 0 to 3, NaN where nobody judged
    elsewhere: Doubles  # (N,) share of people who say it belongs elsewhere, NaN where unknown
    judged: Doubles  # grades of all judged products, ranked or not


def ndcg(page: Ordered, cut: int) -> float:
    """Return NDCG@cut, 0 to 1."""
    ideal = _gain(np.sort(page.judged)[::-1], cut)
    return _gain(page.grades, cut) / ideal if ideal else float("nan")


def average_precision(page: Ordered) -> float:
    """Return the mean precision at each relevant product, 0 for those not ranked."""
    relevant = int((page.judged >= RIGHT).sum())
    places = np.flatnonzero(page.grades >= RIGHT) + 1
    if not relevant:
        return float("nan")
    return float(np.sum(np.arange(1, len(places) + 1) / places) / relevant)


def precision(page: Ordered, cut: int) -> float:
    """Return the share of grades 2 and 3 among the judged of the first places."""
    known = _known(page.grades[:cut])
    return _mean(known >= RIGHT)


def judged_share(page: Ordered, cut: int) -> float:
    """Return the share of the first places that is judged."""
    return _mean(np.isfinite(page.grades[:cut]))


def wrong(page: Ordered, cut: int) -> float:
    """Return the share of grade 0 among the judged of the first places."""
    return _mean(_known(page.grades[:cut]) == 0)


def misfiled(page: Ordered, cut: int) -> float:
    """Return the share that belongs elsewhere among the first places of which it is known."""
    return _mean(_known(page.elsewhere[:cut]) >= MISFILED)


def any_of(share: Callable[[Ordered], float]) -> Callable[[Ordered], float]:
    """Return the metric that is 1 where the share is above 0."""

    def metric(page: Ordered) -> float:
        return float(np.ceil(share(page)))

    return metric


OF_PAGES = ("wrong@10", "misfiled@10")  # metrics that are 0 or 1 on each page
METRICS: dict[str, Callable[[Ordered], float]] = {
    "ndcg@10": partial(ndcg, cut=10),
    "ndcg@48": partial(ndcg, cut=48),
    "map": average_precision,
    "p@10": partial(precision, cut=10),
    "wrong@10": any_of(partial(wrong, cut=10)),
    "misfiled@10": any_of(partial(misfiled, cut=10)),
    "wrong products@10": partial(wrong, cut=10),
    "misfiled products@10": partial(misfiled, cut=10),
    "judged@10": partial(judged_share, cut=10),
}


def measure_page(
    ranked: Doubles, judged: Doubles, elsewhere: Doubles | None = None
) -> dict[str, float]:
    """Return every metric of one page; NaN where it is unknown."""
    unknown = np.full(len(ranked), np.nan)
    return measured_page(Ordered(ranked, unknown if elsewhere is None else elsewhere, judged))


def measured_page(page: Ordered) -> dict[str, float]:
    """Return every metric of the page; NaN where it is unknown."""
    return {name: metric(page) for name, metric in METRICS.items()}


def condensed(page: Ordered) -> Ordered:
    """Return the page with its unjudged products left out, and what stands behind moved up."""
    known = np.isfinite(page.grades)
    return replace(page, grades=page.grades[known], elsewhere=page.elsewhere[known])


def known_misfiling(elsewhere: Doubles) -> Doubles:
    """Return (N,) the shares, all unknown where not one of them says that a product belongs
    elsewhere: then nobody was asked, and there is no 0 to be proud of."""
    if np.nanmax(elsewhere, initial=0.0) > 0:
        return elsewhere
    return np.full(len(elsewhere), np.nan)


def measure_scores(
    pages: Ints,
    scores: Doubles,
    grades: Doubles,
    judged: Mapping[int, Doubles] | None = None,
    elsewhere: Doubles | None = None,
) -> dict[int, dict[str, float]]:
    """Return each page's metrics when its products (N,) are ordered by falling score.

    Ties keep the order in which the products are given; a score of NaN means not ranked.
    `judged` are all grades of each page, where the page was judged beyond these products.
    """
    misfiling = np.full(len(pages), np.nan) if elsewhere is None else known_misfiling(elsewhere)
    measured = {}
    for page in np.unique(pages).tolist():
        here = np.flatnonzero(pages == page)
        ranked = here[np.isfinite(scores[here])]
        order = ranked[np.argsort(-scores[ranked], kind="stable")]
        known = judged[page] if judged else _known(grades[here])
        measured[page] = measure_page(grades[order], known, misfiling[order])
    return measured


def _known(values: Doubles) -> Doubles:
    known: Doubles = values[np.isfinite(values)]
    return known


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _gain(grades: Doubles, cut: int) -> float:
    first = np.nan_to_num(grades[:cut])
    return float(np.sum((2.0**first - 1) / np.log2(np.arange(len(first)) + 2)))
