"""How signals become a score, a confidence and a share for each signal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ranking.learning.blender import (
    KINDS,
    Trial,
    default,
    expected_gain,
    fit_weights,
    lambdarank,
    learn,
    learn_blend,
    linear,
    out_of_fold,
)
from ranking.learning.blender.choice import chosen
from ranking.learning.blender.linear import DRAW
from ranking.learning.calibration import calibrate
from ranking.learning.examples import Examples, examples, present
from ranking.pipeline.blend import FEATURES, Blend, Calibration, logistic
from ranking.pipeline.data import Doubles, Judged
from ranking.pipeline.names import KEYS, SIGNALS
from ranking.pipeline.page_stats import PageStats
from ranking.pipeline.profile import profile
from ranking.pipeline.signals import measure
from tests.ranking.graded import graded, taste
from tests.ranking.shelves import CANDLES, LAMPS, NOTHING, judge, make_shelf

F = len(KEYS)
values = st.one_of(st.floats(-10, 10), st.just(float("nan")))
signal_tables = arrays(np.float64, st.tuples(st.integers(1, 8), st.just(F)), elements=values)


def of_the_thrifty() -> Examples:
    """Return judgments by people who care for a usual price more than the default weights do."""
    known = taste()
    price = known.signals[:, KEYS.index("price_fit")]
    liked = np.random.default_rng(1).random(len(known)) < logistic(8 * (price - 0.5))
    return replace(known, grades=np.where(liked, 3.0, 0.0))


@pytest.fixture(scope="module")
def learned() -> dict[str, Blend]:
    """Return a blend of each kind."""
    known = taste(crooked=True)
    blends = {kind: learner(known, 0) for kind, learner in KINDS.items()}
    steps = calibrate(blends["linear"].score(known.signals, known.beside), known.is_right)
    return {**blends, "linear": replace(blends["linear"], calibration=steps)}


OF_EACH_KIND = pytest.mark.parametrize("kind", list(KINDS))


@OF_EACH_KIND
@settings(deadline=None)  # a busy machine is no fault of the blend
@given(table=signal_tables)
def test_contributions_sum_to_the_score(
    learned: dict[str, Blend], kind: str, table: Doubles
) -> None:
    blend, beside = learned[kind], PageStats.of(table).beside(table)
    parts = blend.contributions(table, beside)
    np.testing.assert_allclose(parts.sum(axis=1), blend.score(table, beside), atol=1e-6)
    assert parts[:, -1] == pytest.approx(parts[0, -1], abs=1e-3)  # what no signal adds


@OF_EACH_KIND
@settings(deadline=None)  # a busy machine is no fault of the blend
@given(
    page=signal_tables,
    table=signal_tables.filter(lambda table: bool(np.isfinite(table).any())),
    more=st.floats(0.001, 10),
    column=st.integers(0, F - 1),
)
def test_more_of_what_speaks_for_a_product_never_lowers_its_score_or_confidence(
    learned: dict[str, Blend], kind: str, page: Doubles, table: Doubles, more: float, column: int
) -> None:
    """Its standing among the page's products rises with it."""
    blend, stats, better = learned[kind], PageStats.of(page), table.copy()
    better[:, column] += more * SIGNALS[column].sign
    before = blend.score(table, stats.beside(table))
    after = blend.score(better, stats.beside(better))
    assert (after >= before - 1e-9).all()
    assert (blend.confidence(after) >= blend.confidence(before) - 1e-9).all()


@OF_EACH_KIND
def test_a_blend_comes_back_from_its_file_unchanged(
    learned: dict[str, Blend], kind: str, tmp_path: Path
) -> None:
    blend = replace(learned[kind], about={"kind": kind, "judgments": 800})
    blend.save(tmp_path / "blend.json")
    again = Blend.load(tmp_path / "blend.json")
    assert again == blend
    assert again.about == blend.about
    assert again.digest == blend.digest
    table = taste(50).signals
    assert again.score(table).tolist() == blend.score(table).tolist()


def test_a_blend_of_other_signals_is_refused(tmp_path: Path) -> None:
    Blend().save(tmp_path / "blend.json")
    text = (tmp_path / "blend.json").read_text().replace('"words"', '"sounds"')
    (tmp_path / "blend.json").write_text(text)
    with pytest.raises(ValueError, match="sounds"):
        Blend.load(tmp_path / "blend.json")


def test_blends_that_score_otherwise_have_other_digests(learned: dict[str, Blend]) -> None:
    digests = {blend.digest for blend in learned.values()}
    digests.add(Blend(calibration=Calibration((0.0, 1.0), (0.0, 1.0))).digest)
    assert len(digests) == 5
    assert Blend(about={"kind": "other words"}).digest == Blend().digest


def test_an_unknown_signal_counts_neither_for_nor_against() -> None:
    nothing_known = np.full((1, F), np.nan)
    assert Blend().score(nothing_known).tolist() == [Blend().base]
    assert (Blend().contributions(nothing_known)[0, :-1] == 0).all()


