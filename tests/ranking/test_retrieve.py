"""Which products a page looks at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.pipeline import nearest as nearest_module
from ranking.pipeline import sieve
from ranking.pipeline.data import Floats, Ints, Judged, Options
from ranking.pipeline.flat_index import FlatIndex
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


@st.composite
def crowds(draw: st.DrawFn) -> Floats:
    """Vectors of which many are equal or all but equal, some unknown, in blocks or fewer."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size, width = draw(st.integers(0, 90)), draw(st.integers(1, 40))
    apart = draw(st.sampled_from([0.0, 1e-7, 1e-5, 1e-3, 1.0]))
    kinds = unit(random.normal(size=(draw(st.integers(1, 5)), width)))
    vectors = kinds[random.integers(len(kinds), size=size)]
    vectors = unit(vectors + apart * random.normal(size=vectors.shape) / width**0.5)
    vectors[random.random(size) < draw(st.sampled_from([0.0, 0.2, 1.0]))] = np.nan
    return vectors


@pytest.mark.parametrize("by_sieve", [True, False])
@settings(max_examples=100, deadline=None)
@given(crowds(), st.integers(1, 100), st.integers(0, 2**32 - 1))
def test_nearest_rows_are_those_of_a_full_comparison(
    by_sieve: bool, vectors: Floats, count: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    queries = unit(random.normal(size=(3, vectors.shape[1])))
    known = np.flatnonzero(np.isfinite(vectors[:, 0]))
    if len(known):
        queries[0] = vectors[known[0]]
    queries[2] = np.nan
    nearest = Nearest(vectors)
    with pytest.MonkeyPatch.context() as patch:
        # Whatever this processor is good at; and small blocks, so that there are several.
        patch.setattr(nearest_module, "multiplies_integers", lambda: by_sieve)
        patch.setattr(sieve, "VECTORS", 16)
        found = nearest.rows(queries, count)
    for query, rows in zip(queries[:2], found, strict=False):
        cosines = np.round(vectors[known].astype(np.float64) @ query.astype(np.float64), 6)
        # Sums in another order may fall on the other side of half a millionth.
        expected = known[np.lexsort((known, -nearest.cosines(query, known)))][:count]
        assert rows.tolist() == expected.tolist()
        assert np.allclose(nearest.cosines(query, known), cosines, atol=1.5e-6)
    assert found[2].tolist() == []


@pytest.mark.parametrize("index", [sieve.Sieve, FlatIndex])
def test_among_many_the_nearest_are_found_whatever_they_are_asked_with(
    index: type[sieve.Sieve | FlatIndex],
) -> None:
    random = np.random.default_rng(7)
    middles = random.normal(size=(40, 64))
    vectors = unit(middles[random.integers(40, size=9_000)] + random.normal(size=(9_000, 64)))
    queries = unit(middles + random.normal(size=(40, 64)) / 8)
    found = list(index(vectors)(queries, 50))
    let_through = sum(len(query) for query, _ in found)
    pairs = {pair for part in found for pair in zip(*map(np.ndarray.tolist, part), strict=True)}
    exact = queries.astype(np.float64) @ vectors.T.astype(np.float64)
    nearest = np.argsort(-exact, axis=1)[:, :50]
    assert {(q, row) for q, rows in enumerate(nearest.tolist()) for row in rows} <= pairs
    assert let_through < 4 * 40 * 50  # little else
    alone = Nearest(vectors).rows(queries[3:4], 50)[0]
    assert Nearest(vectors).rows(queries, 50)[3].tolist() == alone.tolist()


def test_equal_vectors_are_all_looked_at() -> None:
    same = np.tile(unit(np.ones((1, WIDTH))), (10_000, 1))
    assert Nearest(same).rows(same[:2], 5)[1].tolist() == [0, 1, 2, 3, 4]


def test_the_nearest_of_many_come_with_their_cosines() -> None:
    vectors = unit(np.random.default_rng(3).normal(size=(6, WIDTH)))
    vectors[4] = np.nan
    rows, cosines = Nearest(vectors).batch(vectors, 7)
    assert rows[:, 5:].tolist() == [[-1, -1]] * 6
    assert rows[4].tolist() == [-1] * 7
    assert np.isnan(cosines[rows < 0]).all()
    for row in (0, 1, 2, 3, 5):
        assert rows[row, 0] == row
        assert (
            cosines[row, :5].tolist()
            == Nearest(vectors).cosines(vectors[row], rows[row, :5]).tolist()
        )
        assert (np.diff(cosines[row, :5]) <= 0).all()


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
