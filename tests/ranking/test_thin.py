"""Old runs: their products go by a stated rule, their figures stay."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from ranking.actions.thin import runs_to_thin, thin_runs
from ranking.listings import listing_of
from ranking.models import Listing, PageRun, RankedProduct, Run, RunNote, State
from ranking.queries.lineup import lineup
from taxonomy.models import Category
from tests.ranking.conftest import products, text_of
from tests.ranking.rankings import make_page_run, make_ranking, make_run
from tests.ranking.releases import publish

pytestmark = pytest.mark.django_db

# A Wednesday at noon, so that weeks and months begin where one expects.
NOW = datetime(2026, 11, 18, 12, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _models(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    (tmp_path / "models").mkdir()


def run_of(days: float, page: Category | None = None, **fields: Any) -> Run:
    """Return a run of so many days ago, with a page of two products."""
    at = NOW - timedelta(days=days)
    run = make_run(as_of=at, **fields)
    if page:
        make_ranking(page, shown=products(2), run=run)
    return run


def thinned() -> list[int]:
    return [run.pk for run in runs_to_thin(NOW)]


def test_a_fortnight_is_kept_whole() -> None:
    for days in range(14):
        run_of(days)
    assert thinned() == []


def test_of_older_weeks_the_last_run_is_kept_and_of_older_months_too() -> None:
    kept = {days: run_of(days) for days in range(230)}
    gone = set(thinned())
    left = sorted(days for days, run in kept.items() if run.pk not in gone)
    assert left[:15] == list(range(15))
    weeks, months = [d for d in left if 14 < d <= 91], [d for d in left if d > 91]
    assert {(NOW - timedelta(days=d)).isocalendar()[1] for d in weeks} == set(range(34, 46))
    assert len(weeks) == 12  # one of each
    assert [(NOW - timedelta(days=d)).month for d in months] == [8, 7, 6, 5, 4]


def test_a_run_that_failed_is_not_the_one_of_its_week() -> None:
    good, bad = run_of(20), run_of(19, state=State.FAILED)
    run_of(0)
    assert thinned() == [bad.pk]
    assert good.pk not in thinned()


def test_published_noted_carried_and_newest_runs_stay_whole(pepper: Category) -> None:
    run_of(41)
    noted, holder = run_of(42), run_of(43, pepper)
    RunNote.objects.create(run=noted, text="before the new feed")
    part = PageRun.objects.get(run=holder)
    make_page_run(pepper, run_of(1), carried_from=part)
    plain = run_of(44)
    assert thinned() == [plain.pk]


def test_the_only_run_there_is_stays_however_old() -> None:
    run_of(100)
    run_of(101, state=State.FAILED)
    assert len(thinned()) == 1


def test_thinning_lets_products_go_and_keeps_figures(pepper: Category, settings: Settings) -> None:
    newest = run_of(0, pepper, blend={"file": "blend-shared.json"})
    run_of(40)
    learned = {"file": "blend-old.json", "siblings": "siblings-old.json"}
    old = run_of(41, pepper, blend=learned)
    shared = run_of(42, pepper, blend={"file": "blend-shared.json"})
    for name in (*learned.values(), "blend-shared.json"):
        (settings.DATA / "models" / name).write_text("{}")
    gone = thin_runs(now=NOW)
    assert gone.runs == [shared.pk, old.pk]
    assert gone.products == 4
    assert gone.files == ["blend-old.json", "siblings-old.json"]
    assert [path.name for path in (settings.DATA / "models").iterdir()] == ["blend-shared.json"]
    assert set(RankedProduct.objects.values_list("page_run__run", flat=True)) == {newest.pk}
    assert PageRun.objects.get(run=old).shown == 2
    old.refresh_from_db()
    assert old.thinned_at
    assert thin_runs(now=NOW).runs == []


def test_what_a_run_at_work_builds_on_stays_whole() -> None:
    base, plain = run_of(41), run_of(42)
    run_of(40)
    make_run(State.RUNNING, base=base)
    run_of(0)
    assert thinned() == [plain.pk]


def test_a_run_of_which_half_was_thinned_is_thinned_to_its_end(pepper: Category) -> None:
    run_of(0, pepper)
    half = run_of(41, pepper, thinned_at=NOW)
    part = PageRun.objects.get(run=half)
    part.listing = listing_of(part, lineup(part, "none"))
    part.save(update_fields=["listing"])
    assert thin_runs(now=NOW).products == 2
    assert not RankedProduct.objects.filter(page_run__run=half).exists()
    assert not Listing.objects.exists()
    assert thin_runs(now=NOW).products == 0


def test_a_run_that_is_published_meanwhile_stays_whole(
    pepper: Category, monkeypatch: pytest.MonkeyPatch, open_gate: None
) -> None:
    run_of(40)
    chosen = run_of(41, pepper)
    run_of(0)
    runs = runs_to_thin(NOW)
    assert runs == [chosen]
    monkeypatch.setattr("ranking.actions.thin.runs_to_thin", lambda _: runs)
    publish(chosen)
    thin_runs(now=NOW)
    assert RankedProduct.objects.filter(page_run__run=chosen).count() == 2


def test_a_dry_run_only_tells(pepper: Category) -> None:
    run_of(0)
    now = timezone.now()
    old = make_run(as_of=now - timedelta(days=30))
    make_ranking(pepper, shown=products(2), run=old)
    make_run(as_of=now - timedelta(days=29, hours=23))
    said = StringIO()
    call_command("thin_runs", "--dry-run", "--json", stdout=said)
    figures = json.loads(said.getvalue())
    assert figures["dry_run"]
    assert RankedProduct.objects.count() == 2
    assert not Run.objects.exclude(thinned_at=None).exists()


def test_a_thinned_run_and_its_list_say_so(merchandiser: Client, pepper: Category) -> None:
    run = run_of(40, pepper)
    Run.objects.filter(pk=run.pk).update(thinned_at=timezone.now())
    assert "This run was thinned" in text_of(merchandiser, f"/runs/{run.pk}/")
    assert "figures only" in text_of(merchandiser, "/runs/")
