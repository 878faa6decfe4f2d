"""The chance that a product filed on a page belongs elsewhere, beside its grade."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.learning.blender.misfiled import ENOUGH, learn_misfiled
from ranking.learning.examples import Examples
from ranking.pipeline import rank_pages
from ranking.pipeline.blend import FEATURES, UNTAUGHT, Blend, Misfiled, logistic
from ranking.pipeline.data import UNFILED, Options
from ranking.pipeline.names import KEYS, SIGNALS
from tests.ranking.graded import graded
from tests.ranking.shelves import CANDLES, LAMPS, NOTHING, make_shelf

F = len(KEYS)
FILED = KEYS.index("filing_distance")
OWN = KEYS.index("own_category")


def filings(count: int = 800, pages: int = 20, seed: int = 0) -> Examples:
    """Return products filed on their pages, of which people say that some belong elsewhere: those
    whose text is nearer to another category. Their grades say nothing of it."""
    random = np.random.default_rng(seed)
    signals = np.full((count, F), np.nan)
    signals[:, FILED], signals[:, OWN] = 0.0, random.uniform(-6, 4, count)
    signals[:, KEYS.index("known_fit")] = random.uniform(-2, 8, count)  # says nothing here
    wrong = random.random(count) < logistic(-3 - 2 * signals[:, OWN])
    known = graded(signals, random.choice([0.0, 3.0], count), random.integers(pages, size=count))
    return replace(known, elsewhere=wrong.astype(np.float64))


def test_what_people_say_is_learned_and_its_chances_hold() -> None:
    known = filings()
    misfiled, told = learn_misfiled(known, 0)
    assert told["kind"] == "linear"
    assert told["brier"] < told["kinds"]["default"]["brier"]
    assert told["ece"] < 0.05
    chances = misfiled.chance(known.signals, known.beside)
    assert chances.mean() == pytest.approx(known.elsewhere.mean(), abs=0.02)


def test_grades_teach_nothing_about_filings() -> None:
    known = filings()
    turned = replace(known, grades=3 - known.grades)
    assert learn_misfiled(known, 0)[0] == learn_misfiled(turned, 0)[0]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(np.nan, id="nobody was asked"),
        pytest.param(0.0, id="nobody said so"),
        pytest.param(1.0, id="everybody said so"),
    ],
)
def test_where_people_say_nothing_that_could_be_learned_no_figures_are_claimed(said: float) -> None:
    known = filings()
    known = replace(known, elsewhere=np.full(len(known), said))
    misfiled, told = learn_misfiled(known, 0)
    assert misfiled == UNTAUGHT
    assert told["kind"] == "default"
    assert told["brier"] is told["ece"] is None


def test_few_words_leave_the_estimate() -> None:
    known = filings()
    few = np.cumsum(known.elsewhere) < ENOUGH
    assert learn_misfiled(known.where(few), 0)[0] == UNTAUGHT


def test_of_what_is_filed_elsewhere_or_nowhere_nothing_is_known() -> None:
    signals = np.full((3, F), np.nan)
    signals[:, FILED] = [0.0, 2.0, np.nan]
    assert np.isfinite(UNTAUGHT.chance(signals)).tolist() == [True, False, False]
    known = filings()
    away = replace(known, signals=np.where(np.arange(F) == FILED, 2.0, known.signals))
    assert learn_misfiled(away, 0)[1]["asked"] == 0


@given(st.integers(0, F - 1), st.floats(0, 10))
def test_what_speaks_for_a_product_never_makes_it_more_likely_misfiled(
    column: int, more: float
) -> None:
    learned, _ = LEARNED
    before = np.tile([signal.neutral for signal in SIGNALS], (1, 1))
    before[:, FILED] = 0.0
    after = before.copy()
    if column != FILED:
        after[:, column] += more * SIGNALS[column].sign
    for misfiled in (UNTAUGHT, learned):
        assert (misfiled.chance(after) <= misfiled.chance(before) + 1e-12).all()


LEARNED = learn_misfiled(filings(), 0)


def test_it_comes_back_from_its_file_with_the_blend() -> None:
    learned, _ = LEARNED
    assert Misfiled.from_json(learned.as_json()) == learned
    assert Blend(misfiled=learned).digest != Blend().digest


def test_a_ranking_says_it_of_what_is_filed_on_the_page() -> None:
    plain = make_shelf().catalogue
    filed = np.full(len(plain), UNFILED)
    filed[:2], filed[2] = LAMPS, CANDLES
    shelf = make_shelf(filed_under=filed, filing_confidence=np.ones(len(plain), np.float32))
    (page,) = rank_pages([LAMPS], shelf, NOTHING, Blend(), Options())
    known = {row.product: row.misfiled for row in page.rows}
    assert all(known[pk] is not None for pk in (100, 101))
    assert all(known[pk] is None for pk in (102, 103))


def test_features_of_filings_never_count() -> None:
    learned, _ = LEARNED
    assert not np.array(learned.weights)[FEATURES.owners == FILED].any()
