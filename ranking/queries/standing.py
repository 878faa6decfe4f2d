"""How offers stand with their retailers: in stock or not, and how long since they were seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from ranking.pipeline.data import Bools, Floats
from ranking.queries.known import whole_days

# As feeds write it, in lower case with underscores. What can be ordered, if later, is in stock.
SOLD_OUT = ("out_of_stock", "outofstock", "sold_out", "soldout", "discontinued")


def in_stock(availability: Sequence[str]) -> Bools:
    """Return (P,) whether each may be bought; what the feed does not say is taken for yes."""
    return np.array([said not in SOLD_OUT for said in availability], bool)


def newest_crawls(
    retailers: Sequence[int], seen: Sequence[datetime], as_of: datetime
) -> dict[int, datetime]:
    """Return when each retailer was last heard of up to that moment, by its id."""
    newest: dict[int, datetime] = {}
    for retailer, at in zip(retailers, seen, strict=True):
        newest[retailer] = max(min(at, as_of), newest.get(retailer, min(at, as_of)))
    return newest


def days_unseen(
    retailers: Sequence[int], seen: Sequence[datetime], newest: Mapping[int, datetime]
) -> Floats:
    """Return (P,) for how many whole days each was missing when its retailer was last heard of.

    So a night without a crawl makes nothing older, and pages whose offers did not change stay as
    they are.
    """
    days = [whole_days(newest[who] - at) for who, at in zip(retailers, seen, strict=True)]
    return np.array(days, np.float32)


def days_silent(
    retailers: Sequence[int], newest: Mapping[int, datetime], as_of: datetime
) -> Floats:
    """Return (P,) for how many whole days nothing was heard of each offer's retailer."""
    silent = {retailer: whole_days(as_of - at) for retailer, at in newest.items()}
    return np.array([silent[retailer] for retailer in retailers], np.float32)
