"""What rules take off a page or move on it."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.pipeline.options import IGNORE, LOWER, REMOVE, Options
from ranking.pipeline.rules import (
    RULES,
    Lineup,
    Move,
    Rule,
    apply_rules,
    freshness,
    in_stock_first,
    minimum_confidence,
    seen_lately,
    sold_out,
)
from tests.ranking.lineups import Candidate, in_other_rows, page_of, pages, said, shown

NOTHING_LIKELY = "No product is likely to belong here: the nearest are shown."
NOTHING_SEEN_OR_LIKELY = (
    "No product was seen lately or is likely to belong here: the nearest are shown."
)
OPTIONS = Options(minimum_confidence=0.4, half_life_days=30, longest_unseen_days=60)


def page(*products: tuple[float, float]) -> Lineup:
    """Return candidates with these (confidence, days unseen); their ids count from 1."""
    return page_of(*(Candidate(sure, days) for sure, days in products))


def test_products_below_the_minimum_confidence_go_and_say_so() -> None:
    after = minimum_confidence(page((0.9, 0), (0.399, 0), (0.4, 0)), OPTIONS)
    assert shown(after) == [1, 3]
    assert after.removed_by[1] == "minimum confidence"
    assert after.reasons[1] == "Confidence 39 % is below the 40 % asked for."


def test_the_confidence_in_a_reason_is_rounded_as_beside_it_unless_it_would_read_as_enough() -> (
    None
):
    after = minimum_confidence(page((0.327, 0), (0.3949, 0), (0.395, 0)), OPTIONS)
    said = [reason.split(" %")[0] for reason in after.reasons]
    assert said == ["Confidence 33", "Confidence 39", "Confidence 39"]


def test_products_not_seen_for_long_go_and_unknown_dates_stay() -> None:
    after = seen_lately(page((0.9, 61), (0.8, 60), (0.7, math.nan)), OPTIONS)
    assert shown(after) == [2, 3]
    assert after.removed_by[0] == "not seen lately"
    assert after.reasons[0] == "Not seen for 61 days."


def test_the_first_rule_that_removes_keeps_its_word() -> None:
    after, _ = apply_rules(page((0.1, 100), (0.9, 0)), OPTIONS)
    assert after.removed_by == ("not seen lately", "")


def test_freshness_halves_with_every_half_life_down_to_its_floor() -> None:
    after = freshness(page((0.8, 0), (0.8, 15), (0.8, 30), (0.8, 55), (0.8, math.nan)), OPTIONS)
    assert after.utility == pytest.approx([0.8, 0.8 * 0.5**0.5, 0.4, 0.4, 0.8])


def test_a_stale_product_moves_down_and_says_so_and_keeps_its_confidence() -> None:
    before = page((0.8, 20), (0.7, 0), (0.1, 0))
    after = freshness(before, OPTIONS)
    assert shown(after) == [2, 1, 3]
    assert after.moves == {"freshness": {0: Move(-1, "Not seen for 20 days.")}}
    assert after.confidence.tolist() == before.confidence.tolist()


def test_products_of_one_age_keep_their_order_without_a_word() -> None:
    after = freshness(page((0.8, 9), (0.7, 9)), OPTIONS)
    assert shown(after) == [1, 2]
    assert after.moves == {}


def test_equal_products_stand_by_id() -> None:
    assert shown(page((0.5, 0), (0.7, 0), (0.5, 0), (0.7, 0))) == [2, 4, 1, 3]


@pytest.mark.parametrize(
    ("products", "left", "sentence"),
    [
        ([(0.9, 0), (0.3, 0)], [1], ""),
        ([(0.3, 0), (0.1, 0)], [1], "No product reached 40 % confidence, so 20 % was enough."),
        ([(0.1, 0), (0.0, 0)], [1, 2], NOTHING_LIKELY),
        ([(0.9, 99), (0.1, 99)], [1], "No product was seen lately: older ones are shown."),
        ([(0.9, 99), (0.1, 0)], [1], "No product was seen lately: older ones are shown."),
        ([(0.1, 99), (0.0, 99)], [1, 2], NOTHING_SEEN_OR_LIKELY),
    ],
)  # fmt: skip
def test_a_page_that_would_be_empty_is_filled_rung_by_rung(
    products: list[tuple[float, float]], left: list[int], sentence: str
) -> None:
    after, relaxed = apply_rules(page(*products), OPTIONS)
    assert shown(after) == left
    assert relaxed == sentence


@pytest.mark.parametrize(
    ("products", "left", "sentence"),
    [
        ([(0.9, True), (0.9, False)], [1], ""),
        ([(0.9, False), (0.1, True)], [1], "Nothing is in stock: what is sold out is shown."),
        (
            [(0.3, False), (0.1, True)],
            [1],
            "No product reached 40 % confidence, so 20 % was enough. "
            "What is out of stock counts too.",
        ),
    ],
)  # fmt: skip
def test_where_only_stock_is_shown_a_sold_out_page_shows_what_is_sold_out(
    products: list[tuple[float, bool]], left: list[int], sentence: str
) -> None:
    lineup = page_of(*(Candidate(sure, stock=stock) for sure, stock in products))
    after, relaxed = apply_rules(lineup, replace(OPTIONS, out_of_stock=REMOVE))
    assert shown(after) == left
    assert relaxed == sentence


def test_a_retailer_that_was_silent_for_a_week_makes_its_products_no_older() -> None:
    lineup = page_of(Candidate(0.8, 0, silent=7), Candidate(0.7, 0, silent=0))
    after, _ = apply_rules(lineup, OPTIONS)
    assert shown(after) == [1, 2]
    assert after.moves == {}


def test_a_retailer_that_was_silent_for_longer_than_products_may_be_is_taken_for_gone() -> None:
    lineup = page_of(Candidate(0.8, 0, silent=61), Candidate(0.7, 0, silent=60))
    after, _ = apply_rules(lineup, OPTIONS)
    assert shown(after) == [2]
    assert after.reasons[0] == "Not seen for 61 days."


def test_what_is_out_of_stock_stands_behind_what_is_in_stock_and_hardly_worse() -> None:
    lineup = page_of(Candidate(0.9, stock=False), Candidate(0.86), Candidate(0.84))
    after = in_stock_first(lineup, OPTIONS)
    assert shown(after) == [2, 1, 3]
    assert after.moves == {"out of stock": {0: Move(-1, "It is out of stock.")}}


def test_stock_is_no_matter_where_a_branch_says_so() -> None:
    lineup = page_of(Candidate(0.9, stock=False), Candidate(0.86))
    assert shown(in_stock_first(lineup, replace(OPTIONS, out_of_stock=IGNORE))) == [1, 2]


def test_what_is_out_of_stock_goes_where_a_branch_says_so() -> None:
    lineup = page_of(Candidate(0.9, stock=False), Candidate(0.86))
    after = sold_out(lineup, replace(OPTIONS, out_of_stock=REMOVE))
    assert (shown(after), after.reasons[0]) == ([2], "It is out of stock.")
    assert shown(sold_out(lineup, OPTIONS)) == [1, 2]


STRICT = replace(OPTIONS, out_of_stock=REMOVE, most_in_top=2, most_on_page=0.3, page_size=12)
told = st.sampled_from([OPTIONS, STRICT, replace(STRICT, band=0.3, out_of_stock=LOWER)])


@settings(deadline=None)
@given(pages, told)
def test_a_page_with_candidates_is_never_empty(lineup: Lineup, options: Options) -> None:
    after, _ = apply_rules(lineup, options)
    assert bool(shown(after)) == bool(len(lineup.products))


@settings(deadline=None)
@given(pages, told)
def test_every_candidate_is_either_left_or_removed_with_a_reason(
    lineup: Lineup, options: Options
) -> None:
    after, _ = apply_rules(lineup, options)
    assert sorted(after.products[after.order]) == sorted(lineup.products)
    for rule, reason in zip(after.removed_by, after.reasons, strict=True):
        assert bool(rule) == bool(reason)


@settings(deadline=None)
@given(pages, told)
def test_every_move_has_its_reason_and_is_of_something_shown(
    lineup: Lineup, options: Options
) -> None:
    after, _ = apply_rules(lineup, options)
    for moves in after.moves.values():
        assert all(after.is_left[place] for place in moves)
        assert all(move.places and move.reason for move in moves.values())


@pytest.mark.parametrize("rule", RULES)
@settings(deadline=None)
@given(lineup=pages, options=told)
def test_a_rule_applied_again_changes_nothing(rule: Rule, lineup: Lineup, options: Options) -> None:
    once = rule(lineup, options)
    twice = rule(once, options)
    assert said(twice) == said(once)
    assert twice.order.tolist() == once.order.tolist()


@settings(deadline=None)
@given(pages, told)
def test_all_rules_applied_again_change_nothing(lineup: Lineup, options: Options) -> None:
    once, sentence = apply_rules(lineup, options)
    twice, again = apply_rules(once, options)
    assert said(twice) == said(once)
    assert (shown(twice), again) == (shown(once), sentence)


@settings(deadline=None)
@given(pages, told, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(
    lineup: Lineup, options: Options, random: Random
) -> None:
    order = list(range(len(lineup.products)))
    random.shuffle(order)
    moved = in_other_rows(lineup, order)
    (one, relaxed), (other, as_well) = (apply_rules(each, options) for each in (lineup, moved))
    assert (shown(one), relaxed) == (shown(other), as_well)
    assert said(one) == said(other)
