"""What each signal says of products on a page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.pipeline.data import Doubles, Judged
from ranking.pipeline.names import KEYS, SIGNALS
from ranking.pipeline.prices import spread, usual_price
from ranking.pipeline.profile import profile
from ranking.pipeline.shelf import Shelf
from ranking.pipeline.signals import measure
from tests.ranking.shelves import (
    BAGS,
    CANDLES,
    DESK_LAMPS,
    DUFFEL_BAGS,
    LAMPS,
    NOTHING,
    WIDTH,
    judge,
    make_catalogue,
    make_shelf,
    make_tree,
    shuffled,
    unit,
)

EVERYTHING = np.arange(48)
THE_LAMPS = slice(0, 12)
NOBODY_FILED = np.full(48, -1, np.int64)
SURE = np.ones(48, np.float32)


def measured(key: str, shelf: Shelf, page: int = LAMPS, judged: Judged = NOTHING) -> Doubles:
    """Return one signal of all products of the shelf."""
    rows = np.arange(len(shelf.catalogue))
    return measure(profile(page, shelf, judged), rows, shelf)[:, KEYS.index(key)]


def filed(categories: dict[int, int], **changes: Any) -> Shelf:
    """Return a shelf on which these rows are surely filed under these categories."""
    where = NOBODY_FILED.copy()
    where[list(categories)] = list(categories.values())
    return make_shelf(filed_under=where, filing_confidence=SURE, **changes)


def test_signs_weights_and_ranges_agree() -> None:
    assert len(set(KEYS)) == len(SIGNALS)
    for signal in SIGNALS:
        assert signal.sign in (-1, 1)
        assert signal.weight * signal.sign > 0
        assert signal.low < signal.neutral < signal.high


def test_texts_about_the_page_stand_out() -> None:
    fit = measured("text_fit", make_shelf())
    assert fit[THE_LAMPS].min() > 3 > 2 > fit[12:].max()


def test_standing_does_not_depend_on_the_encoder_s_scale() -> None:
    """Cosines of another encoder lie closer together; what stands out, stands out as far."""
    shelf = make_shelf()
    common = np.zeros(WIDTH)
    common[-1] = 3
    narrow = make_shelf(text=unit(shelf.catalogue.text + common))
    assert np.corrcoef(measured("text_fit", shelf), measured("text_fit", narrow))[0, 1] > 0.99
    assert (
        abs(
            measured("text_fit", narrow)[THE_LAMPS].mean()
            - measured("text_fit", shelf)[THE_LAMPS].mean()
        )
        < 0.3
    )


def test_pictures_are_measured_where_there_are_any() -> None:
    pictures = make_shelf().catalogue.text.copy()
    pictures[0] = np.nan
    fit = measured("picture_fit", make_shelf(picture=pictures))
    assert np.isnan(fit[0])
    assert fit[1:12].min() > fit[12:].max()


def test_titles_with_the_page_s_words_say_so() -> None:
    words = measured("words", make_shelf())
    assert words[1:12:2].min() > words[13:24:2].max() > 0  # desk lamps are lamps too
    assert (words[0:12:2] == 0).all()


def test_a_text_that_speaks_of_a_sibling_is_nearer_to_it_than_to_the_page() -> None:
    own = measured("own_category", make_shelf())
    assert (own[THE_LAMPS] > 0).all()
    assert (own[12:] < 0).all()


def test_a_category_below_the_page_is_no_rival() -> None:
    shelf, its_own_words = make_shelf(), make_shelf().tree.text[[6]]
    shelf.catalogue.text[36] = its_own_words
    assert measured("own_category", shelf, DUFFEL_BAGS)[36] > 2
    assert measured("own_category", shelf, BAGS)[36] == 0
    assert measured("own_category", shelf, LAMPS)[36] < -2


def test_known_products_make_their_like_stand_out() -> None:
    fit = measured("known_fit", filed({0: LAMPS, 1: LAMPS, 2: LAMPS, 3: LAMPS}))
    assert fit[4:12].min() > fit[12:].max()


def test_two_known_products_are_too_few_for_a_middle() -> None:
    assert np.isnan(measured("known_fit", filed({0: LAMPS, 1: LAMPS}))).all()


def test_a_known_product_is_not_compared_with_itself() -> None:
    """Three products that have nothing in common are no evidence for each other."""
    apart = np.eye(3, WIDTH, dtype=np.float32)
    text = np.vstack([apart, make_shelf().catalogue.text[3:]])
    shelf = filed({0: LAMPS, 1: LAMPS, 2: LAMPS}, text=text)
    page = profile(LAMPS, shelf, NOTHING)
    middle = unit(apart.sum(axis=0))
    mean, deviation = shelf.text.background(middle)
    fit = measure(page, np.array([0]), shelf)[0, KEYS.index("known_fit")]
    assert fit == pytest.approx(max(-2.0, (0 - mean) / deviation), abs=1e-3)


def test_steps_to_the_filing_are_counted_and_below_the_page_are_none() -> None:
    shelf = filed({0: BAGS, 1: DUFFEL_BAGS, 2: CANDLES, 3: 1, 4: 77777})
    assert measured("filing_distance", shelf, BAGS)[:4].tolist() == [0, 0, 3, 1]
    assert np.isnan(measured("filing_distance", shelf, BAGS)[4:]).all()


def test_a_usual_price_fits_and_a_slip_from_cents_to_euros_does_not() -> None:
    prices = np.full(48, np.log(20.0))
    prices[:5] = np.log([18, 19, 20, 21, 2000])
    fit = measured("price_fit", filed(dict.fromkeys(range(12), LAMPS), log_price=prices))
    assert fit[2] == pytest.approx(1, abs=0.01)
    assert fit[4] < 0.05


def test_prices_in_other_currencies_are_not_compared() -> None:
    currencies = ["EUR"] * 47 + ["JPY"]
    fit = measured("price_fit", filed(dict.fromkeys(range(12), LAMPS), currencies=currencies))
    assert np.isnan(fit[47])
    assert np.isfinite(fit[:47]).all()


def test_without_a_price_or_anything_to_compare_it_with_the_fit_is_unknown() -> None:
    assert np.isnan(measured("price_fit", make_shelf())).all()
    prices = make_shelf().catalogue.log_price.copy()
    prices[5] = np.nan
    fit = measured("price_fit", filed(dict.fromkeys(range(12), LAMPS), log_price=prices))
    assert np.flatnonzero(np.isnan(fit)).tolist() == [5]


def test_a_page_with_few_prices_leans_on_its_parent_s() -> None:
    own, parents = np.log([10.0]), np.log(np.full(50, 100.0))
    usual = usual_price(own, parents)
    assert usual is not None
    assert np.log(10) < usual.middle < np.log(100)
    assert abs(usual.middle - np.log(100)) < abs(usual.middle - np.log(10))


def test_equal_prices_have_no_spread_but_near_ones_are_not_far_away() -> None:
    usual = usual_price(np.log(np.full(30, 10.0)), np.empty(0))
    assert usual is not None
    assert abs(usual.away(np.log(np.array([10.5])))[0]) < 1
    assert spread(np.zeros(5)) == 0


def test_when_most_prices_are_equal_the_quartiles_say_how_far_they_spread() -> None:
    assert spread(np.array([0.0] * 5 + [2.0] * 4)) == pytest.approx(2 / 1.349)


def test_nothing_is_known_of_products_without_vectors_words_or_filings() -> None:
    blank = np.full((48, WIDTH), np.nan, np.float32)
    shelf = make_shelf(text=blank, titles=[""] * 48, log_price=np.full(48, np.nan))
    table = measure(profile(LAMPS, shelf, NOTHING), EVERYTHING, shelf)
    known = [KEYS[column] for column in np.flatnonzero(np.isfinite(table).any(axis=0))]
    assert known == ["words"]
    assert (table[:, KEYS.index("words")] == 0).all()


def test_no_rows_give_no_signals() -> None:
    shelf = make_shelf()
    assert measure(profile(LAMPS, shelf, NOTHING), EVERYTHING[:0], shelf).shape == (0, len(KEYS))


def test_what_people_said_of_the_page_tells_what_is_like_it() -> None:
    fit = measured("known_fit", make_shelf(), judged=judge(LAMPS, {100: 3, 101: 3, 102: 2, 103: 0}))
    assert fit[3:12].min() > fit[12:].max()


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(48)))
def test_the_order_of_the_products_changes_no_signal(order: list[int]) -> None:
    pictures = np.roll(make_shelf().catalogue.text, 1, axis=0)
    shelf = filed(dict.fromkeys(range(3, 20), LAMPS) | {40: DESK_LAMPS}, picture=pictures)
    moved = shuffled(shelf, np.array(order))
    before = measure(profile(LAMPS, shelf, NOTHING), EVERYTHING, shelf)
    after = measure(profile(LAMPS, moved, NOTHING), EVERYTHING, moved)
    np.testing.assert_allclose(after, before[order], atol=2e-4)


def test_values_stay_in_their_range() -> None:
    shelf = Shelf(make_catalogue([LAMPS] + [CANDLES] * 200, noise=0.1), make_tree())
    table = measure(profile(LAMPS, shelf, NOTHING), np.arange(201), shelf)
    for column, signal in enumerate(SIGNALS):
        known = table[np.isfinite(table[:, column]), column]
        assert ((known >= signal.low) & (known <= signal.high)).all()
    assert table[0, KEYS.index("text_fit")] == SIGNALS[0].high
