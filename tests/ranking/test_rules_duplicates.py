"""Which offer of a product stands for all of them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings

from ranking.pipeline.options import Options
from ranking.pipeline.rules import Lineup, Move, apply_rules, near_duplicates
from tests.ranking.lineups import Candidate, page_of, pages, shown

OPTIONS = Options()


def offer(
    price: float, sure: float = 0.9, *, stock: bool = True, currency: str = "EUR"
) -> Candidate:
    """Return an offer of the one product that these tests are about."""
    return Candidate(sure, group=7, price=price, stock=stock, currency=currency)


def test_the_cheapest_offer_stays_and_the_others_hang_behind_it() -> None:
    after = near_duplicates(page_of(offer(15), offer(12.9), offer(14)), OPTIONS)
    assert shown(after) == [2]
    assert after.removed_by == ("near-duplicate", "", "near-duplicate")
    assert after.duplicate_of.tolist() == [2, 0, 2]
    assert after.reasons[0] == "The same product is cheaper elsewhere: 12.90 EUR."


def test_what_is_out_of_stock_is_not_the_cheapest() -> None:
    after = near_duplicates(page_of(offer(15), offer(12.9, stock=False)), OPTIONS)
    assert shown(after) == [1]
    assert after.reasons[1] == "The same product is in stock elsewhere, for 15.00 EUR."


def test_of_offers_that_are_all_out_of_stock_the_cheapest_stays() -> None:
    after = near_duplicates(page_of(offer(15, stock=False), offer(12, stock=False)), OPTIONS)
    assert shown(after) == [2]


@pytest.mark.parametrize(
    ("prices", "stays"),
    [((3.19, 20.9), 2), ((7.5, 20.9), 1), ((0.2, 19.9, 21.0), 2), ((0.1, 1.0, 20.9), 3)],
)
def test_a_price_far_below_the_next_is_a_slip_and_stands_for_no_other(
    prices: tuple[float, ...], stays: int
) -> None:
    after = near_duplicates(page_of(*map(offer, prices)), OPTIONS)
    assert shown(after) == [stays]


def test_what_costs_next_to_nothing_stays_where_the_others_are_sold_out() -> None:
    after = near_duplicates(page_of(offer(3.19), offer(20.9, stock=False)), OPTIONS)
    assert shown(after) == [1]


def test_offers_at_one_price_go_by_what_speaks_for_them() -> None:
    after = near_duplicates(page_of(offer(12, 0.7), offer(12, 0.8)), OPTIONS)
    assert shown(after) == [2]
    said = "Another offer of the same product stands for it, for 12.00 EUR."
    assert after.reasons[0] == said


def test_prices_in_different_currencies_are_not_compared() -> None:
    after = near_duplicates(page_of(offer(15), offer(12, currency="USD")), OPTIONS)
    assert shown(after) == [1, 2]
    three = page_of(offer(15), offer(12, currency="USD"), offer(14))
    assert shown(near_duplicates(three, OPTIONS)) == [2, 3]


@pytest.mark.parametrize(("price", "left"), [(12.0, [2]), (math.nan, [1])])
def test_an_offer_without_a_price_stays_only_where_none_has_one(
    price: float, left: list[int]
) -> None:
    after = near_duplicates(page_of(offer(math.nan, 0.95), offer(price, 0.9)), OPTIONS)
    assert shown(after) == left


def test_an_offer_without_a_price_never_stands_for_one_that_has_one() -> None:
    lineup = page_of(
        offer(15, stock=False), offer(math.nan), offer(12, stock=False, currency="USD")
    )
    once = near_duplicates(lineup, OPTIONS)
    assert shown(once) == [1, 3]
    assert shown(near_duplicates(once, OPTIONS)) == [1, 3]


def test_the_one_that_stays_takes_the_place_of_the_best() -> None:
    lineup = page_of(offer(15, 0.9), Candidate(0.8), offer(12, 0.6))
    after = near_duplicates(lineup, OPTIONS)
    assert shown(after) == [3, 2]
    told = "It stands where the best of its offers would."
    assert after.moves == {"near-duplicate": {2: Move(1, told)}}
    assert after.confidence.tolist() == lineup.confidence.tolist()


def test_an_offer_that_another_rule_removed_hides_none() -> None:
    after, _ = apply_rules(page_of(offer(15), offer(12, 0.1)), OPTIONS)
    assert shown(after) == [1]
    assert after.removed_by[1] == "minimum confidence"


def test_a_branch_may_show_all_offers() -> None:
    lineup = page_of(offer(15), offer(12.9))
    assert shown(near_duplicates(lineup, replace(OPTIONS, merge_duplicates=False))) == [1, 2]


@settings(deadline=None)
@given(pages)
def test_every_product_keeps_an_offer_and_hidden_ones_stand_behind_one_that_is_shown(
    lineup: Lineup,
) -> None:
    after = near_duplicates(lineup, OPTIONS)
    groups = lineup.offers.group
    assert set(groups[after.is_left].tolist()) == set(groups.tolist())
    left = set(shown(after))
    group_of = dict(zip(lineup.products.tolist(), groups.tolist(), strict=True))
    for place, keeper in enumerate(after.duplicate_of.tolist()):
        assert bool(keeper) == (after.removed_by[place] == "near-duplicate")
        if keeper:
            assert keeper in left
            assert group_of[keeper] == groups[place]


@settings(deadline=None)
@given(pages)
def test_of_each_product_one_offer_a_currency_is_left(lineup: Lineup) -> None:
    after = near_duplicates(lineup, OPTIONS)
    offers = lineup.offers
    kept = [
        (int(offers.group[place]), offers.currency[place])
        for place in range(len(lineup.products))
        if after.is_left[place] and math.isfinite(offers.log_price[place])
    ]
    assert len(kept) == len(set(kept))
