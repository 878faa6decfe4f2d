"""The command that learns how signals are blended."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from judgments.models import Judgment
from ranking.actions import start_run
from ranking.actions.rank import work
from ranking.models import Kind, RankedProduct, Run, State, Training
from ranking.queries.inputs import snapshot
from ranking.queries.learned import adopted
from tests.commands import run
from tests.encoders import WordEncoder
from tests.factories import make_category, make_judgment, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.rows]

THINGS = ("mug", "lamp", "boot", "tent", "drum", "sofa")


@pytest.fixture(autouse=True)
def _quick_encoder(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> Iterator[None]:
    settings.DATA = tmp_path
    for user in ("evaluate", "prepare"):
        monkeypatch.setattr(f"ranking.actions.{user}.the_encoder", lambda *_: WordEncoder())
    snapshot.cache_clear()
    yield
    snapshot.cache_clear()


@pytest.fixture
def judged() -> None:
    """Make six families of one page with sixty judged products each, every second one right."""
    for at, thing in enumerate(THINGS):
        page = make_category(thing, parent=make_category(f"All of {thing}"), is_page=True)
        for number in range(60):
            right = number % 2
            title = f"{thing if right else THINGS[at - 1]} {thing}{number} of {at}"
            make_judgment(page, make_product(title), 3 if right else 0)


def said() -> str:
    out = io.StringIO()
    call_command("train_blend", here=True, stdout=out)
    return out.getvalue()


def figures(**options: object) -> dict[str, Any]:
    return run("train_blend", here=True, **options).figures


def test_with_nothing_judged_it_keeps_the_default_weights_and_says_so() -> None:
    told = said()
    assert "default weights, from 0 judged products of 0 pages" in told
    assert "too little to learn from" in told
    assert "too few to learn from, so its chance is an estimate" in told
    assert "not in use" in told


@pytest.mark.usefixtures("judged")
def test_it_tells_how_each_way_of_learning_did_and_what_was_chosen() -> None:
    told = said()
    assert "from 360 judged products of 6 pages (6 families)" in told
    assert "→ " in told
    assert "Default weights" in told
    assert "A weighted sum" in told
    card = Training.objects.get().card
    assert card["data"]["judged_products"] == 360
    assert set(card["kinds"]) == {"default", "linear"}  # too few for trees
    assert sum(each["count"] for each in card["reliability"]) == 360


@pytest.mark.usefixtures("judged")
def test_the_same_judgments_and_seed_give_the_same_card_and_files() -> None:
    one, two, other = (figures(seed=seed) for seed in (1, 1, 2))
    assert (one["card"], one["made"]) == (two["card"], two["made"])
    assert one["card"] != other["card"]


@pytest.mark.usefixtures("judged")
def test_a_run_ranks_with_the_version_that_was_adopted() -> None:
    told = figures(adopt=True)
    assert told["in_use"]
    (training,) = Training.objects.all()
    assert adopted(Kind.BLEND) == training
    Judgment.objects.all().delete()  # the version stays what it was
    ranked = start_run(here=True)
    while work(ranked.pk):
        pass
    ranked.refresh_from_db()
    assert ranked.state == State.DONE
    assert ranked.blend["version"] == training.pk
    assert ranked.blend["file"] == training.made["file"]
    for row in RankedProduct.objects.all():
        assert sum(row.contributions.values()) == pytest.approx(row.score, abs=1e-6)


def test_a_training_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("The vectors cannot be read.")

    monkeypatch.setattr("ranking.actions.train_blend.shelf_today", broken)
    with pytest.raises(CommandError, match=r"The vectors cannot be read\."):
        said()
    assert Training.objects.get().state == State.FAILED
    assert not Run.objects.exists()
