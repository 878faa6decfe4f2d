"""Small charts of a ranking, as bars in a square of one by one. Asks the database for nothing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

PRICE_BARS = 12


@dataclass(frozen=True)
class Bar:
    """One bar, from the bottom up: all of it in 0 to 1, `y` downwards as screens count."""

    x: float
    y: float
    width: float
    height: float


def confidence_bars(confidences: Sequence[float]) -> list[Bar]:
    """Return one bar per position, as high as its confidence."""
    return _bars(confidences)


def price_bars(prices: Sequence[Decimal]) -> list[Bar]:
    """Return how many prices lie in each of PRICE_BARS equal steps of their logarithm.

    Empty where there is nothing to tell apart: fewer than two different prices above zero.
    """
    logs = [math.log(price) for price in prices if price > 0]
    if not logs or min(logs) == max(logs):
        return []
    low, step = min(logs), (max(logs) - min(logs)) / PRICE_BARS
    counts = Counter(min(int((one - low) / step), PRICE_BARS - 1) for one in logs)
    most = max(counts.values())
    return _bars([counts[place] / most for place in range(PRICE_BARS)])


def _bars(heights: Sequence[float]) -> list[Bar]:
    step = 1 / len(heights) if heights else 0.0
    return [
        Bar(round(place * step, 4), round(1 - height, 4), round(0.8 * step, 4), round(height, 4))
        for place, height in enumerate(heights)
    ]
