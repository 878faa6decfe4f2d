"""How products stand beside a page's other candidates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import median_abs_deviation, percentileofscore

from ranking.pipeline.data import Doubles
from ranking.pipeline.names import BESIDE, KEYS, SIGNALS
from ranking.pipeline.page_stats import FURTHEST, PLACES, PageStats

F = len(KEYS)
cells = st.one_of(st.floats(-6, 6), st.just(float("nan")), st.just(1.0))
tables = arrays(np.float64, st.tuples(st.integers(0, 8), st.just(F)), elements=cells)


def column(values: list[float]) -> Doubles:
    """Return candidates of which one signal is known."""
    table = np.full((len(values), F), np.nan)
    table[:, PLACES[0]] = values
    return table


def test_statistics_agree_with_scipy() -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=50)
    beside = PageStats.of(column(values.tolist())).beside(column([0.3, -1.0]))
    for value, (rank, z, gap) in zip((0.3, -1.0), beside[:, :3].tolist(), strict=True):
        assert rank == pytest.approx(percentileofscore(values, value, "mean") / 100, abs=1e-3)
        middle, spread = np.median(values), median_abs_deviation(values, scale=1 / 1.4826)
        assert z == pytest.approx((value - middle) / spread, abs=1e-3)
        assert gap == pytest.approx(value - middle, abs=1e-3)


@given(tables, tables)
def test_what_is_unknown_of_a_product_stays_unknown_and_nothing_else_is(
    page: Doubles, products: Doubles
) -> None:
    beside = PageStats.of(page).beside(products).reshape(len(products), len(BESIDE), 3)
    known = np.isfinite(products[:, PLACES]) & np.isfinite(page[:, PLACES]).any(axis=0)
    np.testing.assert_array_equal(np.isfinite(beside), np.repeat(known[:, :, None], 3, axis=2))
    assert ((beside[..., 0] >= 0) & (beside[..., 0] <= 1))[known].all()
    assert (np.abs(beside[..., 1][known]) <= FURTHEST).all()


@given(tables)
def test_the_order_of_candidates_does_not_matter(page: Doubles) -> None:
    order = np.random.default_rng(0).permutation(len(page))
    one, two = PageStats.of(page).beside(page), PageStats.of(page[order]).beside(page)
    np.testing.assert_array_equal(one, two)


@given(tables, tables, st.floats(0, 5))
def test_no_statistic_falls_as_its_signal_rises(
    page: Doubles, products: Doubles, more: float
) -> None:
    stats = PageStats.of(page)
    rise = stats.beside(products + more) - stats.beside(products)
    assert (rise[np.isfinite(rise)] >= 0).all()


def test_a_product_alone_stands_in_the_middle_of_its_page() -> None:
    alone = column([4.0])
    assert PageStats.of(alone).beside(alone)[0, :3].tolist() == [0.5, 0.0, 0.0]


def test_among_equals_nobody_stands_out_and_a_little_more_is_little() -> None:
    equal = column([2.0] * 5)
    assert PageStats.of(equal).beside(equal)[:, :3].tolist() == [[0.5, 0.0, 0.0]] * 5
    usual = (SIGNALS[PLACES[0]].high - SIGNALS[PLACES[0]].low) / 100
    (more,) = PageStats.of(equal).beside(column([2.0 + usual]))[:, 1]
    assert more == pytest.approx(1.0, abs=1e-3)