@OF_EACH_KIND
def test_no_products_have_no_scores(learned: dict[str, Blend], kind: str) -> None:
    none = np.empty((0, F))
    assert learned[kind].score(none).shape == (0,)
    assert learned[kind].contributions(none).shape == (0, F + 1)


def test_few_judgments_leave_the_default() -> None:
    assert learn_blend(taste(100)).about["kind"] == "default"
    assert learn_blend(taste(pages=3)).about["kind"] == "default"


def test_judgments_of_one_kind_leave_the_default() -> None:
    known = taste()
    assert learn_blend(known.where(known.is_right)) == Blend()


def test_a_simple_taste_is_learned_as_a_weighted_sum() -> None:
    told = learn(of_the_thrifty())
    assert told.blend.about["kind"] == told.card["chosen"] == "linear"
    assert told.blend.about["judgments"] == 600
    assert told.blend.about["pages"] == 20
    kinds = told.card["kinds"]
    assert kinds["linear"]["brier"] < kinds["default"]["brier"]
    assert kinds["default"]["against_chosen"]["brier"]["high"] < 0
    assert "against_chosen" not in kinds["linear"]


def test_a_taste_that_no_weighted_sum_says_is_learned_by_trees() -> None:
    told = learn(taste(crooked=True))
    assert told.card["chosen"] in ("gain", "ranks")
    assert told.card["brier"] < told.card["kinds"]["linear"]["brier"]


def test_a_run_learns_no_trees_in_passing() -> None:
    assert learn_blend(taste(crooked=True)).about["tried"] == ["default", "linear"]
    assert learn(taste(400)).blend.about["tried"] == ["default", "linear"]  # too few for trees


def test_learning_twice_gives_the_same_blend_and_card() -> None:
    one, two = (learn(taste(crooked=True), 7) for _ in range(2))
    assert one == two


def test_other_judgments_have_another_hash() -> None:
    known = taste()
    other = replace(known, grades=3 - known.grades)
    hashes = {learn(each).card["data"]["hash"] for each in (known, taste(), other)}
    assert len(hashes) == 2


def test_a_weight_that_would_turn_its_signal_round_becomes_nothing() -> None:
    known = taste()
    contrary = known.signals.copy()
    contrary[:, KEYS.index("text_fit")] *= -1
    against = replace(known, signals=contrary)
    weights = dict(zip(FEATURES.keys, linear(against, 0).weights, strict=True))
    assert weights["text_fit"] == 0
    assert (
        weights["filing_distance"]
        == dict(zip(FEATURES.keys, Blend().weights, strict=True))["filing_distance"]
    )


def test_the_fit_is_at_the_bottom_of_its_loss() -> None:
    known = taste(300)
    sides, right = FEATURES.sides(known.features), known.is_right.astype(np.float64)
    ones, prior = np.ones(300), np.array(Blend().weights)
    base, weights = fit_weights(sides, right, ones, 0.0, prior, FEATURES.signs, FEATURES.scales)
    free = weights != 0
    slope = sides.T @ (logistic(base + sides @ weights) - right)
    slope += DRAW * FEATURES.scales**2 * (weights - prior)
    assert np.abs(slope[free]).max() < 1e-6


def test_scores_out_of_fold_come_from_blends_that_did_not_see_the_page() -> None:
    known = taste(400, pages=8)
    seen: list[set[int]] = []

    def spy(rest: Examples, _seed: int) -> Blend:
        seen.append(set(rest.pages.tolist()))
        return Blend()

    out_of_fold(spy, known, 0)
    everyone = set(known.pages.tolist())
    assert all(pages < everyone for pages in seen)
    assert sorted(page for pages in seen for page in everyone - pages) == sorted(everyone)


def trial(kind: str, known: Examples, scores: Doubles) -> Trial:
    return Trial(kind, known, 0, scores)


def test_the_simplest_stays_unless_another_is_surely_better() -> None:
    known = taste()
    fit = known.signals[:, KEYS.index("text_fit")]
    luck = np.random.default_rng(3).normal(size=len(known))
    noisy, as_noisy = trial("default", known, luck), trial("linear", known, -luck)
    good = trial("linear", known, fit)
    assert chosen([noisy, as_noisy]).kind == "default"
    assert chosen([noisy, good]).kind == "linear"
    assert chosen([good, trial("gain", known, fit + 1e-6 * luck)]).kind == "linear"


def test_what_is_better_than_the_default_yields_to_the_weighted_sum_that_is_as_good() -> None:
    """Though the sum itself is not surely better than the default."""
    known = taste()
    fit = known.signals[:, KEYS.index("text_fit")]
    luck = np.random.default_rng(3).normal(size=len(known))
    default, linear = trial("default", known, fit + luck), trial("linear", known, fit)
    gain = trial("gain", known, fit + 0.05 * luck)
    assert gain.surely_beats(default)
    assert not gain.surely_beats(linear)
    assert chosen([default, linear, gain]).kind == "linear"


