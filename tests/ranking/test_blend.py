"""How signals become a score, a confidence and a share for each signal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ranking.learning.blender import (
    DRAW,
    SCALES,
    default,
    fit_weights,
    learn_blend,
    linear,
    out_of_fold,
    page_losses,
    simplest_of_the_best,
    trees,
)
from ranking.learning.calibration import calibrate
from ranking.learning.examples import Examples, examples, present
from ranking.pipeline.blend import Blend, Calibration, logistic
from ranking.pipeline.data import Doubles, Judged
from ranking.pipeline.names import KEYS, SIGNALS
from ranking.pipeline.profile import profile
from ranking.pipeline.signals import measure
from tests.ranking.shelves import CANDLES, LAMPS, NOTHING, judge, make_shelf

F = len(KEYS)
values = st.one_of(st.floats(-10, 10), st.just(float("nan")))
signal_tables = arrays(np.float64, st.tuples(st.integers(1, 8), st.just(F)), elements=values)


def taste(count: int = 600, pages: int = 20, seed: int = 0, *, crooked: bool = False) -> Examples:
    """Return judgments by people who like texts that fit, the more the better; if `crooked`,
    they like all that fit above a limit, and want a usual price: what no weighted sum says."""
    random = np.random.default_rng(seed)
    fit, price, luck = (
        random.uniform(0, 7, count),
        random.uniform(0, 1, count),
        random.random(count),
    )
    signals = np.full((count, F), np.nan)
    signals[:, KEYS.index("text_fit")], signals[:, KEYS.index("price_fit")] = fit, price
    liked = (fit > 3.5) & (price > 0.5) if crooked else luck < logistic(1.2 * (fit - 3.5))
    page = random.integers(pages, size=count)
    return Examples(
        signals,
        np.where(liked, 3.0, 0.0),
        page,
        np.arange(count),
        page,
        np.arange(count),
        np.ones(count),
    )


@pytest.fixture(scope="module")
def learned() -> dict[str, Blend]:
    """Return a blend of each kind."""
    known = taste(crooked=True)
    steps = calibrate(linear(known, 0).score(known.signals), known.is_right)
    return {
        "default": default(known, 0),
        "linear": replace(linear(known, 0), calibration=steps),
        "trees": trees(known, 0),
    }


KINDS = pytest.mark.parametrize("kind", ["default", "linear", "trees"])


@KINDS
@settings(deadline=None)  # a busy machine is no fault of the blend
@given(table=signal_tables)
def test_contributions_sum_to_the_score(
    learned: dict[str, Blend], kind: str, table: Doubles
) -> None:
    blend = learned[kind]
    np.testing.assert_allclose(
        blend.contributions(table).sum(axis=1), blend.score(table), atol=1e-6
    )


@KINDS
@settings(deadline=None)  # a busy machine is no fault of the blend
@given(
    table=signal_tables.filter(lambda table: bool(np.isfinite(table).any())),
    more=st.floats(0.001, 10),
    column=st.integers(0, F - 1),
)
def test_more_of_what_speaks_for_a_product_never_lowers_its_score_or_confidence(
    learned: dict[str, Blend], kind: str, table: Doubles, more: float, column: int
) -> None:
    blend, better = learned[kind], table.copy()
    better[:, column] += more * SIGNALS[column].sign
    before, after = blend.score(table), blend.score(better)
    assert (after >= before - 1e-9).all()
    assert (blend.confidence(after) >= blend.confidence(before) - 1e-9).all()


@KINDS
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
    assert len(digests) == 4
    assert Blend(about={"kind": "other words"}).digest == Blend().digest


def test_an_unknown_signal_counts_neither_for_nor_against() -> None:
    nothing_known = np.full((1, F), np.nan)
    assert Blend().score(nothing_known).tolist() == [Blend().base]
    assert (Blend().contributions(nothing_known)[0, :-1] == 0).all()


@KINDS
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
    blend = learn_blend(taste())
    assert blend.about["kind"] == "linear"
    assert blend.about["judgments"] == 600
    assert blend.about["pages"] == 20
    losses = blend.about["log_loss"]
    assert losses["linear"] < losses["default"]


def test_a_taste_that_no_weighted_sum_says_is_learned_by_trees() -> None:
    blend = learn_blend(taste(crooked=True))
    assert blend.about["kind"] == "trees"
    assert blend.trees.startswith("tree")


def test_learning_twice_gives_the_same_blend() -> None:
    assert learn_blend(taste(crooked=True), 7) == learn_blend(taste(crooked=True), 7)


def test_a_weight_that_would_turn_its_signal_round_becomes_nothing() -> None:
    known = taste()
    contrary = known.signals.copy()
    contrary[:, KEYS.index("text_fit")] *= -1
    against = replace(known, signals=contrary)
    weights = dict(zip(KEYS, linear(against, 0).weights, strict=True))
    assert weights["text_fit"] == 0
    assert (
        weights["filing_distance"]
        == dict(zip(KEYS, Blend().weights, strict=True))["filing_distance"]
    )


def test_the_fit_is_at_the_bottom_of_its_loss() -> None:
    known = taste(300)
    sides, right = np.nan_to_num(known.signals), known.is_right.astype(np.float64)
    ones, prior = np.ones(300), np.array(Blend().weights)
    base, weights = fit_weights(sides, right, ones, 0.0, prior)
    free = weights != 0
    slope = sides.T @ (logistic(base + sides @ weights) - right)
    slope += DRAW * SCALES**2 * (weights - prior)
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


def test_the_simplest_stays_unless_another_is_clearly_better() -> None:
    losses = np.linspace(0.1, 0.5, 20)
    assert simplest_of_the_best({"default": losses, "linear": losses}) == "default"
    noise = np.where(np.arange(20) % 2, 0.2, -0.21)
    assert simplest_of_the_best({"default": losses, "linear": losses + noise}) == "default"
    assert simplest_of_the_best({"default": losses, "linear": losses - 0.01}) == "linear"


def test_a_page_s_loss_is_the_mean_over_its_products() -> None:
    known = taste(4, pages=1)
    assert page_losses(np.zeros(4), known) == pytest.approx([np.log(2)])


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
    assert calibrate(np.arange(3.0), np.ones(3, bool)) == Blend().calibration


def test_a_score_beyond_all_seen_is_not_more_than_certain() -> None:
    scores = np.linspace(-3, 3, 2000)
    confidence = calibrate(scores, scores > 0).confidence(np.array([-1e9, 1e9]))
    assert 0 < confidence[0] < 0.01
    assert 0.99 < confidence[1] < 1


def test_a_page_s_own_judgments_stay_out_of_what_is_learned_from_it() -> None:
    shelf = make_shelf()
    judged = judge(LAMPS, {100 + n: 3 for n in range(6)})
    known = examples(shelf, judged)
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
        scores = trees(asked, 0).score(known.signals)
        np.testing.assert_allclose(scores, trees(known, 0).score(known.signals), atol=1e-6)


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
        return Examples(
            np.tile(known.signals, (2, 1)),
            np.concatenate([known.grades, contrary.grades]),
            np.tile(known.pages, 2),
            np.tile(known.products, 2),
            np.tile(known.groups, 2),
            np.tile(known.titles, 2),
            np.repeat([weight, other], len(known)),
        )

    fit = KEYS.index("text_fit")
    assert linear(both(3.0, 0.5), 0).weights[fit] > linear(both(1.0, 1.0), 0).weights[fit]
    assert linear(both(0.5, 3.0), 0).weights[fit] == 0  # a sign is never turned round
