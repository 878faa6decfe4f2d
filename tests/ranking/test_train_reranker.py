"""Training the cross-encoder as a job: from rows to a version that runs can use."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ranking.actions import train_reranker as training_actions
from ranking.actions.ask_training import ask_for_training
from ranking.actions.job_pieces import work_here
from ranking.actions.jobs import cancel, resume
from ranking.learning.reranker.data import Plan
from ranking.learning.reranker.fitting import Schedule
from ranking.models import LEFT_OUT, Kind, State, Training
from ranking.queries.learned import adopted, unusable
from tests.encoders import WordEncoder
from tests.factories import make_category, make_judgment, make_product
from tests.ranking.readers import make_bert

pytestmark = pytest.mark.django_db
QUICK = Schedule(steps=2, looks=1, frozen=0)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    """A tiny model that learns for a moment."""
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    settings.SEESTOCKS_CROSS_ENCODER = make_bert(tmp_path / "bert")
    monkeypatch.setattr(training_actions, "the_encoder", lambda *_: WordEncoder())
    as_asked = training_actions.plan_of

    def plan_of(training: Training) -> Plan:
        plan = replace(as_asked(training), folds=2, layers=1)
        return replace(plan, beginning=QUICK, lessons=QUICK, studies=QUICK)

    monkeypatch.setattr(training_actions, "plan_of", plan_of)
    for module in ("choice", "course"):
        monkeypatch.setattr(f"ranking.learning.reranker.{module}.FEWEST_PAGES", 2)


@pytest.fixture
def sure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ranking.learning.reranker.findings.is_sure", lambda _: True)


@pytest.fixture
def shop() -> None:
    """Three pages of four products each, judged."""
    for name in ("Lamps", "Bags", "Candles"):
        page = make_category(name, is_page=True)
        for number in range(4):
            product = make_product(f"{name} {number} {'home' if number % 2 else 'desk'}")
            make_judgment(page, product, grade=3 if number % 2 else 0)


def train(steps: Callable[[Training, int], None] | None = None) -> Training:
    training = ask_for_training(Kind.RERANKER, here=True, seed=3)
    for number in range(40):
        if not work_here(training):
            break
        if steps:
            steps(training, number)
    training.refresh_from_db()
    return training


@pytest.mark.usefixtures("shop", "sure")
def test_a_training_ends_in_a_version_that_runs_can_use(settings: Settings) -> None:
    training = train()
    assert training.state == State.DONE, training.error
    assert training.chosen in ("graded", "listwise")
    assert unusable(training) == ""
    models = settings.DATA / "models"
    assert (models / training.made["folder"] / "held_out.npz").exists()
    assert not (models / f"training-{training.pk}").exists()
    assert training.card["data"]["judged_products"] == 12
    assert training.card["uses"] == training.made["uses"]


@pytest.mark.usefixtures("shop", "sure")
@pytest.mark.long
def test_a_training_that_was_cancelled_goes_on_to_the_same_model() -> None:
    def cancelled_once(training: Training, number: int) -> None:
        if number == 2:
            cancel(training)
            assert not work_here(training)
            training.refresh_from_db()
            assert training.state == State.CANCELLED
            resume(training, here=True)

    whole, stopped = train(), train(cancelled_once)
    assert stopped.state == State.DONE
    assert whole.made["digest"] == stopped.made["digest"]


@pytest.mark.usefixtures("shop")
def test_what_may_be_chance_is_left_out_and_the_command_says_so() -> None:
    out = StringIO()
    call_command("train_reranker", "--here", "--adopt", stdout=out)
    said = out.getvalue()
    assert LEFT_OUT in said
    assert "Left out: only 3 judged pages" in said
    assert "the blend without it" in said
    assert adopted(Kind.RERANKER) is None


@pytest.mark.usefixtures("shop", "sure")
@pytest.mark.long
def test_the_command_adopts_what_was_chosen() -> None:
    out = StringIO()
    call_command("train_reranker", "--here", "--adopt", "--use=student", "--json", stdout=out)
    figures: dict[str, Any] = json.loads(out.getvalue())
    assert figures["in_use"]
    assert figures["card"]["uses"] == "student"
    assert set(figures["card"]["kinds"]) == {"graded", "listwise", "student"}
    version = adopted(Kind.RERANKER)
    assert version is not None
    assert version.pk == figures["training"]


def test_without_judgments_there_is_nothing_to_learn() -> None:
    with pytest.raises(CommandError, match="no judgment"):
        call_command("train_reranker", "--here", stdout=StringIO())


@pytest.mark.parametrize("asked", [("--folds", "1"), ("--steps", "0"), ("--seed", "-1")])
def test_a_plan_that_cannot_be_done_is_refused_before_anything_is_asked_for(
    asked: tuple[str, str],
) -> None:
    with pytest.raises(CommandError, match=f"{asked[0]} takes . or more"):
        call_command("train_reranker", "--here", *asked)
    assert not Training.objects.exists()
