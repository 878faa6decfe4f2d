"""What cannot be bought goes, or stands behind what can."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ranking.pipeline.options import IGNORE, REMOVE, Options
from ranking.pipeline.rules.lineup import Lineup, moved, removed

SOLD_OUT = "out of stock"


def sold_out(page: Lineup, options: Options) -> Lineup:
    """Remove what is out of stock, where that was asked for."""
    if options.out_of_stock != REMOVE:
        return page
    return removed(page, SOLD_OUT, ~page.offers.in_stock, lambda _: "It is out of stock.")


def in_stock_first(page: Lineup, options: Options) -> Lineup:
    """Move what is out of stock behind what is in stock and at most a band worse.

    Not to the end of the page: feeds know of new stock a day late, and what is clearly better is
    worth a click all the same.
    """
    if options.out_of_stock == IGNORE:
        return replace(page, lowered=np.zeros(len(page.products)))
    gone = ~page.offers.in_stock
    before = replace(page, lowered=np.zeros(len(page.products)))
    after = replace(page, lowered=np.where(gone, options.band, 0.0))
    return moved(before, after, SOLD_OUT, gone, lambda _: "It is out of stock.")
