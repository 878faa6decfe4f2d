"""A taxonomist's way from a new version to pages that are ranked by it, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from ranking.actions.ask_training import ask_for_training
from ranking.actions.job_pieces import work_here
from ranking.actions.jobs import Beat
from ranking.actions.jobs import work as work_on_job
from ranking.actions.rank import work
from ranking.models import Kind, Run, State, Training
from ranking.queries.inputs import snapshot
from tests.browser.conftest import Open
from tests.encoders import WordEncoder
from tests.factories import make_category, make_judgment, make_product

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE = 20_000  # milliseconds: pages ask every two seconds


@pytest.fixture(autouse=True)
def _shop(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three judged products, an encoder of words, and nobody who answers a bell."""
    encoder = WordEncoder()
    settings.DATA = tmp_path
    monkeypatch.setattr("ranking.actions.prepare.the_encoder", lambda *_: encoder)
    monkeypatch.setattr("ranking.actions.jobs.ring", lambda _: None)
    monkeypatch.setattr("ranking.actions.runs.ring", lambda _: None)
    snapshot.cache_clear()
    page = make_category("Lamps", is_page=True)
    for title in ("brass lamp", "oak lamp", "paper lamp"):
        make_judgment(page, make_product(title, filed_under=page), 3)


def test_a_version_is_learned_used_named_by_the_next_run_and_gone_back_from(
    open_as: Open, complaints: list[str]
) -> None:
    page = open_as("taxonomists")
    learn(page)
    version = Training.objects.get()
    page.get_by_role("button", name="Use from the next run on").click()
    expect(page.get_by_text(f"Blend {version.pk} is used from the next run on.")).to_be_visible()
    expect(page.get_by_text("In use:")).to_be_visible()
    assert f"Ranked with blend {version.pk}" in ranked(page)
    page.get_by_role("link", name=f"blend {version.pk}").click()
    page.get_by_role("button", name="Let each run learn its own").click()
    expect(page.get_by_text("each run learns its own blend")).to_be_visible()
    assert "Ranked with blend" not in ranked(page)
    assert complaints == []


def learn(page: Page) -> None:
    """Ask for a version, watch it wait and being learned, and see its card come by itself."""
    page.get_by_role("link", name="Models").click()
    panel = page.locator("#blend")
    expect(panel.get_by_text("3 judgments on 1 page so far")).to_be_visible()
    panel.get_by_role("button", name="Train a new version").click()
    expect(page.get_by_text("Waiting for a worker to begin")).to_be_visible()
    training = Training.objects.get()
    assert work_on_job(Training, training.pk, half_of_it)
    expect(page.get_by_text("Reading texts: 3 of 8")).to_be_visible(timeout=PATIENCE)
    while work_here(training):
        pass
    expect(page.get_by_role("heading", name="What was chosen")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Default weights", exact=True)).to_be_visible()


def half_of_it(_job: Training, beat: Beat) -> None:
    beat("Reading texts", 3, 8)


def ranked(page: Page) -> str:
    """Have all pages ranked; what the run says of it."""
    page.get_by_role("link", name="Runs").click()
    page.get_by_role("button", name="Rank pages").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    run = Run.objects.latest("id")
    while work(run.pk):
        pass
    expect(page.get_by_text("1 of 1 pages ranked")).to_be_visible(timeout=PATIENCE)
    return page.locator("#progress").inner_text()


def test_a_training_is_cancelled_and_goes_on_without_scripts(open_as: Open) -> None:
    page = open_as("taxonomists", scripts=False)
    page.goto("/models/")
    page.locator("#reranker").get_by_role("button", name="Train a new version").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("It was cancelled before it came to its end")).to_be_visible()
    page.get_by_role("button", name="Go on with it").click()
    expect(page.get_by_text("Waiting for a worker to begin")).to_be_visible()
    assert Training.objects.get().state == State.WAITING


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_nothing_sticks_out_sideways(open_as: Open, narrow: bool) -> None:
    training = ask_for_training(Kind.BLEND, here=True)
    while work_here(training):
        pass
    page = open_as("merchandisers", narrow=narrow)
    for address in ("/models/", f"/models/{training.pk}/", "/models/?kind=blend"):
        page.goto(address)
        wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room, address
