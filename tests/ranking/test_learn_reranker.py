"""Learning the cross-encoder: what it is shown, how it learns, when it is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ranking.learning.reranker.choice import better, gain, is_sure
from ranking.learning.reranker.course import Course
from ranking.learning.reranker.data import Data, Plan
from ranking.learning.reranker.distilling import spaced
from ranking.learning.reranker.findings import Findings
from ranking.learning.reranker.fitting import Look, Schedule, best_step, drawn_lists
from ranking.learning.reranker.held_out import save
from ranking.learning.reranker.lists import (
    JUDGED,
    KINDS,
    RANDOM,
    SIBLING,
    PageList,
    chances_of,
    confidence_chances,
    grade_shares,
    page_lists,
    smoothed,
)
from ranking.learning.reranker.losses import LOSSES, distilled, graded, listwise
from ranking.pipeline.data import Judged, Options
from ranking.pipeline.disambiguate import NO_TEXTS
from ranking.pipeline.rerank.reader import HeldOut
from ranking.pipeline.shelf import Shelf
from tests.ranking.readers import make_bert
from tests.ranking.shelves import CANDLES, DESK_LAMPS, DUFFEL_BAGS, LAMPS, make_shelf

QUICK = Schedule(steps=4, looks=2)
QUICKER = replace(QUICK, frozen=0)
PAGES = (LAMPS, DESK_LAMPS, CANDLES, DUFFEL_BAGS)


def judged_on(shelf: Shelf, grade_of: Callable[[int, bool], float]) -> Judged:
    """Each product judged for one page: two of three for their own, and one for the next."""
    count, each = len(shelf.catalogue), len(shelf.catalogue) // len(PAGES)
    here = np.arange(count) % 3 > 0
    own = np.arange(count) // each
    return Judged(
        pages=np.array(PAGES)[np.where(here, own, (own + 1) % len(PAGES))],
        products=shelf.catalogue.ids,
        grades=np.array([grade_of(place, right) for place, right in enumerate(here.tolist())]),
        annotators=np.ones(count, np.int64),
        weights=np.ones(count),
        elsewhere=np.zeros(count),
    )


def truly(_place: int, right: bool) -> float:
    return 3.0 if right else 0.0


@pytest.fixture
def data() -> Data:
    shelf = make_shelf()
    return Data.of(shelf, judged_on(shelf, truly), NO_TEXTS, Options(candidates=12))


@pytest.fixture
def few_pages_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("choice", "course"):
        monkeypatch.setattr(f"ranking.learning.reranker.{module}.FEWEST_PAGES", len(PAGES))


def lists_of(data: Data, seed: int = 1) -> list[PageList]:
    return page_lists(list(PAGES), data.ranker(Plan(seed)), seed)


def test_a_list_has_the_judged_products_and_others_of_less_weight(data: Data) -> None:
    for page_list in lists_of(data):
        judged = page_list.kinds == JUDGED
        assert judged.sum() == 12
        assert page_list.weights[judged].min() > 5 * page_list.weights[~judged].max()
        assert page_list.chances.sum(axis=1) == pytest.approx(1)
        assert len(np.unique(page_list.rows)) == len(page_list)
        assert (np.diff(page_list.rows) > 0).all()


def test_nothing_that_fits_the_page_is_drawn_as_wrong() -> None:
    shelf = make_shelf(filed_under=np.repeat(np.array(PAGES), 12), filing_confidence=np.ones(48))
    right = judged_on(shelf, truly).where(np.arange(48) % 5 == 0)
    data = Data.of(shelf, right, NO_TEXTS, Options(candidates=12))
    for page_list in lists_of(data):
        wrong = np.isin(page_list.kinds, (SIBLING, RANDOM))
        rows = page_list.rows[wrong]
        assert not (shelf.catalogue.filed_under[rows] == page_list.page).any()
        judged_here = right.products[right.pages == page_list.page]
        assert not np.isin(shelf.catalogue.ids[rows], judged_here).any()
    assert SIBLING in np.concatenate([page_list.kinds for page_list in lists_of(data)])


def test_lists_depend_on_page_and_seed_alone(data: Data) -> None:
    ranker = data.ranker(Plan(1))
    [alone] = page_lists([CANDLES], ranker, 1)
    together = next(one for one in page_lists(list(PAGES), ranker, 1) if one.page == CANDLES)
    assert alone.rows.tolist() == together.rows.tolist()
    assert alone.kinds.tolist() == together.kinds.tolist()


def test_every_judged_product_is_learned_once_in_a_round(data: Data) -> None:
    lists = lists_of(data)
    schedule = Schedule(judged=5, others=4)
    draws = drawn_lists(lists, schedule, seed=3)
    first = [next(draws) for _ in range(4 * 3)]  # 12 judged on each page, in three parts
    for page_list in lists:
        seen = [one for one in first if one.page == page_list.page]
        rows = np.concatenate([one.rows[one.kinds == JUDGED] for one in seen])
        assert sorted(rows) == page_list.rows[page_list.kinds == JUDGED].tolist()
    assert max(map(len, first)) <= 9


@given(st.lists(st.floats(0, 3), min_size=1, max_size=20))
def test_grades_as_chances_have_the_grade_as_their_mean(grades: list[float]) -> None:
    chances = chances_of(np.array(grades))
    assert chances @ np.arange(4) == pytest.approx(grades)
    assert chances.sum(axis=1) == pytest.approx(1)


def test_more_people_draw_chances_farther_from_the_usual() -> None:
    common = grade_shares(np.array([0.0, 1, 1, 3]))
    one, three = smoothed(chances_of(np.array([3.0, 3.0])), np.array([1.0, 3.0]), common)
    assert common[3] < one[3] < three[3] < 1
    assert confidence_chances(np.array([0.8]), common)[0, 2:].sum() == pytest.approx(0.8)


def test_a_loss_is_least_where_the_model_says_what_people_said() -> None:
    chances = torch.tensor([[0.0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]]) * 0.97 + 0.0075
    weights = torch.tensor([1.0, 1.0, 0.1])
    true = chances.log()
    for loss in LOSSES.values():
        assert loss(true, chances, weights) < loss(true.flip(0), chances, weights)
    assert float(distilled(true, true)) == pytest.approx(0, abs=1e-6)
    assert distilled(true.flip(0), true) > 0.1


def test_losses_know_no_order_of_the_list_and_survive_lists_without_gain() -> None:
    logits = torch.randn(5, 4, generator=torch.Generator().manual_seed(1)).requires_grad_()
    chances = torch.softmax(torch.arange(20.0).view(5, 4).sin(), -1)
    weights = torch.linspace(0.1, 1, 5)
    for loss in (graded, listwise):
        turned = loss(logits.flip(0), chances.flip(0), weights.flip(0)).detach()
        assert float(loss(logits, chances, weights).detach()) == pytest.approx(
            float(turned), abs=1e-5
        )
    nothing = torch.tensor([[1.0, 0, 0, 0]]).expand(5, 4)
    [slope] = torch.autograd.grad(listwise(logits, nothing, weights), logits)
    assert torch.isfinite(slope).all()


def test_the_simpler_loss_stays_unless_the_other_is_clearly_better() -> None:
    pages = range(10)
    level = dict.fromkeys(pages, 0.8)
    noisy = {page: 0.8 + 0.05 * (-1) ** page for page in pages}
    higher = {page: 0.85 + 0.001 * page for page in pages}
    assert better("graded", "listwise", {"graded": level, "listwise": noisy}) == "graded"
    assert better("graded", "listwise", {"graded": level, "listwise": higher}) == "listwise"


def test_a_gain_is_sure_only_on_many_pages_and_above_chance() -> None:
    before = dict.fromkeys(range(20), 0.8)
    after = {page: 0.82 + 0.01 * (page % 3) for page in before}
    assert is_sure(gain(after, before))
    assert not is_sure(gain({page: after[page] for page in range(5)}, before))
    assert not is_sure(gain({page: 0.8 + 0.1 * (-1) ** page for page in before}, before))
    assert not is_sure(gain(before, before))
    assert not is_sure(gain({}, before))


def test_learning_stops_at_the_best_look() -> None:
    looks = [Look(10, 1.0, 0.9), Look(20, 0.8, 0.7), Look(30, 0.5, 0.8)]
    assert best_step(looks) == 20
    assert best_step([Look(10, 1.0, float("nan")), Look(20, 0.9, float("nan"))]) == 20


def test_a_students_layers_are_spread_over_its_teachers() -> None:
    assert spaced(6, 2) == [0, 5]
    assert spaced(6, 3) == [0, 2, 5]
    assert spaced(2, 2) == [0, 1]


def found(reads: str) -> Findings:
    """What is found on four pages of a larger shop whose products are hard to place, by models
    that read the truth there, or noise."""
    random = np.random.default_rng(5)
    shelf = make_shelf(np.repeat(PAGES, 60).tolist())
    guessed = random.integers(0, 4, 240).astype(float)
    judged = judged_on(shelf, lambda place, _right: guessed[place])
    data = Data.of(shelf, judged, NO_TEXTS, Options(candidates=40))
    scores = data.judged.grades if reads == "truth" else random.normal(size=240)
    held = HeldOut(data.judged.pages, data.judged.products, scores)
    looks: dict[str, list[list[Look]]] = {loss: [] for loss in LOSSES}
    return Findings(data, Plan(1, folds=3), dict.fromkeys(LOSSES, held), looks, held, held)


@pytest.mark.usefixtures("few_pages_do")
def test_what_reads_noise_is_left_out() -> None:
    findings = found("noise")
    assert not findings.earns_its_place
    assert findings.uses == ""
    assert findings.why.startswith("Left out")


@pytest.mark.usefixtures("few_pages_do")
def test_what_reads_the_truth_earns_its_place() -> None:
    findings = found("truth")
    assert findings.earns_its_place
    assert findings.lost == 0
    assert findings.uses == "student"
    assert findings.card()["gains"]["teacher"]["is_sure"]


def test_what_reads_the_truth_on_few_pages_is_left_out() -> None:
    findings = found("truth")
    assert not findings.earns_its_place
    assert "only 4 judged pages" in findings.why


def finished(course: Course) -> Course:
    while course.advance():
        pass
    return course


def course_in(folder: Path, data: Data, bert: str) -> Course:
    plan = Plan(
        7, folds=2, layers=1, source=bert, beginning=QUICKER, lessons=QUICKER, studies=QUICKER
    )
    return Course(folder, data, plan, lambda *_: None)


@pytest.fixture
def everything_is_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ranking.learning.reranker.findings.is_sure", lambda _: True)
    monkeypatch.setattr("ranking.learning.reranker.findings.WORTH_LOSING", 1.0)


@pytest.mark.usefixtures("few_pages_do", "everything_is_sure")
def test_a_course_that_was_stopped_ends_in_the_same_model(tmp_path: Path, data: Data) -> None:
    bert = make_bert(tmp_path / "bert")
    whole = finished(course_in(tmp_path / "whole", data, bert))
    stopped = course_in(tmp_path / "stopped", data, bert)
    for _ in range(3):
        assert stopped.advance()

    def stop(*_: object) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        replace(stopped, progress=stop).advance()
    again = finished(course_in(tmp_path / "stopped", data, bert))
    weights = [each.model / "model.safetensors" for each in (whole, again)]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    assert whole.card["uses"] == "student"
    for name, course in (("one", whole), ("other", again)):
        used = course.used
        assert used is not None
        save(used, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.usefixtures("few_pages_do", "everything_is_sure")
def test_what_was_read_unseen_covers_candidates_and_judged(tmp_path: Path, data: Data) -> None:
    course = finished(course_in(tmp_path / "course", data, make_bert(tmp_path / "bert")))
    used = course.used
    assert used is not None
    assert set(used.pages.tolist()) == set(PAGES)
    for page in PAGES:
        judged = data.judged.products[data.judged.pages == page]
        scores = used.of(page, judged)
        assert np.isfinite(scores).all()
        assert (used.pages == page).sum() > len(judged)


@pytest.mark.usefixtures("few_pages_do")
def test_what_is_read_of_a_page_kept_apart_knows_none_of_its_grades(
    tmp_path: Path, data: Data
) -> None:
    """Turned round, they change no bit of it, and change what is read of other pages."""
    bert, here = make_bert(tmp_path / "bert"), data.judged.pages == CANDLES
    grades = np.where(here, 3 - data.judged.grades, data.judged.grades)
    turned = Data.of(data.shelf, replace(data.judged, grades=grades), NO_TEXTS, data.options)
    read = []
    for name, each in (("as said", data), ("turned", turned)):
        course = course_in(tmp_path / name, each, bert)
        for _ in ("beginning", "fold-0", "fold-1"):
            assert course.advance()
        scores = {loss: course.findings.losses[loss] for loss in LOSSES}
        read.append({loss: held.scores[held.pages == CANDLES] for loss, held in scores.items()})
        read[-1]["others"] = scores["graded"].scores[scores["graded"].pages != CANDLES]
    for loss in LOSSES:
        np.testing.assert_array_equal(read[0][loss], read[1][loss])
    assert (read[0]["others"] != read[1]["others"]).any()


@pytest.mark.usefixtures("few_pages_do")
def test_a_course_that_is_left_out_learns_no_student(tmp_path: Path, data: Data) -> None:
    course = finished(course_in(tmp_path / "course", data, make_bert(tmp_path / "bert")))
    assert not course.card["earns_its_place"]
    assert not list((tmp_path / "course").glob("student*"))
    assert set(course.card["kinds"]) == set(LOSSES)
    assert len(KINDS) == 5


@pytest.mark.usefixtures("few_pages_do", "everything_is_sure")
def test_a_teacher_that_is_to_be_used_needs_no_student(tmp_path: Path, data: Data) -> None:
    course = course_in(tmp_path / "course", data, make_bert(tmp_path / "bert"))
    course = finished(replace(course, plan=replace(course.plan, use="teacher")))
    assert course.card["uses"] == "teacher"
    assert course.used is not None
    assert not list((tmp_path / "course").glob("student*"))
    assert (course.model / "model.safetensors").exists()


def test_too_few_pages_are_not_learned_from(tmp_path: Path, data: Data) -> None:
    course = course_in(tmp_path / "course", data, "")
    assert not course.advance()
    assert course.used is None
    assert course.card["why"].startswith("Left out: 4 judged pages are too few")
