"""Metrics of rankings, held against ir-measures, and what is said of pages together."""

from __future__ import annotations

import math

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import AP, Judged, P, nDCG
from scipy.stats import binomtest

from ranking.evaluation import (
    METRICS,
    Ordered,
    condensed,
    interval,
    measure_page,
    measure_scores,
    summarise,
)
from ranking.learning.examples import examples, present
from ranking.learning.validation import bm25, cosine, leave_pages_out
from ranking.pipeline.data import Judged as JudgedPairs
from ranking.pipeline.shelf import Shelf
from tests.ranking.shelves import CANDLES, LAMPS, make_catalogue, make_shelf, make_tree, unit

GAINS = {0: 0, 1: 1, 2: 3, 3: 7}
REFERENCE = {
    "ndcg@10": nDCG(gains=GAINS) @ 10,
    "ndcg@48": nDCG(gains=GAINS) @ 48,
    "map": AP(rel=2),
    "judged@10": Judged @ 10,
}
nan = float("nan")
grades = st.lists(st.sampled_from([0, 1, 2, 3, None]), min_size=1, max_size=60)


@settings(deadline=None)
@given(ranked=grades, missed=st.lists(st.sampled_from([0, 1, 2, 3]), max_size=20))
def test_metrics_agree_with_the_reference(ranked: list[int | None], missed: list[int]) -> None:
    """Of rankings with unjudged products, and judged ones that they lack."""
    known = {f"r{n}": grade for n, grade in enumerate(ranked) if grade is not None}
    qrels = {"page": known | {f"m{n}": grade for n, grade in enumerate(missed)}}
    run = {"page": {f"r{n}": float(-n) for n in range(len(ranked))}}
    judged = np.array(list(qrels["page"].values()), np.float64)
    ours = measure_page(np.array([nan if g is None else g for g in ranked], np.float64), judged)
    for name, reference in REFERENCE.items():
        if math.isnan(ours[name]):
            assert judged.max(initial=0) < (1 if name.startswith("ndcg") else 2)
        elif qrels["page"]:
            assert ours[name] == pytest.approx(_value(reference, qrels, run)), name


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=10, max_size=40))
def test_precision_agrees_with_the_reference_where_all_is_judged(ranked: list[int]) -> None:
    qrels = {"page": {f"r{n}": grade for n, grade in enumerate(ranked)}}
    run = {"page": {f"r{n}": float(-n) for n in range(len(ranked))}}
    ours = measure_page(np.array(ranked, np.float64), np.array(ranked, np.float64))
    assert ours["p@10"] == pytest.approx(_value(P(rel=2) @ 10, qrels, run))


def measured_alone(ranked: list[float], judged: list[float]) -> dict[str, float]:
    return measure_page(np.array(ranked, np.float64), np.array(judged, np.float64))


def _value(measure: ir_measures.Measure, qrels: object, run: object) -> float:
    (metric,) = ir_measures.iter_calc([measure], qrels, run)
    return float(metric.value)


def test_an_unjudged_product_takes_its_place_in_ndcg_and_is_left_out_of_precision() -> None:
    measured = measured_alone([nan, 3, 0], [3, 0])
    assert measured["ndcg@10"] == pytest.approx(1 / np.log2(3))
    assert measured["p@10"] == 0.5
    assert measured["judged@10"] == pytest.approx(2 / 3)


def test_a_median_between_two_grades_gains_between_them() -> None:
    assert measured_alone([1.5, 3], [1.5, 3])["ndcg@10"] == pytest.approx(
        (2**1.5 - 1 + 7 / np.log2(3)) / (7 + (2**1.5 - 1) / np.log2(3))
    )


def test_what_cannot_be_known_is_not_a_number() -> None:
    empty = measured_alone([], [])
    assert all(math.isnan(value) for value in empty.values())
    nothing_right = measured_alone([1], [1])
    assert nothing_right["ndcg@10"] == 1
    assert math.isnan(nothing_right["map"])
    assert nothing_right["p@10"] == 0
    assert math.isnan(measured_alone([0], [0])["ndcg@10"])


def test_ties_keep_the_order_in_which_products_were_given() -> None:
    pages = np.array([1, 2, 1, 2])
    measured = measure_scores(pages, np.zeros(4), np.array([3.0, 0, 0, 3]))
    assert measured[1]["ndcg@10"] == 1
    assert measured[2]["ndcg@10"] == pytest.approx(1 / np.log2(3))


def test_products_that_are_not_ranked_have_no_place_but_count_in_the_ideal() -> None:
    pages, grades = np.array([1, 1, 1]), np.array([0.0, 3, nan])
    measured = measure_scores(pages, np.array([0.5, nan, 0.9]), grades)[1]
    assert measured["ndcg@10"] == 0
    assert measured["judged@10"] == 0.5
    beyond = measure_scores(pages[1:2], np.ones(1), grades[1:2], {1: np.array([3.0, 3])})[1]
    assert beyond["map"] == 0.5


