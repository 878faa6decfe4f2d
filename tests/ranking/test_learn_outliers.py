"""What is learned about outliers from judged pages, and what is promised of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.learning.blender import learn
from ranking.learning.outliers.detect import Cases, fit, learn_detector
from ranking.learning.outliers.looks import Doubted, Look, blends_of_others
from ranking.learning.outliers.risk import Shown, largest_share, risk_curve
from ranking.pipeline.blend import UNCALIBRATED
from ranking.pipeline.data import NOTHING_JUDGED
from ranking.pipeline.outliers.bound import GUARANTEED, LEAST_CUT, UNKNOWN
from ranking.pipeline.outliers.detector import Detector
from ranking.pipeline.outliers.names import KEYS, ODDITIES
from ranking.pipeline.profile import profile
from ranking.pipeline.shelf import Shelf
from tests.ranking.graded import taste
from tests.ranking.shelves import CANDLES, DESK_LAMPS, DUFFEL_BAGS, LAMPS, make_shelf

PICTURE = KEYS.index("picture")
PAGES = (LAMPS, DESK_LAMPS, CANDLES, DUFFEL_BAGS, 1, 2, 6)


def shown(chances: list[float], wrong: list[bool], judged: list[bool] | None = None) -> Shown:
    return Shown(
        np.array(chances, np.float64),
        np.array(wrong, bool),
        np.array([True] * len(chances) if judged is None else judged, bool),
    )


def drawn(pages: int, seed: int, products: int = 30) -> list[Shown]:
    """Return pages whose products are wrong as often as their chance says."""
    random = np.random.default_rng(seed)
    chances = random.beta(0.4, 2.5, size=(pages, products))
    wrong = random.random(chances.shape) < chances
    return [Shown(*page, np.ones(products, bool)) for page in zip(chances, wrong, strict=True)]


def test_the_largest_share_counts_the_worst_of_all_smaller_cuts_and_judged_products_alone() -> None:
    page = shown([0.1, 0.2, 0.2, 0.3, 0.4], [True, False, False, True, True], [True] * 4 + [False])
    shares = largest_share(page, np.array([0.05, 0.1, 0.25, 0.9]))
    assert shares.tolist() == [0.0, 1.0, 1.0, 1.0]
    clean = shown([0.1, 0.2, 0.2, 0.3], [False, True, False, False])
    assert largest_share(clean, np.array([0.1, 0.2, 0.9])) == pytest.approx([0.0, 1 / 3, 1 / 3])


def test_equal_chances_are_shown_together() -> None:
    page = shown([0.2, 0.2], [True, False])
    assert largest_share(page, np.array([0.2])).tolist() == [0.5]


def test_a_page_with_nothing_to_show_loses_nothing() -> None:
    assert largest_share(shown([], []), np.array([0.5, 1.0])).tolist() == [0.0, 0.0]
    assert risk_curve([]) == UNKNOWN
    assert risk_curve([shown([0.5], [False], [False])]) == UNKNOWN


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), max_size=8),
        max_size=6,
    )
)
def test_curves_rise_and_begin_at_the_least_cut(
    pages: list[list[tuple[float, bool, bool]]],
) -> None:
    curve = risk_curve([shown(*map(list, zip(*page, strict=True))) for page in pages if page])
    for column in (curve.cuts, curve.losses):
        assert list(column) == sorted(column)
    assert np.all(np.diff(curve.estimates) >= -1e-12)
    assert curve == UNKNOWN or curve.cuts[0] == LEAST_CUT


def test_the_bound_holds_on_average_over_new_pages() -> None:
    """Over many draws of judged pages, the share of wrong ones among what a new page shows."""
    bound, shares = 0.3, []
    for seed in range(150):
        *judged, new = drawn(41, seed)
        cut = risk_curve(judged).cut(bound, 0.35)
        assert cut.kind == GUARANTEED
        kept = new.chance_wrong <= cut.chance
        shares.append(new.wrong[kept].mean() if kept.any() else 0.0)
    assert np.mean(shares) <= bound


def crowded() -> Shelf:
    """Return a shelf with products enough for all pages."""
    return make_shelf([LAMPS] * 300 * len(PAGES))


def judged_pages(per_page: int = 50, seed: int = 0) -> list[Doubted]:
    """Return pages on which products with odd pictures are wrong more often than they seem."""
    shelf, random = crowded(), np.random.default_rng(seed)
    found = []
    for place, page in enumerate(PAGES):
        rows = np.arange(per_page) + place * per_page
        confidence = random.uniform(0.2, 0.99, per_page)
        evidence = np.full((per_page, len(KEYS)), np.nan)
        evidence[:, PICTURE] = random.uniform(0, 1, per_page)
        chance = Detector(weights=weights_of(picture=3.0)).chance_wrong(confidence, evidence)
        grades = np.where(random.random(per_page) < chance, 0.0, 3.0)
        look = Look(profile(page, shelf, NOTHING_JUDGED), rows, np.empty((per_page, 0)), grades)
        found.append(Doubted(look, confidence, evidence))
    return found


def test_a_page_is_seen_by_a_blend_that_its_own_grades_cannot_move() -> None:
    """Turned round, they move neither weights nor calibration; those of other pages do."""
    known = taste(count=700, pages=7)
    turned = replace(known, grades=np.where(known.pages == 3, 3 - known.grades, known.grades))
    blend = learn(known, 0, ("linear",)).blend
    before, after = (blends_of_others(each, blend, 0) for each in (known, turned))
    assert blend.calibration != UNCALIBRATED
    assert before[3].calibration != UNCALIBRATED
    assert before[3] == after[3]
    assert before[4].calibration != after[4].calibration


def weights_of(**given: float) -> tuple[float, ...]:
    return tuple(given.get(oddity.key, 0.0) for oddity in ODDITIES)


def test_an_oddity_that_people_confirm_comes_to_count_more() -> None:
    detector = fit(Cases.of(judged_pages(300), crowded()))
    before, after = Detector().weights[PICTURE], detector.weights[PICTURE]
    assert before < after <= ODDITIES[PICTURE].most
    unseen = [weight for key, weight in zip(KEYS, detector.weights, strict=True) if key == "text"]
    assert unseen == [1.0]  # nowhere known, so it stays


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 1000))
def test_whatever_is_learned_more_odd_is_never_less_likely_wrong(seed: int) -> None:
    detector = fit(Cases.of(judged_pages(60, seed), crowded()))
    assert detector.slope >= 0
    most = [oddity.most for oddity in ODDITIES]
    assert (np.array(detector.weights) >= 0).all()
    assert (np.array(detector.weights) <= most).all()


def test_with_too_little_judged_nothing_is_learned_and_nothing_promised() -> None:
    assert learn_detector([], make_shelf(), 0) == Detector()
    detector = learn_detector(judged_pages(5), crowded(), 0)
    assert detector == Detector()
    assert detector.cut(0.05, 0.35).held is None


def test_learning_is_the_same_each_time_and_survives_being_written(tmp_path: Path) -> None:
    one = learn_detector(judged_pages(), crowded(), 0)
    assert one == learn_detector(judged_pages(), crowded(), 0)
    assert one.curve.pages == len(PAGES)
    one.save(tmp_path / "it.json")
    again = Detector.load(tmp_path / "it.json")
    assert (again, again.about, again.digest) == (one, one.about, one.digest)


def test_a_detector_made_for_other_oddities_is_refused(tmp_path: Path) -> None:
    Detector().save(tmp_path / "it.json")
    said = (tmp_path / "it.json").read_text().replace('"picture"', '"smell"')
    (tmp_path / "it.json").write_text(said)
    with pytest.raises(ValueError, match="knows other oddities"):
        Detector.load(tmp_path / "it.json")
