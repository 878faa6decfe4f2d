"""What products of a page usually cost, per currency: a robust middle and spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ranking.pipeline.data import Doubles

SHRINK = 20.0  # the parent's prices weigh as much as so many of the page's own
FEWEST = 3  # prices, own and the parent's together, that say what is usual
LEAST_SPREAD = 0.1  # of the log price: prices closer than 10 % never count as far apart
MAD_TO_DEVIATION = 1.4826  # for a normal distribution
IQR_TO_DEVIATION = 1 / 1.349


@dataclass(frozen=True)
class Usual:
    """The usual price in one currency, as natural logarithms."""

    middle: float
    spread: float  # about a standard deviation

    def away(self, log_price: Doubles) -> Doubles:
        """Return how many spreads prices lie from the middle, negative below it."""
        away: Doubles = (log_price - self.middle) / self.spread
        return away


def usual_price(own: Doubles, parents: Doubles) -> Usual | None:
    """Return what the page's own log prices (N,) say, shrunk to the parent's (M,) when few.

    Median and median absolute deviation, so that a slip from cents to euros changes nothing.
    None when there are too few prices. NaN does not count.
    """
    own, parents = own[np.isfinite(own)], parents[np.isfinite(parents)]
    if len(own) + len(parents) < FEWEST:
        return None
    if not len(parents):
        return Usual(float(np.median(own)), max(spread(own), LEAST_SPREAD))
    weight = len(own) / (len(own) + SHRINK)
    middle, width = float(np.median(parents)), max(spread(parents), LEAST_SPREAD)
    if len(own):
        middle = weight * float(np.median(own)) + (1 - weight) * middle
        # Prices that agree by accident are no reason to call the next one far away.
        width = weight * (spread(own) or width) + (1 - weight) * width
    return Usual(middle, max(width, LEAST_SPREAD))


def spread(values: Doubles) -> float:
    """Return a robust standard deviation: by the MAD, or the quartiles where that is 0."""
    deviation = MAD_TO_DEVIATION * float(np.median(np.abs(values - np.median(values))))
    if deviation > 0:
        return deviation
    low, high = np.percentile(values, [25, 75])
    return IQR_TO_DEVIATION * float(high - low)


def amount(value: float) -> str:
    """Return a price as people read it: whole from 10 on, with cents below."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"
