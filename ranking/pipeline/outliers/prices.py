"""Odd prices, and those that are odd by a slip of the unit: the price to be checked, not the
product."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ranking.pipeline.data import Doubles
from ranking.pipeline.prices import Usual, amount

FAR = 3.5  # spreads from which a price is an outlier (Iglewicz and Hoaglin 1993)
NEAR = 1.5  # spreads from the usual within which a slip's true price lies
# By how much a slip multiplies a price, and how it comes about.
SLIPS = {
    100.0: "cents taken for whole {currency}",
    1000.0: "a decimal point taken for thousands",
    0.01: "whole {currency} taken for cents",
    0.001: "thousands taken for a decimal point",
}


def away_from_usual(
    log_prices: Doubles, currencies: Sequence[str], usual: Mapping[str, Usual]
) -> Doubles:
    """Return (N,) how many spreads each price lies from its currency's usual one, on either side;
    NaN without a price or a usual one."""
    away = [
        abs(log_price - usual[currency].middle) / usual[currency].spread
        if currency in usual
        else math.nan
        for log_price, currency in zip(log_prices.tolist(), currencies, strict=True)
    ]
    return np.array(away, np.float64)


def slip(log_price: float, currency: str, usual: Mapping[str, Usual]) -> str:
    """Return "Check the price: 4,990 EUR is 100 × the usual 49.90 EUR, cents taken for whole EUR?"
    for a price that is far away and would be usual but for a slip of the unit; "" for others."""
    if currency not in usual or not math.isfinite(log_price):
        return ""
    known = usual[currency]
    if abs(log_price - known.middle) < FAR * known.spread:
        return ""
    factor = min(SLIPS, key=lambda factor: abs(log_price - math.log(factor) - known.middle))
    if abs(log_price - math.log(factor) - known.middle) > NEAR * known.spread:
        return ""
    times = f"{factor:,.0f} ×" if factor > 1 else f"1/{1 / factor:,.0f} of"
    return (
        f"Check the price: {amount(math.exp(log_price))} {currency} is about {times} the usual "
        f"{amount(math.exp(known.middle))} {currency}, {SLIPS[factor].format(currency=currency)}?"
    )
