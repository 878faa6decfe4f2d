"""Of the offers of one product, the cheapest in stock stands for all."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ranking.pipeline.options import Options
from ranking.pipeline.rules.lineup import Lineup, moved, removed

DUPLICATE = "near-duplicate"
# A price that the next one is more than so many times is taken for a slip, not for a bargain.
SLIP = 3.0


def near_duplicates(page: Lineup, options: Options) -> Lineup:
    """Remove all offers of a product but the cheapest in stock, which takes the best one's place.

    The offers share one place, since they are one thing: what speaks for any of them, such as a
    better title, speaks for the one that stays. Prices in different currencies are not compared:
    the cheapest in each stays. An offer without a price stays only where none has one, and one
    whose price is far below the next only where no other is in stock.
    """
    keepers = _keepers(page) if options.merge_duplicates else {}
    if not keepers:
        return page
    alone, chance = page.duplicate_of.copy(), page.chance.copy()
    for place, keeper in keepers.items():
        alone[place] = page.products[keeper]
        chance[keeper] = max(chance[keeper], page.chance[place])
    gone, stays = np.zeros((2, len(page.products)), bool)
    gone[list(keepers)], stays[list(keepers.values())] = True, True
    fewer = removed(page, DUPLICATE, gone, lambda place: _why(page, place, keepers[place]))
    after = replace(fewer, chance=chance, duplicate_of=alone)
    reason = "It stands where the best of its offers would."
    return moved(fewer, after, DUPLICATE, stays, lambda _: reason)


def _keepers(page: Lineup) -> dict[int, int]:
    """The place of each offer that goes, and of the one that stays for it."""
    keepers: dict[int, int] = {}
    for offers in _same(page):
        least = _least_believed(page, offers)
        stays, *others = sorted(offers, key=lambda place: _rank(page, place, least))
        keepers |= dict.fromkeys(others, stays)
    return keepers


def _same(page: Lineup) -> Iterator[list[int]]:
    """Yield the places of those left that are offers of one product and can be compared."""
    left = np.flatnonzero(page.is_left)
    _, which, counts = np.unique(page.offers.group[left], return_inverse=True, return_counts=True)
    together = defaultdict(list)
    for place in left[counts[which] > 1].tolist():
        together[int(page.offers.group[place])].append(place)
    for group in sorted(together):
        yield from _comparable(page, together[group])


def _comparable(page: Lineup, offers: list[int]) -> Iterator[list[int]]:
    """Part them by currency; those without a price go with the largest part."""
    by_currency = defaultdict(list)
    for place in offers:
        is_priced = math.isfinite(page.offers.log_price[place])
        by_currency[page.offers.currency[place] if is_priced else None].append(place)
    priceless = by_currency.pop(None, [])
    parts = sorted(by_currency.items(), key=lambda part: (-len(part[1]), str(part[0])))
    lists = [part for _, part in parts] or [[]]
    lists[0] += priceless
    yield from (part for part in lists if len(part) > 1)


def _least_believed(page: Lineup, offers: list[int]) -> float:
    """The logarithm of the lowest price that is no slip."""
    prices = np.sort(page.offers.log_price[offers])  # those that are unknown come last
    steps = np.diff(prices) > math.log(SLIP)
    return float(prices[int(np.argmin(steps)) if len(steps) and not steps.all() else len(steps)])


def _rank(page: Lineup, place: int, least: float) -> tuple[bool, bool, bool, float, float, int]:
    """Sorts those with a price first, then those in stock, those whose price can be believed, the
    cheaper, the better, and by id."""
    price = float(page.offers.log_price[place])
    return (
        not math.isfinite(price),
        not page.offers.in_stock[place],
        price < least,
        price if math.isfinite(price) else math.inf,
        -float(page.chance[place]),
        int(page.products[place]),
    )


def _why(page: Lineup, place: int, keeper: int) -> str:
    offers, price = page.offers, float(page.offers.log_price[keeper])
    if not math.isfinite(price):
        return "Another offer of the same product stands for it."
    asked = f"{math.exp(price):,.2f} {offers.currency[keeper]}".strip()
    if offers.in_stock[keeper] and not offers.in_stock[place]:
        return f"The same product is in stock elsewhere, for {asked}."
    if offers.log_price[place] > price:
        return f"The same product is cheaper elsewhere: {asked}."
    return f"Another offer of the same product stands for it, for {asked}."
