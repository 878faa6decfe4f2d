"""What people see of publishing, and do: the page of the shop, releases, JSON, commands."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from ranking.models import Comparison, PageRun, Release, Run
from taxonomy.models import Category
from tests.commands import run as run_command
from tests.factories import make_user
from tests.ranking.conftest import HTMX, products, text_of
from tests.ranking.rankings import make_page_run
from tests.ranking.releases import back_to, ids, make_found, newest, publish, shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def through(open_gate: None) -> None:
    """Let runs through the gate."""


def form(**said: object) -> dict[str, Any]:
    return {"token": str(uuid.uuid4()), "based_on": newest() or "", **said}


def publish_by_form(client: Client, run: Run, **said: object) -> Any:
    return client.post(f"/releases/run/{run.pk}/publish/", form(**said))


# The page of the shop


def test_before_anything_is_published_the_page_says_what_to_do(
    merchandiser: Client, pepper: Category
) -> None:
    assert "Nothing has been published yet" in text_of(merchandiser, "/releases/")
    run = make_found({pepper: products(2)})
    shown = text_of(merchandiser, "/releases/")
    assert f"Publish run {run.pk}" in shown
    assert "the gate is open" in shown


def test_publishing_by_the_form_shows_the_run_and_says_how_much_changed(
    merchandiser: Client, pepper: Category
) -> None:
    found = products(2)
    run = make_found({pepper: found})
    response = publish_by_form(merchandiser, run, note="The first one.")
    release = Release.objects.get()
    assert response.url == f"/releases/{release.pk}/"
    assert shop(pepper) == ids(found)
    shown = text_of(merchandiser, response.url)
    assert "1 of 1 pages show something else" in shown
    assert "The first one." in shown
    assert "first time" in shown


@pytest.mark.usefixtures("through")
def test_the_timeline_tells_what_was_published_by_whom_and_why(
    merchandiser: Client, pepper: Category
) -> None:
    mira = make_user("merchandisers", username="mira")
    a, b = products(2)
    publish(make_found({pepper: [a]}), by=mira, note="first")
    publish(make_found({pepper: [b]}), note="second")
    shown = text_of(merchandiser, "/releases/")
    assert shown.index("second") < shown.index("first")
    assert "mira" in shown
    assert shown.count("shown now") == 1


def test_a_shut_gate_says_why_and_offers_to_publish_against_it_with_a_note(
    merchandiser: Client, pepper: Category, shut_gate: None
) -> None:
    run = make_found({pepper: products(1)})
    shown = text_of(merchandiser, f"/releases/run/{run.pk}/")
    assert "the gate is shut" in shown
    assert "Mills is worse." in shown
    assert "Publish against the gate" in shown

    assert publish_by_form(merchandiser, run).status_code == 409
    refused = publish_by_form(merchandiser, run, against_gate="1")
    assert refused.status_code == 422
    assert "says why" in refused.content.decode()
    assert publish_by_form(merchandiser, run, against_gate="1", note="It is.").status_code == 302
    assert "against the gate" in text_of(merchandiser, f"/releases/{newest()}/")


def test_a_gate_that_is_being_measured_asks_again_by_itself(
    merchandiser: Client, pepper: Category
) -> None:
    publish(make_found({pepper: products(1)}))
    run = make_found({pepper: products(2)})
    comparison = Comparison.objects.create(run=run, state="running")
    address = f"/releases/run/{run.pk}/"
    part = text_of(merchandiser, address, **HTMX)
    assert f'hx-get="{address}"' in part
    assert "being measured" in part
    assert "<html" not in part
    Comparison.objects.filter(pk=comparison.pk).update(state="failed")
    assert "hx-get" not in text_of(merchandiser, address, **HTMX)


@pytest.mark.usefixtures("through")
def test_who_was_slower_is_told_who_published_and_may_publish_over_it(
    merchandiser: Client, pepper: Category
) -> None:
    a, b = products(2)
    late = make_found({pepper: [b]})
    stale_form = form()
    mira = make_user("merchandisers", username="mira")
    publish(make_found({pepper: [a]}), by=mira)
    response = merchandiser.post(f"/releases/run/{late.pk}/publish/", stale_form)
    assert response.status_code == 409
    told = response.content.decode()
    assert "mira" in told
    assert "Theirs stands" in told
    assert f'name="based_on" value="{newest()}"' in told
    assert publish_by_form(merchandiser, late).status_code == 302
    assert shop(pepper) == ids([b])


def test_a_run_that_is_at_work_cannot_be_published_by_the_form(
    merchandiser: Client, pepper: Category
) -> None:
    run = make_found({pepper: products(1)}, state="running")
    assert "<button" not in text_of(merchandiser, f"/releases/run/{run.pk}/", **HTMX)
    response = publish_by_form(merchandiser, run)
    assert response.status_code == 409
    assert "still at work" in response.content.decode()


@pytest.mark.usefixtures("through")
def test_pages_that_keep_what_they_showed_are_named_with_the_reason(
    merchandiser: Client, pepper: Category
) -> None:
    salt = Category.objects.create(id=8, name="Salt", path="Salt", lineage="/8/", is_page=True)
    a, b = products(2)
    publish(make_found({pepper: [a], salt: [a]}))
    run = make_found({salt: [b]})
    make_page_run(pepper, run, state="failed")
    release = publish(run)
    shown = text_of(merchandiser, f"/releases/{release.pk}/")
    assert "1 could not be ranked and keep what they showed" in shown
    assert "Pepper" in shown


@pytest.mark.usefixtures("through")
def test_one_click_rolls_back_and_says_so(merchandiser: Client, pepper: Category) -> None:
    a, b = products(2)
    first = publish(make_found({pepper: [a]}))
    publish(make_found({pepper: [b]}))
    assert f"/releases/{first.pk}/roll-back/" in text_of(merchandiser, "/releases/")
    response = merchandiser.post(f"/releases/{first.pk}/roll-back/", form(note="wrong"))
    assert shop(pepper) == ids([a])
    shown = text_of(merchandiser, response["Location"])
    assert f'Rolled back to <a href="/releases/{first.pk}/">release {first.pk}</a>' in shown
    assert "wrong" in shown


@pytest.mark.usefixtures("through")
def test_a_run_that_was_rolled_back_is_offered_again_with_who_did_it_and_why(
    merchandiser: Client, pepper: Category
) -> None:
    a, b = products(2)
    first = publish(make_found({pepper: [a]}))
    run = make_found({pepper: [b]})
    publish(run)
    mira = make_user("merchandisers", username="mira")
    back_to(first, by=mira, note="too many mills")
    shown = text_of(merchandiser, "/releases/")
    assert f">Run {run.pk}</a> was rolled back" in shown
    assert "mira took it back" in shown
    assert "“too many mills”" in shown
    assert f"Publish run {run.pk} again" in shown
    assert "it was rolled back" in text_of(merchandiser, "/")
    with pytest.raises(CommandError, match="name it to publish it again"):
        call_command("publish")
    assert publish_by_form(merchandiser, run).status_code == 302
    assert shop(pepper) == ids([b])
    assert "took it back" not in text_of(merchandiser, "/releases/")


@pytest.mark.usefixtures("through")
def test_rolling_back_over_something_newer_tells_who_was_faster(
    merchandiser: Client, pepper: Category
) -> None:
    a, b, c = products(3)
    first = publish(make_found({pepper: [a]}))
    publish(make_found({pepper: [b]}))
    stale_form = form()
    publish(make_found({pepper: [c]}))
    response = merchandiser.post(f"/releases/{first.pk}/roll-back/", stale_form)
    assert response.status_code == 409
    assert "nothing was rolled back" in response.content.decode()
    assert shop(pepper) == ids([c])


def test_taxonomists_see_the_shop_and_have_no_buttons(client: Client, pepper: Category) -> None:
    make_found({pepper: products(1)})
    client.force_login(make_user("taxonomists"))
    shown = text_of(client, "/releases/")
    assert "Waits to be published" in shown
    assert "/publish/" not in shown


@pytest.mark.parametrize("broken", [{"token": "x"}, {"based_on": "x"}])
def test_a_broken_form_is_a_bad_request(
    merchandiser: Client, pepper: Category, broken: dict[str, str]
) -> None:
    run = make_found({pepper: products(1)})
    assert publish_by_form(merchandiser, run, **broken).status_code == 400


# JSON


def post(client: Client, address: str, said: dict[str, Any]) -> Any:
    return client.post(address, said, content_type="application/json")


def to_publish(run: Run, **said: Any) -> dict[str, Any]:
    return {"run": run.pk, "token": str(uuid.uuid4()), "based_on": newest(), **said}


@pytest.mark.usefixtures("through")
def test_a_program_publishes_looks_and_rolls_back(merchandiser: Client, pepper: Category) -> None:
    a, b = products(2)
    first = publish(make_found({pepper: [a]}))
    run = make_found({pepper: [b]})
    assert merchandiser.get(f"/api/runs/{run.pk}/gate").json()["is_open"]

    said = to_publish(run, note="by a program")
    made = post(merchandiser, "/api/releases", said)
    assert made.status_code == 201
    assert made.json()["note"] == "by a program"
    assert post(merchandiser, "/api/releases", said).status_code == 200  # the same, again
    pages = merchandiser.get(f"{made['Location']}/pages").json()["results"]
    assert [(one["page"], one["overlap"], one["run"]) for one in pages] == [(pepper.pk, 0, run.pk)]

    back = {"token": str(uuid.uuid4()), "based_on": newest()}
    undone = post(merchandiser, f"/api/releases/{first.pk}/roll-back", back)
    assert undone.status_code == 201
    assert undone.json()["back_to"] == first.pk
    assert shop(pepper) == ids([a])
    listed = merchandiser.get("/api/releases").json()["results"]
    assert [one["cause"] for one in listed] == ["roll back", "run", "run"]


def test_a_program_is_told_why_the_gate_is_shut(
    merchandiser: Client, pepper: Category, shut_gate: None
) -> None:
    run = make_found({pepper: products(1)})
    refused = post(merchandiser, "/api/releases", to_publish(run))
    assert refused.status_code == 409
    assert refused.json()["reasons"] == ["Mills is worse."]
    against = to_publish(run, against_gate=True)
    assert post(merchandiser, "/api/releases", against).status_code == 409  # a note is missing
    assert post(merchandiser, "/api/releases", against | {"note": "It is."}).status_code == 201


@pytest.mark.usefixtures("through")
def test_a_program_that_was_slower_is_told_what_was_published(
    merchandiser: Client, pepper: Category
) -> None:
    a, b = products(2)
    said = to_publish(make_found({pepper: [b]}))
    first = publish(make_found({pepper: [a]}))
    refused = post(merchandiser, "/api/releases", said)
    assert refused.status_code == 409
    assert refused.json()["newest"]["id"] == first.pk


@pytest.mark.parametrize("said", [{}, {"run": "x"}, {"run": 1, "tokn": 1}, []])
def test_what_a_program_misspells_is_refused(merchandiser: Client, said: Any) -> None:
    assert post(merchandiser, "/api/releases", said).status_code == 400


# Commands


@pytest.mark.usefixtures("through")
def test_commands_publish_what_waits_and_roll_it_back(pepper: Category) -> None:
    a, b = products(2)
    make_found({pepper: [a]})
    first = run_command("publish").figures
    assert (first["pages"], first["changed"]) == (1, 1)
    with pytest.raises(CommandError, match="No run waits"):
        run_command("publish")
    second = make_found({pepper: [b]})
    assert run_command("publish", second.pk, "--note", "newer").figures["run"] == second.pk
    assert run_command("roll_back").figures["back_to"] == first["release"]
    assert shop(pepper) == ids([a])


def test_a_command_does_not_publish_through_a_shut_gate_without_a_note(
    pepper: Category, shut_gate: None
) -> None:
    make_found({pepper: products(1)})
    with pytest.raises(CommandError, match="Mills is worse"):
        call_command("publish")
    with pytest.raises(CommandError, match="says why"):
        call_command("publish", against_gate=True)
    assert run_command("publish", "--against-gate", "--note", "It is.").figures["changed"] == 1


def test_a_command_names_runs_and_releases_that_are_not_there() -> None:
    for name in ("publish", "roll_back"):
        with pytest.raises(CommandError, match="99"):
            call_command(name, 99)
    with pytest.raises(CommandError, match="Nothing was published before"):
        call_command("roll_back")
    assert not PageRun.objects.exists()


@pytest.mark.usefixtures("through")
def test_a_run_can_be_published_as_soon_as_it_is_done(pepper: Category) -> None:
    run = make_found({pepper: products(2)})
    figures = run_command("rank", "--resume", run.pk, "--publish", "--here").figures
    assert figures["published"]["release"] == newest()
    assert figures["published"]["changed"] == 1


@pytest.mark.usefixtures("through")
def test_of_a_run_that_failed_nothing_is_published(pepper: Category) -> None:
    run = make_found({pepper: products(1)}, state="cancelled")
    with pytest.raises(CommandError, match="cannot be read"):
        run_command("rank", "--resume", run.pk, "--publish", "--here")
    assert newest() is None
