"""Judged products made of signals alone, for tests of what is learned from them."""

from __future__ import annotations

import numpy as np

from ranking.learning.examples import Examples
from ranking.pipeline.data import Doubles, Ints
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
