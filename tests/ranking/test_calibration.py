"""Probabilities that may be believed: fitted, cross-fitted, and measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from ranking.learning.calibration import BINS, calibrate, cross_fitted, honesty
from ranking.learning.folds import splits
from ranking.pipeline.blend import UNCALIBRATED, logistic
from ranking.pipeline.data import Doubles


@pytest.mark.parametrize("count", [40, 4000])
def test_confidence_says_how_many_are_right(count: int) -> None:
    random = np.random.default_rng(1)
    scores = random.normal(size=count) * 2
    is_right = random.random(count) < logistic(2 * scores - 1)
    confidence = calibrate(scores, is_right).confidence(scores)
    assert ((confidence > 0) & (confidence < 1)).all()
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.0)):
        among = (confidence >= low) & (confidence < high)
        slack = 0.25 if count == 40 else 0.05
        assert abs(is_right[among].mean() - confidence[among].mean()) < slack


def test_judgments_of_one_kind_calibrate_nothing() -> None:
    assert calibrate(np.arange(3.0), np.ones(3, bool)) == UNCALIBRATED


def test_a_score_beyond_all_seen_is_not_more_than_certain() -> None:
    scores = np.linspace(-3, 3, 2000)
    confidence = calibrate(scores, scores > 0).confidence(np.array([-1e9, 1e9]))
    assert 0 < confidence[0] < 0.01
    assert 0.99 < confidence[1] < 1


def test_no_probability_comes_from_a_curve_that_saw_the_product() -> None:
    """Of two kinds of pages one is all right: from the other alone nobody could know that."""
    groups = np.repeat([0, 1], 50)
    scores, is_so = np.tile(np.linspace(-2, 2, 50), 2), np.arange(100) % 2 == 0
    is_so[50:] = True
    chances = cross_fitted(scores, is_so, splits(groups, np.arange(100), 0))
    seen_first = calibrate(scores[:50], is_so[:50])
    np.testing.assert_array_equal(chances[50:], seen_first.confidence(scores[50:]))


def test_reliability_agrees_with_sklearn_where_no_two_probabilities_are_equal() -> None:
    random = np.random.default_rng(0)
    chances = random.permutation(np.linspace(0.01, 0.99, 1000))
    is_so = random.random(1000) < chances**2
    told = honesty(chances, is_so)
    shares, means = calibration_curve(is_so, chances, n_bins=BINS, strategy="quantile")
    assert [each["share"] for each in told["reliability"]] == pytest.approx(shares, abs=1e-3)
    assert [each["confidence"] for each in told["reliability"]] == pytest.approx(means, abs=1e-3)
    assert told["brier"] == pytest.approx(brier_score_loss(is_so, chances), abs=1e-4)
    assert told["ece"] == pytest.approx(np.abs(shares - means).mean(), abs=1e-3)


chances_of_some = arrays(np.float64, st.integers(1, 60), elements=st.sampled_from([0.1, 0.5, 0.9]))


@given(chances_of_some, st.integers(0, 3))
def test_bins_hold_everyone_and_never_part_equal_probabilities(chances: Doubles, seed: int) -> None:
    is_so = np.random.default_rng(seed).random(len(chances)) < chances
    told = honesty(chances, is_so)
    bins = told["reliability"]
    assert sum(each["count"] for each in bins) == len(chances)
    means = [each["confidence"] for each in bins]
    assert means == sorted(set(means))
    assert all(0 <= each["low"] <= each["share"] <= each["high"] <= 1 for each in bins)
    assert 0 <= told["ece"] <= 1


def test_of_nobody_nothing_is_claimed() -> None:
    told = honesty(np.empty(0), np.empty(0, bool))
    assert told == {"brier": None, "ece": None, "reliability": []}