def test_a_wrong_or_misfiled_product_counts_once_a_page_and_by_its_share() -> None:
    grades, elsewhere = np.array([3.0, 0, 2, nan]), np.array([0.0, nan, 0.5, nan])
    measured = measure_page(grades, np.array([3.0, 0, 2]), elsewhere)
    assert measured["wrong@10"] == 1
    assert measured["wrong products@10"] == pytest.approx(1 / 3)
    assert (measured["misfiled@10"], measured["misfiled products@10"]) == (1, 0.5)
    assert measured["p@10"] == pytest.approx(2 / 3), "misfiled, and yet acceptable"


def test_what_stands_below_the_first_ten_does_not_count() -> None:
    grades = np.array([3.0] * 10 + [0.0])
    measured = measure_page(grades, grades, np.array([0.0] * 10 + [1.0]))
    assert (measured["wrong@10"], measured["misfiled@10"]) == (0, 0)


def test_where_nobody_was_asked_whether_a_product_is_misfiled_it_is_unknown() -> None:
    pages, scores, grades = np.array([1, 1, 2]), np.array([2.0, 1, 1]), np.array([3.0, 0, 3])
    silent = measure_scores(pages, scores, grades, elsewhere=np.array([0.0, nan, 0]))
    assert math.isnan(silent[1]["misfiled@10"])
    asked = measure_scores(pages, scores, grades, elsewhere=np.array([0.0, 1, 0]))
    assert (asked[1]["misfiled@10"], asked[2]["misfiled@10"]) == (1, 0)
    assert math.isnan(measure_scores(pages, scores, grades)[1]["misfiled@10"])


def test_a_condensed_list_closes_up_over_what_nobody_judged() -> None:
    listed = Ordered(np.array([nan, 0, nan, 3]), np.array([nan, 1, nan, 0]), np.array([3.0, 0]))
    closed = condensed(listed)
    assert closed.grades.tolist() == [0, 3]
    assert closed.elsewhere.tolist() == [1, 0]


def test_means_are_over_the_pages_where_a_metric_is_known() -> None:
    pages = [dict.fromkeys(METRICS, value) for value in (0.2, 0.6, nan)]
    summary = summarise(pages)
    assert list(summary) == list(METRICS)
    assert summary["map"].mean == pytest.approx(0.4)
    assert summary["map"].pages == 2


def test_an_interval_holds_the_mean_and_is_the_same_every_time() -> None:
    values = np.random.default_rng(0).uniform(size=30).tolist()
    one, again = interval(values), interval(values)
    assert one == again
    assert one.low < one.mean < one.high


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    random = np.random.default_rng(3)
    samples = [interval(random.uniform(size=40).tolist()) for _ in range(200)]
    covered = sum(one.low <= 0.5 <= one.high for one in samples)
    assert 178 <= covered <= 200


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([0.0, 1.0, nan]), min_size=1, max_size=40))
def test_shares_of_pages_have_wilson_s_interval(values: list[float]) -> None:
    known = [value for value in values if not math.isnan(value)]
    found = summarise([{"wrong@10": value} for value in values])["wrong@10"]
    assert found.pages == len(known)
    if known:
        reference = binomtest(int(sum(known)), len(known)).proportion_ci(method="wilson")
        assert (found.low, found.high) == pytest.approx((reference.low, reference.high), abs=1e-9)


def test_one_page_has_no_spread_and_none_has_no_mean() -> None:
    assert (interval([0.7]).low, interval([0.7]).high) == pytest.approx((0.7, 0.7))
    assert math.isnan(interval([nan]).mean)
    assert interval([]).pages == 0


def test_bm25_orders_by_the_page_s_words() -> None:
    shelf = make_shelf()
    judged = JudgedPairs(
        np.array([LAMPS, LAMPS, CANDLES]),
        np.array([101, 100, 101]),
        np.zeros(3),
        np.ones(3, int),
        np.ones(3),
        np.zeros(3),
    )
    scores = bm25(shelf, judged)
    assert scores[0] > scores[1] == scores[2] == 0


def test_cosines_are_of_pairs() -> None:
    titles, names = unit(np.array([[1.0, 0], [1, 1]])), unit(np.array([[1.0, 0], [1, 0]]))
    assert cosine(titles, names) == pytest.approx([1, 0.5**0.5])


def test_a_page_left_out_is_scored_as_if_it_had_never_been_judged() -> None:
    """Turning all of a page's grades round changes the scores of other pages only."""
    shelf, judged = _well_judged()
    turned = judged.where(np.ones(len(judged), bool))
    here = judged.pages == LAMPS
    turned.grades[here] = 3 - judged.grades[here]
    before, after = (leave_pages_out(examples(shelf, each)) for each in (judged, turned))
    np.testing.assert_array_equal(before[here], after[here])
    assert (before[~here] != after[~here]).any()


def _well_judged() -> tuple[Shelf, JudgedPairs]:
    """Seven pages on which 60 products each were judged, enough to learn from."""
    ids = make_tree().ids.tolist()
    shelf = Shelf(make_catalogue([pk for pk in ids for _ in range(60)], noise=3.0), make_tree())
    products = np.arange(100, 520)
    pages = np.repeat(ids, 60)
    grades = np.where(np.random.default_rng(0).random(420) < 0.7, 3.0, 0.0)
    ones = np.ones(420)
    judged = JudgedPairs(pages, products, grades, ones.astype(int), ones, 0 * ones)
    return shelf, present(shelf, judged)
