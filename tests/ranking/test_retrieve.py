"""Which products a page looks at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.pipeline.data import Ints, Judged, Options
from ranking.pipeline.nearest import Nearest
from ranking.pipeline.profile import centroid, profile, trimmed
from ranking.pipeline.retrieve import product_line, prompts, retrieve
from ranking.pipeline.shelf import Shelf
from tests.ranking.shelves import (
    BAGS,
    CANDLES,
    DUFFEL_BAGS,
    LAMPS,
    NOTHING,
    WIDTH,
    judge,
    make_shelf,
    unit,
)

FEW = Options(candidates=12)


def candidates(shelf: Shelf, page: int, judged: Judged = NOTHING, count: int = 12) -> Ints:
    """Return the rows of the page's candidates."""
    options = Options(candidates=count)
    (rows,) = retrieve([profile(page, shelf, judged)], shelf, options)
    return rows


def test_the_nearest_products_are_the_candidates() -> None:
    assert candidates(make_shelf(), LAMPS).tolist() == list(range(12))


def test_products_filed_below_the_page_join_however_far_they_are() -> None:
    filed = np.full(48, -1, np.int64)
    filed[[30, 31]] = DUFFEL_BAGS
    shelf = make_shelf(filed_under=filed)
    assert {30, 31} <= set(candidates(shelf, BAGS, count=2).tolist())


def test_of_many_filed_products_only_the_nearest_join() -> None:
    shelf = make_shelf([CANDLES] * 6 + [LAMPS] * 6, filed_under=np.full(12, CANDLES, np.int64))
    assert candidates(shelf, CANDLES, count=6).tolist() == [0, 1, 2, 3, 4, 5]


def test_a_product_judged_right_joins_and_one_judged_wrong_does_not() -> None:
    judged = judge(LAMPS, {130: 3, 131: 0})
    rows = candidates(make_shelf(), LAMPS, judged, count=3).tolist()
    assert 30 in rows
    assert 31 not in rows


def test_products_without_text_are_found_by_their_picture() -> None:
    shelf = make_shelf()
    unknown = np.full((48, WIDTH), np.nan, np.float32)
    by_picture = make_shelf(text=unknown, picture=shelf.catalogue.text)
    assert candidates(by_picture, LAMPS).tolist() == list(range(12))


def test_both_ways_of_finding_get_their_share() -> None:
    text, picture = make_shelf().catalogue.text.copy(), np.full((48, WIDTH), np.nan, np.float32)
    picture[:6] = text[:6]
    text[:6] = np.nan
    assert set(candidates(make_shelf(text=text, picture=picture), LAMPS)) == set(range(12))


def test_an_empty_catalogue_has_no_candidates() -> None:
    assert candidates(make_shelf([]), LAMPS).tolist() == []


def test_a_page_without_vectors_has_what_is_filed_there() -> None:
    filed = np.full(48, -1, np.int64)
    filed[7] = LAMPS
    shelf = make_shelf(filed_under=filed)
    shelf.tree.text[:] = np.nan
    assert candidates(shelf, LAMPS).tolist() == [7]


def test_a_page_that_is_not_in_the_tree_is_an_error() -> None:
    with pytest.raises(KeyError):
        profile(12345, make_shelf(), NOTHING)


def test_candidates_do_not_depend_on_the_pages_asked_for_together() -> None:
    shelf, options = make_shelf(), Options(candidates=5)
    profiles = [profile(page, shelf, NOTHING) for page in shelf.tree.ids.tolist() * 5]
    together = retrieve(profiles, shelf, options)
    alone = [retrieve([page], shelf, options)[0] for page in profiles]
    assert [rows.tolist() for rows in together] == [rows.tolist() for rows in alone]


def test_equal_products_are_taken_by_id() -> None:
    same = np.tile(unit(np.ones((1, WIDTH))), (500, 1))
    assert Nearest(same).rows(same[:1], 3)[0].tolist() == [0, 1, 2]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.integers(1, 50))
def test_nearest_rows_are_those_of_a_full_comparison(seed: int, size: int, count: int) -> None:
    random = np.random.default_rng(seed)
    # Few distinct directions, so that ties are common; some rows unknown.
    vectors = unit(random.normal(size=(5, WIDTH)))[random.integers(5, size=size)]
    vectors[random.random(size) < 0.2] = np.nan
    query = unit(random.normal(size=(1, WIDTH)))
    cosines = np.nan_to_num(Nearest(vectors).cosines(query[0], np.arange(size)), nan=-2)
    order = np.lexsort((np.arange(size), -cosines))
    expected = [row for row in order.tolist() if cosines[row] > -2][:count]
    assert Nearest(vectors).rows(query, count)[0].tolist() == expected


def test_a_misfiled_product_does_not_pull_the_page_towards_it() -> None:
    shelf = make_shelf()
    lamps, stranger = np.arange(10), np.array([40])
    prompt = shelf.tree.text[2]
    kept = trimmed(prompt, np.append(lamps, stranger), shelf.catalogue.text)
    assert 40 not in kept
    assert len(kept) == 9


def test_the_centroid_is_the_prompt_when_nothing_is_known() -> None:
    shelf = make_shelf()
    none, prompt = np.empty(0, np.int64), shelf.tree.text[2]
    assert np.allclose(centroid(prompt, none, shelf.catalogue.text), prompt)
    unknown = np.full(WIDTH, np.nan, np.float32)
    assert np.isnan(centroid(unknown, none, shelf.catalogue.text)).all()


def test_known_products_are_the_judged_right_and_the_surely_filed() -> None:
    filed = np.full(48, -1, np.int64)
    filed[:4] = LAMPS
    sure = np.array([0.9, 0.9, 0.5, 0.9] + [0] * 44, np.float32)
    shelf = make_shelf(filed_under=filed, filing_confidence=sure)
    page = profile(LAMPS, shelf, judge(LAMPS, {100: 0, 120: 2, 999: 3}))
    assert page.known.tolist() == [1, 3, 20]
    assert page.filed.tolist() == [0, 1, 2, 3]


def test_a_category_is_described_by_its_name_and_a_product_by_the_start_of_its_texts() -> None:
    assert prompts("Desk lamps") == ["Desk lamps", "a photo of a Desk lamps"]
    assert product_line("Lamp", "x" * 300) == "Lamp. " + "x" * 200
    assert product_line("Lamp", "") == "Lamp."


def test_what_merchandisers_alone_say_is_no_anchor() -> None:
    shelf = make_shelf()
    said = judge(LAMPS, {130: 3, 100: 0})
    heard = profile(LAMPS, shelf, said)
    alone = profile(LAMPS, shelf, replace(said, annotators=np.zeros(2, np.int64)))
    assert len(heard.right) == 1
    assert len(alone.right) == 0
    np.testing.assert_array_equal(alone.known, profile(LAMPS, shelf, NOTHING).known)
