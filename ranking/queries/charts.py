"""Charts of a page, as bars in a square of one by one, and their tables. Asks the database for
nothing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from taxonomy.models import Product

PRICE_BARS = 12
STEP = 10  # positions in a row of the table of confidences
MOST_RETAILERS = 8  # named; the others are one row


@dataclass(frozen=True)
class Bar:
    """One bar, from the bottom up: all of it in 0 to 1, `y` downwards as screens count."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class PriceBand:
    """The products whose prices lie from `low` to `high`: how many, and how many of them odd."""

    low: Decimal
    high: Decimal
    usual: int
    odd: int
    whole: Bar
    odd_part: Bar  # at the bar's top

    @property
    def products(self) -> int:
        return self.usual + self.odd


@dataclass(frozen=True)
class Priced:
    """A price, and whether it is an outlier among the page's."""

    price: Decimal
    is_odd: bool


@dataclass(frozen=True)
class RetailerShare:
    """A retailer's part of the products shown: of all, and of the first ten."""

    name: str
    products: int
    share: float
    first: int


@dataclass(frozen=True)
class ConfidenceRow:
    """How sure the ranking is of some positions in a row."""

    start: int
    end: int
    mean: float
    least: float


def price_bands(priced: Sequence[Priced]) -> list[PriceBand]:
    """Return how many prices lie in each of PRICE_BARS equal steps of their logarithm.

    Empty where there is nothing to tell apart: fewer than two different prices above zero.
    """
    known = [one for one in priced if one.price > 0]
    logs = [math.log(one.price) for one in known]
    if not logs or min(logs) == max(logs):
        return []
    low, step = min(logs), (max(logs) - min(logs)) / PRICE_BARS
    places = [min(int((log - low) / step), PRICE_BARS - 1) for log in logs]
    every = Counter(places)
    odd = Counter(place for place, one in zip(places, known, strict=True) if one.is_odd)
    most = max(every.values())
    ends = [Decimal(math.exp(low + place * step)) for place in range(PRICE_BARS + 1)]
    wholes = _bars([every[place] / most for place in range(PRICE_BARS)])
    return [
        PriceBand(
            low=ends[place],
            high=ends[place + 1],
            usual=every[place] - odd[place],
            odd=odd[place],
            whole=whole,
            odd_part=Bar(whole.x, whole.y, whole.width, round(odd[place] / most, 4)),
        )
        for place, whole in enumerate(wholes)
    ]


def retailer_shares(products: Sequence[Product], first: int) -> list[RetailerShare]:
    """Return whose products are shown, those with most first; the smallest together as one row.

    `first` says how many products, from the top, people see first.
    """
    every = Counter(product.retailer.name for product in products)
    top = Counter(product.retailer.name for product in products[:first])
    names = sorted(every, key=lambda name: (-every[name], name))
    named, others = names[:MOST_RETAILERS], names[MOST_RETAILERS:]
    rows = [(name, every[name], top[name]) for name in named]
    if others:
        label = f"{len(others)} other{'s' * (len(others) > 1)}"
        rows.append((label, sum(every[one] for one in others), sum(top[one] for one in others)))
    return [RetailerShare(name, n, n / len(products), in_top) for name, n, in_top in rows]


def confidence_bars(confidences: Sequence[float]) -> list[Bar]:
    """Return one bar per position, as high as its confidence."""
    return _bars(confidences)


def confidence_rows(confidences: Sequence[float]) -> list[ConfidenceRow]:
    """Return the mean and the least confidence of each STEP positions, from the top."""
    parts = [confidences[start : start + STEP] for start in range(0, len(confidences), STEP)]
    return [
        ConfidenceRow(
            start=place * STEP + 1,
            end=place * STEP + len(part),
            mean=sum(part) / len(part),
            least=min(part),
        )
        for place, part in enumerate(parts)
    ]


def _bars(heights: Sequence[float]) -> list[Bar]:
    step = 1 / len(heights) if heights else 0.0
    return [
        Bar(round(place * step, 4), round(1 - height, 4), round(0.8 * step, 4), round(height, 4))
        for place, height in enumerate(heights)
    ]
