"""Pages of candidates as the rules see them, for tests: arrays only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from ranking.pipeline.rules import Lineup, Offers, line_up


@dataclass(frozen=True)
class Candidate:
    """One candidate: its chance is its confidence."""

    sure: float = 0.9
    unseen: float = 0.0
    retailer: int = 0  # 0: one of its own
    stock: bool = True
    group: int = 0  # 0: alone
    price: float = math.nan
    currency: str = "EUR"
    silent: float = 0.0


def page_of(*candidates: Candidate) -> Lineup:
    """Return the candidates as a page, with ids from 1 on."""
    ids = np.arange(1, len(candidates) + 1)
    return page_at(ids, candidates)


def page_at(ids: np.ndarray, candidates: tuple[Candidate, ...] | list[Candidate]) -> Lineup:
    """Return the candidates as a page, with these ids."""
    sure = np.array([one.sure for one in candidates], float)
    alone = 1_000 + ids
    pairs = list(zip(candidates, alone.tolist(), strict=True))
    with np.errstate(divide="ignore"):
        log_price = np.log(np.array([one.price for one in candidates], float))
    offers = Offers(
        retailer=np.array([one.retailer or own for one, own in pairs], np.int64),
        in_stock=np.array([one.stock for one in candidates], bool),
        group=np.array([one.group or own for one, own in pairs], np.int64),
        log_price=log_price,
        currency=tuple(one.currency for one in candidates),
        days_silent=np.array([one.silent for one in candidates], float),
    )
    unseen = np.array([one.unseen for one in candidates], float)
    return line_up(ids.astype(np.int64), sure, sure, unseen, None, offers)


def shown(lineup: Lineup) -> list[int]:
    """Return the ids that are left, in order."""
    return [int(lineup.products[n]) for n in lineup.order if lineup.is_left[n]]


def said(lineup: Lineup) -> dict[int, tuple[object, ...]]:
    """Return all that the rules said, by id: equal for equal results."""
    return {
        int(product): (
            lineup.removed_by[n],
            lineup.reasons[n],
            int(lineup.duplicate_of[n]),
            list(lineup.moves_of(n)),
        )
        for n, product in enumerate(lineup.products)
    }


def in_other_rows(lineup: Lineup, order: list[int]) -> Lineup:
    """Return the same candidates in another order of rows."""
    offers = lineup.offers
    moved = Offers(
        retailer=offers.retailer[order],
        in_stock=offers.in_stock[order],
        group=offers.group[order],
        log_price=offers.log_price[order],
        currency=tuple(offers.currency[n] for n in order),
        days_silent=offers.days_silent[order],
    )
    ids, chance, confidence = lineup.products, lineup.chance, lineup.confidence
    unseen = lineup.days_unseen[order]
    return line_up(ids[order], chance[order], confidence[order], unseen, None, moved)


days = st.one_of(st.floats(0, 400), st.just(math.nan), st.just(math.inf))
candidates = st.builds(
    Candidate,
    # Coarse, so that ties and neighbours within a band are common.
    sure=st.one_of(st.integers(0, 40).map(lambda n: n / 40), st.floats(0, 1)),
    unseen=days,
    retailer=st.integers(1, 4),
    stock=st.booleans(),
    group=st.integers(0, 3),
    price=st.one_of(st.just(math.nan), st.integers(1, 5).map(float)),
    currency=st.sampled_from(["EUR", "USD"]),
    silent=st.sampled_from([0.0, 10.0, 100.0]),
)
pages = st.lists(candidates, max_size=30).map(lambda chosen: page_of(*chosen))
