"""Paired comparisons of rankings, held against scipy, and what people's own orders come to."""

from __future__ import annotations

import math
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ranking.evaluation import Graded, compare, compare_all, measure_page, raters_ceiling
from ranking.evaluation.comparison import holm
from ranking.evaluation.raters import tied_ndcg

shares = st.floats(0, 1, allow_subnormal=False).map(lambda value: round(value, 3))


def mean(gains: np.ndarray, axis: int) -> np.ndarray:
    means: np.ndarray = gains.mean(axis=axis)
    return means


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(shares, shares), min_size=2, max_size=9))
def test_few_pages_are_tested_by_every_swap(pairs: list[tuple[float, float]]) -> None:
    after, before = zip(*pairs, strict=True)
    gains = np.array(after) - np.array(before)
    reference = stats.permutation_test(
        (gains,), mean, permutation_type="samples", vectorized=True, n_resamples=np.inf
    )
    assert compare(after, before).p == pytest.approx(reference.pvalue)


def test_many_pages_are_tested_by_swaps_drawn() -> None:
    gains = np.random.default_rng(5).normal(0.03, 0.1, 60)
    found = compare(gains.tolist(), [0.0] * 60)
    reference = stats.permutation_test(
        (gains,), mean, permutation_type="samples", vectorized=True, n_resamples=20_000, rng=1
    )
    assert found.p == pytest.approx(reference.pvalue, abs=0.01)
    assert found == compare(gains.tolist(), [0.0] * 60)
    assert found.low < found.mean < found.high


def test_rankings_that_are_equal_on_every_page_do_not_differ() -> None:
    same = compare([0.3, 0.9] * 20, [0.3, 0.9] * 20)
    assert (same.mean, same.low, same.high, same.p) == (0, 0, 0, 1)


def test_pages_that_one_of_the_two_knows_nothing_of_are_left_out() -> None:
    found = compare([0.5, math.nan, 0.7], [0.4, 0.1, math.nan])
    assert found.pages == 1
    assert found.mean == pytest.approx(0.1)
    assert math.isnan(compare([math.nan], [0.5]).p)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_p_values_are_corrected_as_holm_did(ps: list[float]) -> None:
    corrected = holm(ps)
    order = np.argsort(ps, kind="stable")
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        assert corrected[place] == pytest.approx(highest)
    assert all(after >= before for after, before in zip(corrected, ps, strict=True))


def test_a_metric_that_is_nowhere_known_takes_nothing_from_the_others() -> None:
    after = [{"p@10": 0.9, "map": math.nan}] * 8
    before = [{"p@10": 0.5, "map": math.nan}] * 8
    found = compare_all(after, before, ("p@10", "map"))
    assert found["p@10"].p_holm == found["p@10"].p == 2 / 2**8
    assert math.isnan(found["map"].p_holm)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=6))
def test_ties_are_worth_the_mean_of_all_orders(pairs: list[tuple[int, int]]) -> None:
    scores, grades = np.array(pairs, np.float64).T
    possible = [
        measure_page(grades[list(order)], grades)["ndcg@10"]
        for order in permutations(range(len(pairs)))
        if all(scores[a] >= scores[b] for a, b in pairwise(order))
    ]
    expected = np.mean(possible)
    found = tied_ndcg(scores, grades)
    assert found == pytest.approx(expected) or (math.isnan(found) and math.isnan(expected))


def graded(*rows: tuple[int, int, int, float]) -> Graded:
    pages, pairs, people, grades = zip(*rows, strict=True)
    page, pair, person = (np.array(column, np.int64) for column in (pages, pairs, people))
    return Graded(page, pair, person, np.array(grades, np.float64))


def test_people_who_agree_reach_all_that_can_be_reached() -> None:
    same = [(1, pair, person, grade) for pair, grade in enumerate((3, 1, 0)) for person in (7, 8)]
    found = raters_ceiling(graded(*same))
    assert found is not None
    assert (found.against_others.mean, found.people, found.pairs) == (1, 2, 3)


def test_people_who_disagree_reach_less_and_more_by_the_median_that_is_their_own_too() -> None:
    said = {7: (3, 0, 1), 8: (0, 3, 1), 9: (3, 1, 0)}
    rows = [(1, pair, who, grade) for who, all_ in said.items() for pair, grade in enumerate(all_)]
    found = raters_ceiling(graded(*rows))
    assert found is not None
    assert found.against_others.mean < found.against_median.mean < 1


def test_what_one_person_alone_graded_says_nothing_of_people() -> None:
    assert raters_ceiling(graded((1, 0, 7, 3), (1, 1, 8, 0))) is None
    both = raters_ceiling(graded((1, 0, 7, 3), (1, 0, 8, 3), (1, 1, 8, 0)))
    assert both is not None
    assert both.pairs == 1
