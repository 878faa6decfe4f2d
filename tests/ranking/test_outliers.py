"""What is odd about a page's candidates, how likely each is wrong, and which go."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.pipeline.data import NOTHING_JUDGED, Doubles, Ints, Options
from ranking.pipeline.outliers.bound import ASSUMED, ESTIMATED, GUARANTEED, UNKNOWN, Curve
from ranking.pipeline.outliers.core import away_from_core, core_of
from ranking.pipeline.outliers.detector import Detector
from ranking.pipeline.outliers.names import KEYS, ODDITIES
from ranking.pipeline.outliers.prices import away_from_usual, slip
from ranking.pipeline.outliers.stage import Doubts, find_outliers, how_odd
from ranking.pipeline.prices import Usual
from ranking.pipeline.profile import profile
from ranking.pipeline.rules import FIRST_PLACES, Lineup, apply_rules, line_up, probably_wrong
from tests.ranking.shelves import LAMPS, make_shelf, unit

NAN = math.nan
USUAL = {"EUR": Usual(math.log(49.9), 0.4)}
CURVE = Curve(99, (0.5, 0.6, 0.7, 1.0), (0.0, 0.02, 0.06, 0.4), (0.01, 0.03, 0.05, 0.4))

chances = st.floats(0, 1)


def lineup(confidence: Doubles, oddities: Doubles, bound: float, curve: Curve = CURVE) -> Lineup:
    """Return candidates with these, looked through for outliers; their ids count from 1."""
    detector, count = Detector(curve=curve), len(confidence)
    chance = detector.chance_wrong(confidence, oddities)
    doubts = Doubts(
        oddities=oddities,
        chance_wrong=chance,
        were_it_usual=detector.chance_wrong(confidence, np.zeros_like(oddities)),
        oddest=("Its picture is odd",) * count,
        slips=("",) * count,
        cut=detector.cut(bound, Options().minimum_confidence),
    )
    return line_up(np.arange(1, count + 1), confidence, confidence, np.zeros(count), doubts)


def odd(*values: float, key: str = "picture") -> Doubles:
    """Return (N, O) oddities of which one has these values and the others are unknown."""
    table = np.full((len(values), len(KEYS)), NAN)
    table[:, KEYS.index(key)] = values
    return table


def shown(page: Lineup) -> list[int]:
    return sorted(int(n) for n in page.products[page.is_left])


def told(bound: float) -> Options:
    return Options(wrong_shown=bound)


@st.composite
def pages(draw: st.DrawFn) -> tuple[Doubles, Doubles]:
    """Draw the confidence and the oddities, some unknown, of up to 30 candidates."""
    count = draw(st.integers(1, 30))
    some = st.one_of(chances, st.just(NAN))
    sure = draw(st.lists(chances, min_size=count, max_size=count))
    cells = draw(st.lists(some, min_size=count * len(KEYS), max_size=count * len(KEYS)))
    return np.array(sure), np.array(cells).reshape(count, len(KEYS))


# Prices.


@pytest.mark.parametrize(
    ("price", "said"),
    [
        (4990.0, "4,990 EUR is about 100 × the usual 50 EUR, cents taken for whole EUR?"),
        (49900.0, "49,900 EUR is about 1,000 × the usual 50 EUR, a decimal point taken for"),
        (0.5, "0.50 EUR is about 1/100 of the usual 50 EUR, whole EUR taken for cents?"),
        (0.05, "0.05 EUR is about 1/1,000 of the usual 50 EUR, thousands taken for a decimal"),
    ],
)
def test_a_slip_of_the_unit_is_recognised_and_asks_for_the_price_to_be_checked(
    price: float, said: str
) -> None:
    assert slip(math.log(price), "EUR", USUAL).startswith(f"Check the price: {said}")


@pytest.mark.parametrize("price", [49.9, 20.0, 150.0, 600.0, 12000.0])
def test_other_prices_are_no_slip_however_far(price: float) -> None:
    assert not slip(math.log(price), "EUR", USUAL)


def test_a_price_without_currency_or_amount_is_neither_odd_nor_a_slip() -> None:
    prices = np.array([NAN, math.log(50), math.log(50)])
    away = away_from_usual(prices, ["EUR", "", "USD"], USUAL)
    assert np.isnan(away).all()
    assert not slip(NAN, "EUR", USUAL)
    assert not slip(math.log(5000), "USD", USUAL)


def test_prices_are_odd_on_either_side_of_the_usual() -> None:
    prices = np.log([49.9, 49.9 * math.e, 49.9 / math.e])
    assert away_from_usual(prices, ["EUR"] * 3, USUAL) == pytest.approx([0, 2.5, 2.5])


# The core.


def test_the_core_is_the_surest_candidates_ties_by_row() -> None:
    confidence = np.array([0.9, 0.2, 0.95, 0.9])
    assert core_of(confidence, np.array([5, 6, 7, 4])).tolist() == [2, 3, 0, 1]


def test_a_stranger_lies_far_from_the_core_even_when_it_is_taken_for_a_part_of_it() -> None:
    random = np.random.default_rng(0)
    alike = unit(np.eye(8)[0] + 0.05 * random.normal(size=(12, 8)))
    vectors = np.vstack([alike, np.eye(8, dtype=np.float32)[3:4]])
    away = away_from_core(vectors, np.arange(13))
    assert away[12] > 3 * np.abs(away[:12]).max()


def test_without_a_picture_nothing_is_known_and_with_few_neither() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(6, 4)))
    vectors[2:] = NAN
    assert np.isnan(away_from_core(vectors, np.arange(6))).all()
    assert not len(away_from_core(vectors[:0], np.arange(0)))


def test_where_all_are_alike_nothing_is_odd() -> None:
    away = away_from_core(np.tile(np.eye(4, dtype=np.float32)[:1], (9, 1)), np.arange(9))
    assert how_odd(away, 3.0).tolist() == [0.0] * 9


# The chance of being wrong.


def test_without_oddities_the_chance_of_being_wrong_is_what_confidence_leaves() -> None:
    confidence = np.array([0.0, 0.2, 0.9, 1.0])
    chance = Detector().chance_wrong(confidence, odd(NAN, 0, NAN, 0))
    assert chance == pytest.approx(1 - confidence, abs=2e-6)


def test_a_price_alone_never_makes_a_sure_product_probably_wrong() -> None:
    most = tuple(oddity.most for oddity in ODDITIES)
    chance = Detector(weights=most).chance_wrong(np.array([0.8]), odd(1.0, key="price"))
    assert chance[0] < 0.5


@settings(deadline=None)
@given(pages(), st.data())
def test_more_odd_or_less_sure_is_never_less_likely_wrong(
    page: tuple[Doubles, Doubles], data: st.DataObject
) -> None:
    confidence, oddities = page
    raised = np.fmax(oddities, data.draw(chances))
    less_sure = confidence * data.draw(chances)
    before = Detector().chance_wrong(confidence, oddities)
    assert (Detector().chance_wrong(confidence, raised) >= before).all()
    assert (Detector().chance_wrong(less_sure, oddities) >= before).all()


# The bound.


def test_the_largest_cut_is_taken_that_keeps_the_bound() -> None:
    cut = CURVE.cut(0.05, 0.35)  # (99 × 0.02 + 1) / 100 is 0.0298, (99 × 0.06 + 1) / 100 is 0.0694
    assert (cut.chance, cut.kind, cut.asked, cut.pages) == (0.6, GUARANTEED, 0.05, 99)
    assert cut.held == 0.05  # no more is promised, however few were wrong at this cut


def test_a_bound_that_so_few_pages_cannot_hold_is_estimated_and_says_so() -> None:
    few = replace(CURVE, pages=10, losses=(0.0, 0.0, 0.0, 0.4))  # 1 / 11 is more than 0.05
    cut = few.cut(0.05, 0.35)
    assert (cut.chance, cut.kind, cut.held, cut.pages) == (0.7, ESTIMATED, 0.05, 10)


def test_what_is_more_likely_right_than_wrong_stays_and_what_is_held_instead_is_said() -> None:
    hard = Curve(200, (0.5, 0.9), (0.1, 0.3), (0.2, 0.4))
    cut = hard.cut(0.05, 0.35)
    assert (cut.chance, cut.kind, cut.asked, cut.held) == (0.5, ESTIMATED, 0.05, 0.2)


def test_with_nothing_judged_what_oddities_take_below_the_minimum_confidence_goes() -> None:
    cut = UNKNOWN.cut(0.05, 0.35)
    assert (cut.chance, cut.kind, cut.held) == (0.65, ASSUMED, None)


@given(
    st.lists(st.tuples(chances, chances, chances), min_size=1, max_size=8),
    st.integers(1, 200),
    chances,
    chances,
)
def test_a_smaller_bound_never_gives_a_larger_cut(
    points: list[tuple[float, float, float]], count: int, one: float, other: float
) -> None:
    cuts, losses, estimates = (tuple(sorted(values)) for values in zip(*points, strict=True))
    curve = Curve(count, cuts, losses, estimates)
    less, more = sorted((one, other))
    assert curve.cut(less, 0.35).chance <= curve.cut(more, 0.35).chance


# Removal.


def test_what_is_odd_goes_as_an_outlier_and_what_is_unsure_as_unsure() -> None:
    sure = np.array([0.99] * FIRST_PLACES + [0.6, 0.39, 0.7])
    oddities = odd(*[0.0] * FIRST_PLACES, 1.0, 0.0, 0.0)
    after, sentence = apply_rules(lineup(sure, oddities, 0.05), told(0.05))
    assert after.removed_by[-3:] == ("outlier", "minimum confidence", "")
    assert after.reasons[-3] == "Its picture is odd, and 64 % of such products are wrong."
    assert after.reasons[-2] == "Confidence 39 % is too little for at most 5 % wrong."
    assert not sentence


def test_the_first_places_are_filled_at_the_cost_of_the_bound_and_the_page_says_so() -> None:
    sure = np.array([0.9, 0.48, 0.45, 0.2])
    after, sentence = apply_rules(lineup(sure, odd(0, 0, 0, 0), 0.01), told(0.01))
    assert shown(after) == [1, 2, 3]
    assert sentence == (
        "Too few products are sure enough for at most 1 % wrong: "
        "the least doubtful fill the first 10 places."
    )


@settings(deadline=None)
@given(pages(), chances, chances)
def test_a_smaller_bound_never_shows_more(
    page: tuple[Doubles, Doubles], one: float, other: float
) -> None:
    less, more = sorted((one, other))
    strict, _ = apply_rules(lineup(*page, less), told(less))
    lax, _ = apply_rules(lineup(*page, more), told(more))
    assert set(shown(strict)) <= set(shown(lax))


@settings(deadline=None)
@given(pages(), chances)
def test_removing_again_removes_no_more(page: tuple[Doubles, Doubles], bound: float) -> None:
    once = probably_wrong(lineup(*page, bound), told(bound))
    twice = probably_wrong(once, told(bound))
    assert (twice.removed_by, twice.reasons) == (once.removed_by, once.reasons)


@settings(deadline=None)
@given(pages(), chances)
def test_a_page_is_never_emptied(page: tuple[Doubles, Doubles], bound: float) -> None:
    after, _ = apply_rules(lineup(*page, bound), told(bound))
    assert shown(after)


# The whole stage.


def look(rows: Ints, confidence: Doubles) -> Doubts:
    shelf = make_shelf()
    page = profile(LAMPS, shelf, NOTHING_JUDGED)
    return find_outliers(page, rows, confidence, None, shelf.catalogue, Detector(), Options())


@settings(deadline=None, max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(0, 48))
def test_the_order_of_the_candidates_does_not_matter(random: Random, count: int) -> None:
    rows = np.arange(count)
    confidence = np.round(np.linspace(0.9, 0.1, count), 1)  # with ties
    order = np.array(random.sample(range(count), count), np.int64)
    one, other = look(rows, confidence), look(rows[order], confidence[order])
    np.testing.assert_array_equal(one.oddities[order], other.oddities)
    np.testing.assert_array_equal(one.chance_wrong[order], other.chance_wrong)


def test_one_candidate_alone_is_not_odd() -> None:
    doubts = look(np.array([3]), np.array([0.7]))
    assert doubts.chance_wrong == pytest.approx([0.3])
    assert np.nan_to_num(doubts.oddities).sum() == 0


def test_products_of_another_kind_are_odd_by_their_text() -> None:
    doubts = look(np.arange(18), np.full(18, 0.8))  # twelve table lamps, six desk lamps
    of_text = doubts.oddities[:, KEYS.index("text")]
    assert of_text[12:].min() > np.median(of_text[:12])
    assert (doubts.chance_wrong[12:] > 0.2).all()
