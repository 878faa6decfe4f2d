"""How good a ranking is, by what people think of its products. Pure arrays; for workers.

`metrics` measures pages, `intervals` says how surely their mean is known, `comparison` whether one
ranking beats another on the same pages, `raters` how well people themselves would do.
"""

from ranking.evaluation.comparison import Difference, compare, compare_all
from ranking.evaluation.intervals import Interval, interval, summarise
from ranking.evaluation.metrics import (
    METRICS,
    RIGHT,
    Ordered,
    condensed,
    known_misfiling,
    measure_page,
    measure_scores,
    ndcg,
)
from ranking.evaluation.raters import Graded, Raters, raters_ceiling

__all__ = (
    "METRICS",
    "RIGHT",
    "Difference",
    "Graded",
    "Interval",
    "Ordered",
    "Raters",
    "compare",
    "compare_all",
    "condensed",
    "interval",
    "known_misfiling",
    "measure_page",
    "measure_scores",
    "ndcg",
    "raters_ceiling",
    "summarise",
)