def test_a_better_order_is_no_reason_for_a_surely_worse_confidence() -> None:
    known = taste()
    fit = known.signals[:, KEYS.index("text_fit")]
    shifted = fit + 40 * (known.pages % 2)  # within each page, the order is the same
    assert not trial("ranks", known, shifted).surely_beats(trial("linear", known, fit))
    assert trial("linear", known, fit).surely_beats(trial("ranks", known, shifted))


def test_a_signal_left_out_is_known_neither_itself_nor_by_its_statistics() -> None:
    known = taste()
    signals = known.signals.copy()
    signals[:, KEYS.index("known_fit")] = signals[:, KEYS.index("text_fit")]
    known = graded(signals, known.grades, known.pages)
    blank, of_it = known.without("known_fit"), FEATURES.owners == KEYS.index("known_fit")
    assert np.isfinite(known.features[:, of_it]).all()
    assert np.isnan(blank.features[:, of_it]).all()
    np.testing.assert_array_equal(blank.features[:, ~of_it], known.features[:, ~of_it])


def test_chances_of_grades_blend_to_the_log_odds_of_the_expected_gain() -> None:
    known = taste(crooked=True)
    blend, total = expected_gain(known, 0), linear(known, 0)
    sums = total.score(known.signals, known.beside)
    chances = [
        logistic(
            step.offset
            + step.slope * sums
            + np.asarray(
                lightgbm.Booster(model_str=step.trees).predict(known.features, raw_score=True)
            )
        )
        for step in blend.steps
    ]
    gain = (chances[0] + 2 * chances[1] + 4 * chances[2]) / 7
    scores = blend.score(known.signals, known.beside)
    np.testing.assert_allclose(logistic(scores), gain, atol=1e-8)


def test_trees_that_learn_the_order_put_it_right_where_a_sum_cannot() -> None:
    known = taste(crooked=True)
    orders = [
        Trial(kind, known, 0, out_of_fold(KINDS[kind], known, 0)).ndcg.mean()
        for kind in ("linear", "ranks")
    ]
    assert orders[0] < orders[1]
    assert lambdarank(known, 0).steps == default(known, 0).steps == ()


def test_a_page_s_own_judgments_stay_out_of_what_is_learned_from_it() -> None:
    shelf = make_shelf()
    judged = judge(LAMPS, {100 + n: 3 for n in range(6)})
    known = examples(shelf, judged)
    assert known.beside.shape == (6, len(FEATURES.keys) - F)
    as_unjudged = measure(profile(LAMPS, shelf, NOTHING), np.arange(6), shelf)
    np.testing.assert_array_equal(known.signals, as_unjudged)
    assert np.isnan(known.signals[:, KEYS.index("known_fit")]).all()


def test_what_is_no_longer_there_is_left_out() -> None:
    judged = Judged(
        np.array([LAMPS, LAMPS, 4040]),
        np.array([100, 9999, 101]),
        np.zeros(3),
        np.ones(3, int),
        np.ones(3),
        np.zeros(3),
    )
    assert present(make_shelf(), judged).products.tolist() == [100]
    assert examples(make_shelf(), judged).products.tolist() == [100]
    assert len(examples(make_shelf(), judge(CANDLES, {}))) == 0


def test_with_as_many_people_for_each_the_blend_is_the_same_however_many() -> None:
    known = taste()
    for people in (1.0, 3.0, 2.4):
        asked = replace(known, weights=np.full(len(known), people))
        assert linear(asked, 0).weights == pytest.approx(linear(known, 0).weights)
        scores = expected_gain(asked, 0).score(known.signals)
        expected = expected_gain(known, 0).score(known.signals)
        np.testing.assert_allclose(scores, expected, atol=1e-6)


def test_words_of_little_weight_pull_less_from_the_default() -> None:
    known, prior = taste(150, 8), np.array(Blend().weights)
    doubtful = replace(known, weights=np.full(len(known), 0.1))
    fitted = [np.array(linear(one, 0).weights) for one in (known, doubtful)]
    far, near = (np.abs(weights - prior).sum() for weights in fitted)
    assert 0 < near < far


def test_of_two_who_differ_the_weightier_is_believed() -> None:
    known = taste()
    contrary = replace(known, grades=3 - known.grades)

    def both(weight: float, other: float) -> Examples:
        everything = {
            name: np.concatenate([column, vars(contrary)[name]])
            for name, column in vars(known).items()
        }
        return Examples(**everything | {"weights": np.repeat([weight, other], len(known))})

    fit = KEYS.index("text_fit")
    assert linear(both(3.0, 0.5), 0).weights[fit] > linear(both(1.0, 1.0), 0).weights[fit]
    assert linear(both(0.5, 3.0), 0).weights[fit] == 0  # a sign is never turned round
