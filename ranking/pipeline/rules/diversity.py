"""No retailer fills a page where others have as much to offer."""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from dataclasses import replace

import numpy as np

from ranking.pipeline.data import Ints
from ranking.pipeline.options import FIRST_PLACES, Options
from ranking.pipeline.rules.lineup import Lineup, moved

DIVERSITY = "retailer diversity"


def retailer_diversity(page: Lineup, options: Options) -> Lineup:
    """Give places to other retailers' products where one has its share of the first places or of
    the page; only to products at most a band worse than the best that is still to be placed.

    So no product ever stands behind one that is worse by more than the band. Greedy, place by
    place, and best first: re-ranking under constraints on groups as in Celis, Straszak and Vishnoi
    2018, with the band in place of their utility.
    """
    before = replace(page, turn=np.zeros(len(page.products), np.int64))
    listed = before.order[: int(page.is_left.sum())]
    turn = before.turn.copy()
    turn[listed[_line(before, listed, options)]] = np.arange(1, len(listed) + 1)
    after = replace(page, turn=turn)
    rose = np.argsort(before.order) > np.argsort(after.order)
    share = f"at most {options.most_in_top} of the first {FIRST_PLACES} places"
    share += f" and {100 * options.most_on_page:.0f} % of the page"

    def says(place: int) -> str:
        said = "A retailer above has its share" if rose[place] else "Its retailer has its share"
        return f"{said}: {share}."

    return moved(before, after, DIVERSITY, page.is_left, says)


def _line(page: Lineup, listed: Ints, options: Options) -> Ints:
    """In which order those listed stand, as places in the list."""
    utility = page.utility[listed].tolist()
    retailers = page.offers.retailer[listed].tolist()
    waiting: dict[int, deque[int]] = defaultdict(deque)
    for at, retailer in enumerate(retailers):
        waiting[retailer].append(at)
    places, most_on_page = _page(len(listed), options)
    has: Counter[int] = Counter()
    line: list[int] = []
    while len(line) < places and len(waiting) > 1:
        most = min(options.most_in_top, most_on_page) if len(line) < FIRST_PLACES else most_on_page
        best = min(queue[0] for queue in waiting.values())
        free = [queue[0] for retailer, queue in waiting.items() if has[retailer] < most]
        instead = min(free, default=best)
        taken = instead if utility[instead] >= utility[best] - options.band else best
        line.append(taken)
        retailer = retailers[taken]
        has[retailer] += 1
        waiting[retailer].popleft()
        if not waiting[retailer]:
            del waiting[retailer]
    placed = set(line)
    line += [at for at in range(len(listed)) if at not in placed]
    return np.array(line, np.int64)


def _page(count: int, options: Options) -> tuple[int, int]:
    """How many places a page of so many products has, and one retailer's share of them."""
    places = min(count, options.page_size)
    return places, max(1, math.ceil(options.most_on_page * places))
