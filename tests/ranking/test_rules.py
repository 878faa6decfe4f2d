"""What rules take off a page or move on it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.pipeline.data import Options
from ranking.pipeline.rules import (
    RULES,
    Lineup,
    Rule,
    apply_rules,
    freshness,
    line_up,
    minimum_confidence,
    seen_lately,
)

NOTHING_LIKELY = "No product is likely to belong here: the nearest are shown."
NOTHING_SEEN_OR_LIKELY = (
    "No product was seen lately or is likely to belong here: the nearest are shown."
)
OPTIONS = Options(minimum_confidence=0.4, half_life_days=30, longest_unseen_days=60)


def page(*products: tuple[float, float]) -> Lineup:
    """Return candidates with these (confidence, days unseen); their ids count from 1."""
    confidence = np.array([sure for sure, _ in products])
    days = np.array([days for _, days in products])
    return line_up(np.arange(1, len(products) + 1), confidence, confidence, days)


def shown(lineup: Lineup) -> list[int]:
    """Return the ids that are left, in order."""
    return [int(lineup.products[n]) for n in lineup.order if lineup.is_left[n]]


candidates = st.lists(
    st.tuples(
        st.floats(0, 1), st.one_of(st.floats(0, 400), st.just(float("nan")), st.just(float("inf")))
    ),
    max_size=12,
).map(lambda products: page(*products))


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
    assert after.reasons == ("Moved down: not seen for 20 days.", "", "")
    assert after.confidence.tolist() == before.confidence.tolist()


def test_products_of_one_age_keep_their_order_without_a_word() -> None:
    after = freshness(page((0.8, 9), (0.7, 9)), OPTIONS)
    assert shown(after) == [1, 2]
    assert after.reasons == ("", "")


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


@settings(deadline=None)
@given(candidates)
def test_a_page_with_candidates_is_never_empty(lineup: Lineup) -> None:
    after, _ = apply_rules(lineup, OPTIONS)
    assert bool(shown(after)) == bool(len(lineup.products))


@settings(deadline=None)
@given(candidates)
def test_every_candidate_is_either_left_or_removed_with_a_reason(lineup: Lineup) -> None:
    after, _ = apply_rules(lineup, OPTIONS)
    assert sorted(after.products[after.order]) == sorted(lineup.products)
    for rule, reason in zip(after.removed_by, after.reasons, strict=True):
        assert not rule or reason


@pytest.mark.parametrize("rule", RULES)
@settings(deadline=None)
@given(lineup=candidates)
def test_a_rule_applied_again_changes_nothing(rule: Rule, lineup: Lineup) -> None:
    once = rule(lineup, OPTIONS)
    twice = rule(once, OPTIONS)
    assert (twice.removed_by, twice.reasons) == (once.removed_by, once.reasons)
    assert twice.order.tolist() == once.order.tolist()


@settings(deadline=None)
@given(candidates, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(lineup: Lineup, random: object) -> None:
    order = list(range(len(lineup.products)))
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis hands out random.Random
    moved = replace(
        lineup,
        products=lineup.products[order],
        chance=lineup.chance[order],
        confidence=lineup.confidence[order],
        days_unseen=lineup.days_unseen[order],
        utility=lineup.utility[order],
    )
    (one, said), (other, said_too) = apply_rules(lineup, OPTIONS), apply_rules(moved, OPTIONS)
    assert shown(one) == shown(other)
    assert said == said_too
