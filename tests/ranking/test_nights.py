"""Nights: they begin by themselves, and somebody is told how they came out."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from ranking.actions.nights import (
    PlanRefused,
    begin_night,
    change_plan,
    night_plan,
    settle_nights,
)
from ranking.actions.publish import publish_run, roll_back
from ranking.models import Comparison, Delivery, Event, Night, Release, Run, State
from ranking.queries.gate import Gate
from ranking.tasks import sweep
from taxonomy.models import Category
from tests.factories import make_user
from tests.ranking.conftest import products, text_of
from tests.ranking.rankings import make_ranking, make_run

pytestmark = pytest.mark.django_db

SAID: dict[str, Any] = {
    "hour": 3,
    "minute": 30,
    "on": True,
    "publishes": False,
    "bound": 0.02,
    "drop": 0.05,
    "mails": ["mira@shop.example"],
}
FORM = {
    "begins": "03:30",
    "on": "1",
    "bound": "2",
    "drop": "5",
    "mails": "mira@shop.example\nleo@shop.example",
}


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody works on what is started here."""
    monkeypatch.setattr("ranking.actions.runs.ring", lambda _: None)


def a_night(state: str = State.DONE, **fields: Any) -> Night:
    run = make_run(state, **fields)
    return Night.objects.create(day=date(2026, 11, 20), run=run)


def the_gate(monkeypatch: pytest.MonkeyPatch, **said: Any) -> None:
    """Let the gate say this of any run."""
    told = Gate(**({"is_open": True, "is_measured": True} | said))
    monkeypatch.setattr("ranking.actions.nights.gate", lambda _: told)
    monkeypatch.setattr("ranking.actions.publish.gate", lambda _: told)


def events() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("event", flat=True))


# Beginning


def test_a_night_starts_an_incremental_run_of_all_pages_and_only_once(pepper: Category) -> None:
    night = begin_night()
    assert night
    assert night.run
    assert list(night.run.page_runs.values_list("page", flat=True)) == [pepper.pk]
    assert "anew" in night.run.settings  # it looked for a run to build on
    assert begin_night() is None
    assert Run.objects.count() == 1


def test_a_night_is_passed_over_while_a_run_is_at_work(pepper: Category) -> None:
    at_work = make_run(State.RUNNING)
    night = begin_night()
    assert night
    assert night.run is None
    assert night.outcome == f"Passed over: run {at_work.pk} was still at work."
    assert night.settled_at


def test_a_shop_without_pages_has_a_quiet_night() -> None:
    night = begin_night()
    assert night
    assert "No page is switched on yet" in night.outcome


def test_each_day_has_a_night(pepper: Category) -> None:
    begin_night(date(2026, 11, 20))
    Run.objects.update(state=State.DONE)
    assert begin_night(date(2026, 11, 21))
    assert Run.objects.count() == 2


# Settling


def test_a_run_at_work_is_waited_for() -> None:
    night = a_night(State.RUNNING)
    settle_nights()
    night.refresh_from_db()
    assert night.settled_at is None


def test_a_failed_run_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    change_plan(**SAID, by=None)
    night = a_night(State.FAILED, error="The run could not be prepared: no room.")
    settle_nights()
    night.refresh_from_db()
    assert night.outcome.endswith("The run could not be prepared: no room.")
    assert events() == [Event.NIGHT_FAILED]
    settle_nights()
    assert len(events()) == 1  # a night is settled once


