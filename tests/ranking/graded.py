"""Judged products made of signals alone, for tests of what is learned from them."""

from __future__ import annotations

import numpy as np

from ranking.learning.examples import Examples
from ranking.pipeline.blend import logistic
from ranking.pipeline.data import Doubles, Ints
from ranking.pipeline.names import KEYS
from ranking.pipeline.page_stats import PageStats, no_stats


def graded(signals: Doubles, grades: Doubles, pages: Ints) -> Examples:
    """Return a product for each grade, of one reliable person each; a page is a family, and the
    judged products are all of its candidates."""
    everyone, count = np.arange(len(grades)), len(grades)
    beside = no_stats(count)
    for page in np.unique(pages):
        here = pages == page
        beside[here] = PageStats.of(signals[here]).beside(signals[here])
    nobody = np.full(count, np.nan)
    return Examples(
        signals, beside, grades, nobody, pages, everyone, pages, everyone, np.ones(count)
    )


def taste(count: int = 600, pages: int = 20, seed: int = 0, *, crooked: bool = False) -> Examples:
    """Return judgments by people who like texts that fit, the more the better; if `crooked`,
    they like all that fit above a limit, and want a usual price: what no weighted sum says."""
    random = np.random.default_rng(seed)
    fit, price, luck = (
        random.uniform(0, 7, count),
        random.uniform(0, 1, count),
        random.random(count),
    )
    signals = np.full((count, len(KEYS)), np.nan)
    signals[:, KEYS.index("text_fit")], signals[:, KEYS.index("price_fit")] = fit, price
    liked = (fit > 3.5) & (price > 0.5) if crooked else luck < logistic(1.2 * (fit - 3.5))
    grades = np.where(liked, 3.0, np.where(fit > 2, 1.0, 0.0))
    return graded(signals, grades, random.integers(pages, size=count))
