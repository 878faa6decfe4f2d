"""What judging teaches: in the queue's order beside random orders."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from ranking.actions.learning_curve import queue_order
from ranking.learning.blender import linear
from ranking.learning.curve import (
    SHARES,
    errors_found,
    expected_change,
    from_nothing,
    in_the_order,
    learning_curve,
    places_by,
)
from ranking.learning.examples import Examples
from ranking.pipeline.blend import Blend
from ranking.pipeline.data import Doubles, Ints
from ranking.pipeline.names import KEYS, SIGNALS
from ranking.queries.curve_chart import curve_chart
from tests.commands import run
from tests.encoders import WordEncoder
from tests.factories import make_category, make_judgment, make_product
from tests.ranking.graded import graded

FIGURES = {
    "labels": 40,
    "pages": 4,
    "seeds": 2,
    "shares": list(SHARES),
    "curves": {
        name: {
            "queue": [0.5, 0.6, 0.7, 0.8, 0.9],
            "random": [0.4, 0.5, 0.6, 0.7, 0.9],
            "random_low": [0.3, 0.4, 0.5, 0.6, 0.9],
            "random_high": [0.5, 0.6, 0.7, 0.8, 0.9],
        }
        for name in ("NDCG@10", "Found")
    },
}


def judged(pages: int = 8, products: int = 25, seed: int = 1) -> Examples:
    """Pages whose products are right where the first signal is high, with some noise."""
    draw = np.random.default_rng(seed)
    count = pages * products
    signals = np.full((count, len(KEYS)), np.nan)
    fit = draw.uniform(-1, 1, count)
    signals[:, 0] = SIGNALS[0].neutral + fit * (SIGNALS[0].high - SIGNALS[0].neutral)
    grades = np.where(fit + draw.normal(0, 0.3, count) > 0, 3.0, 0.0)
    of_page = np.repeat(np.arange(pages), products)
    return graded(signals, grades, of_page)


def by_change(_left: Examples, changes: Doubles) -> Ints:
    return np.argsort(-changes, kind="stable").astype(np.int64)


def test_each_share_reveals_more_of_the_same_order_until_all_is_revealed() -> None:
    pool = judged()
    shares = list(in_the_order(pool, linear, by_change))
    assert [len(share) for share in shares] == [round(share * len(pool)) for share in SHARES]
    for before, after in pairwise(shares):
        assert np.array_equal(after[: len(before)], before)
    assert sorted(shares[-1].tolist()) == list(range(len(pool)))


def test_only_what_was_revealed_before_decides_what_is_revealed_next() -> None:
    """Turn round the grades of all that is revealed last: nothing before it moves."""
    pool = judged()
    first = list(in_the_order(pool, linear, by_change))
    late = np.setdiff1d(np.arange(len(pool)), first[-2])
    grades = pool.grades.copy()
    grades[late] = 3 - grades[late]
    turned = replace(pool, grades=grades)
    second = list(in_the_order(turned, linear, by_change))
    assert np.array_equal(first[-2], second[-2])


def test_an_answer_changes_most_where_it_is_unsure_and_high_up() -> None:
    pool = judged(pages=1)
    changes = expected_change(Blend(), pool)
    scores = Blend().score(pool.signals, pool.beside)
    confidence, places = Blend().confidence(scores), places_by(scores, pool.pages)
    shown = confidence >= 0.35
    assert changes[shown] == pytest.approx((1 - confidence[shown]) / np.log2(1 + places[shown]))
    assert changes[~shown] == pytest.approx(confidence[~shown] / np.log2(1 + places[~shown]))
    assert shown.any()
    assert not shown.all()


def test_both_orders_end_where_all_labels_lead() -> None:
    curve = learning_curve(judged(), from_nothing, by_change, seeds=2)
    assert curve.queue.shape == (len(SHARES),)
    assert curve.random.shape == (2, len(SHARES))
    assert curve.random[:, -1] == pytest.approx([curve.queue[-1]] * 2)
    assert curve.queue[-1] > 0.9


def test_all_errors_are_found_in_the_end_and_the_order_asked_for_finds_them_as_it_says() -> None:
    pool = judged()
    wrong = ~pool.is_right & (places_by(Blend().score(pool.signals, pool.beside), pool.pages) <= 10)

    def errors_first(left: Examples, _: Doubles) -> Ints:
        return np.argsort(~wrong[left.products], kind="stable").astype(np.int64)

    curve = errors_found(pool, linear, errors_first, seeds=2)
    assert curve.queue[-1] == 1
    assert curve.queue[0] == pytest.approx(min(1, 10 / wrong.sum()))


def test_labels_are_asked_for_in_blocks_of_one_page() -> None:
    pool = judged(pages=3, products=10)
    turns = queue_order(pool, np.where(pool.pages == 2, 1.0, 0.1))
    assert pool.pages[turns][:10].tolist() == [2] * 10
    assert sorted(turns.tolist()) == list(range(30))
    assert len(np.flatnonzero(np.diff(pool.pages[turns]))) == 2


@given(st.lists(st.none() | st.floats(0, 1), min_size=5, max_size=5))
def test_the_chart_is_a_picture_with_every_point_inside(values: list[float | None]) -> None:
    curve = dict.fromkeys(("queue", "random", "random_low", "random_high"), values)
    svg = ET.fromstring(curve_chart(FIGURES | {"curves": {"Found": curve}}))  # noqa: S314  our own
    dots = svg.findall(".//{*}g/{*}circle[@cy]")
    assert len(dots) == 2 * sum(value is not None for value in values)
    assert all(0 <= float(dot.get("cy", "-1")) <= 200 for dot in dots)
    assert all(0 <= float(dot.get("cx", "-1")) <= 280 for dot in dots)


def test_each_curve_has_its_panel_and_each_point_says_what_it_is() -> None:
    drawn = curve_chart(FIGURES)
    assert drawn.count("In the queue’s order: 0.6000 after 10%") == 2
    assert "NDCG@10" in drawn
    assert "Found" in drawn


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    monkeypatch.setattr("ranking.actions.evaluate.the_encoder", lambda *_: WordEncoder())


@pytest.fixture
def lamps_and_mugs(db: None) -> None:
    """Five pages of 20 judged products each, half of them of another page."""
    kinds = ("lamp", "mug", "chair", "towel", "kettle")
    made = {kind: [make_product(f"{kind} no. {n}") for n in range(10)] for kind in kinds}
    for place, kind in enumerate(kinds):
        page = make_category(kind, is_page=True)
        for right, wrong in zip(made[kind], made[kinds[place - 1]], strict=True):
            make_judgment(page, right, 3)
            make_judgment(page, wrong, 0)


def test_the_command_prints_both_orders_and_draws_them(
    lamps_and_mugs: None, quick: None, tmp_path: Path
) -> None:
    picture = tmp_path / "curve.svg"
    figures = run("learning_curve", "--plot", picture, "--seeds", 2).figures
    assert figures["labels"] == 100
    assert figures["pages"] == 5
    assert figures["shares"] == [0.05, 0.1, 0.25, 0.5, 1.0]
    for curve in figures["curves"].values():
        assert curve["queue"][-1] == curve["random"][-1]
        assert len(curve["queue"]) == len(curve["random_low"]) == len(curve["random_high"]) == 5
    assert figures["curves"]["NDCG@10, from nothing"]["queue"][-1] == 1
    assert ET.fromstring(picture.read_text()).tag.endswith("svg")  # noqa: S314  our own


def test_for_people_it_is_a_table(lamps_and_mugs: None, quick: None) -> None:
    out = io.StringIO()
    call_command("learning_curve", "--seeds", "1", stdout=out)
    assert "100 judged products of 5 pages; 1 random orders" in out.getvalue()
    assert out.getvalue().count("in the queue’s order") == 3


@pytest.mark.django_db
def test_few_labels_make_no_curve_and_no_picture(quick: None, tmp_path: Path) -> None:
    page = make_category("lamp", is_page=True)
    make_judgment(page, make_product("lamp"), 3)
    with pytest.raises(CommandError, match="1 judged products are too few"):
        call_command("learning_curve", "--plot", str(tmp_path / "curve.svg"))
    assert not (tmp_path / "curve.svg").exists()


def test_at_least_one_random_order_is_needed() -> None:
    with pytest.raises(CommandError, match="one random order"):
        call_command("learning_curve", "--seeds", "0")