def test_what_passes_waits_for_somebody_unless_the_plan_publishes(
    pepper: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_gate(monkeypatch)
    night = a_night()
    settle_nights()
    night.refresh_from_db()
    assert (
        night.outcome == f"Run {night.run_id} passes the gate and waits for somebody to publish it."
    )
    assert not Release.objects.exists()


def test_what_passes_is_published_where_the_plan_says_so(
    pepper: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_gate(monkeypatch)
    change_plan(**(SAID | {"publishes": True}), by=None)
    night = a_night()
    assert night.run
    make_ranking(pepper, shown=products(3), run=night.run)
    settle_nights()
    night.refresh_from_db()
    release = Release.objects.get()
    assert release.run == night.run
    assert release.by is None
    assert night.outcome == (
        f"Run {night.run_id} passed the gate and was published: release {release.pk}."
    )


def test_no_night_publishes_over_what_somebody_rolled_back(
    pepper: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_gate(monkeypatch)
    change_plan(**(SAID | {"publishes": True}), by=None)
    run = make_ranking(pepper, shown=products(3)).run
    first = publish_run(run, by=None, token=uuid4(), based_on=None)
    worse = make_ranking(pepper, shown=products(3)).run
    second = publish_run(worse, by=None, token=uuid4(), based_on=first.pk)
    back = roll_back(first, by=make_user("merchandisers"), token=uuid4(), based_on=second.pk)
    night = a_night()
    make_ranking(pepper, shown=products(3), run=night.run)
    settle_nights()
    night.refresh_from_db()
    assert night.outcome == (
        f"Run {night.run_id} passes the gate and waits for somebody to publish it: "
        f"release {back.pk} rolled back what was published last."
    )
    assert Release.objects.count() == 3


def test_a_shut_gate_is_told_with_its_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    the_gate(monkeypatch, is_open=False, reasons=["Bags is worse by 4 points."])
    change_plan(**(SAID | {"publishes": True}), by=None)
    night = a_night()
    settle_nights()
    night.refresh_from_db()
    assert "Bags is worse by 4 points." in night.outcome
    told = Delivery.objects.get()
    assert (told.event, told.mail) == (Event.GATE_SHUT, "mira@shop.example")
    assert told.payload["reasons"] == ["Bags is worse by 4 points."]


def test_a_gate_that_is_being_measured_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    the_gate(monkeypatch, is_open=False, is_measured=False)
    night = a_night()
    comparison = Comparison.objects.create(run=night.run, settings={"sides": []})
    settle_nights()
    night.refresh_from_db()
    assert night.settled_at is None
    Comparison.objects.filter(pk=comparison.pk).update(state=State.FAILED)
    settle_nights()
    night.refresh_from_db()
    assert night.settled_at


@pytest.mark.parametrize(("gained", "told"), [(-0.06, True), (-0.04, False), (0.1, False)])
def test_a_fall_of_the_quality_is_told(
    monkeypatch: pytest.MonkeyPatch, gained: float, told: bool
) -> None:
    the_gate(monkeypatch)
    change_plan(**SAID, by=None)
    night = a_night()
    against = {"p@10": {"mean": gained, "pages": 12}}
    figures = {"sides": [{}, {"against_first": against}]}
    Comparison.objects.create(run=night.run, state=State.DONE, settings={}, figures=figures)
    settle_nights()
    assert events() == ([Event.SCORE_DROP] if told else [])


def test_a_fall_is_told_once_however_often_somebody_else_publishes_first(
    monkeypatch: pytest.MonkeyPatch, pepper: Category
) -> None:
    the_gate(monkeypatch)
    change_plan(**(SAID | {"publishes": True}), by=None)
    night = a_night()
    assert night.run
    make_ranking(pepper, shown=products(3), run=night.run)
    figures = {"sides": [{}, {"against_first": {"p@10": {"mean": -0.06, "pages": 12}}}]}
    Comparison.objects.create(run=night.run, state=State.DONE, settings={}, figures=figures)
    with monkeypatch.context() as busy:
        busy.setattr("ranking.actions.nights.newest_release", lambda: Release(pk=77))
        settle_nights()
        settle_nights()
    assert events() == []  # the night is not over yet
    settle_nights()
    settle_nights()
    assert sorted(events()) == [Event.SCORE_DROP]


def test_a_night_that_cannot_be_settled_does_not_keep_runs_from_being_rung_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> None:
        raise ValueError("figures of another version")

    rung: list[int] = []
    monkeypatch.setattr("ranking.tasks.settle_nights", broken)
    monkeypatch.setattr("ranking.tasks.ring", rung.append)
    monkeypatch.setattr("ranking.tasks._letters_wait", lambda _: False)
    waiting = make_run(State.WAITING)
    sweep()
    assert rung == [waiting.pk]


# The plan


def test_a_plan_is_off_until_somebody_switches_it_on() -> None:
    plan = night_plan()
    assert not plan.task.enabled
    assert not plan.publishes
    assert night_plan() == plan


def test_the_hour_is_the_beat_s(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Paris"
    change_plan(**SAID, by=make_user())
    task = PeriodicTask.objects.get(name="night")
    assert (task.crontab.hour, task.crontab.minute, task.enabled) == ("3", "30", True)
    assert str(task.crontab.timezone) == "Europe/Paris"
    assert task.task == "ranking.tasks.begin_night"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"mails": ["mira"]}, "mira is no mail address"),
        ({"bound": 2.0}, "between 0 and 100"),
        ({"hour": 24}, "between 0:00 and 23:59"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(PlanRefused, match=why):
        change_plan(**(SAID | wrong), by=None)


def test_a_merchandiser_says_when_nights_begin(merchandiser: Client) -> None:
    merchandiser.post("/nights/change/", FORM)
    plan = night_plan()
    assert (plan.bound, plan.drop) == (0.02, 0.05)
    assert plan.mails == ["mira@shop.example", "leo@shop.example"]
    assert not plan.publishes
    page = text_of(merchandiser, "/nights/")
    assert 'value="03:30"' in page
    assert "in the time zone UTC" in page


def test_a_wrong_address_is_told_beside_the_form(merchandiser: Client) -> None:
    response = merchandiser.post("/nights/change/", FORM | {"mails": "mira"})
    assert response.status_code == 422
    assert "mira is no mail address." in response.content.decode()
    assert not PeriodicTask.objects.filter(enabled=True, name="night").exists()


def test_taxonomists_see_the_nights_and_do_not_change_them(client: Client) -> None:
    night = a_night()
    Night.objects.filter(pk=night.pk).update(outcome="All well.", settled_at=timezone.now())
    client.force_login(make_user("taxonomists"))
    page = text_of(client, "/nights/")
    assert "All well." in page
    assert "Save the plan" not in page
    assert client.post("/nights/change/", FORM).status_code == 403


def test_programs_read_and_change_the_plan(merchandiser: Client) -> None:
    read = merchandiser.get("/api/nights/plan").json()
    assert (read["hour"], read["on"]) == (2, False)
    sent = merchandiser.put("/api/nights/plan", SAID, content_type="application/json")
    assert sent.json() == SAID
    wrong = merchandiser.put(
        "/api/nights/plan", SAID | {"hour": 30}, content_type="application/json"
    )
    assert wrong.status_code == 400


def test_programs_read_how_nights_came_out(merchandiser: Client) -> None:
    night = a_night()
    (line,) = merchandiser.get("/api/nights").json()["results"]
    assert (line["day"], line["run"]) == ("2026-11-20", night.run_id)
