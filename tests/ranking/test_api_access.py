"""Who may use the JSON addresses, and how."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from ranking.models import Run
from taxonomy.models import Category
from tests.factories import make_user
from tests.ranking.programs import JSON, PAGES, RUNS, body_of, candidates_of, post, read
from tests.ranking.rankings import make_run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ranking.actions.runs.ring", lambda _: None)


def test_strangers_are_told_to_sign_in_and_the_wrong_role_is_refused(pepper: Category) -> None:
    run = make_run("running")
    for method, address in (
        ("get", RUNS), ("post", RUNS), ("get", f"{RUNS}/{run.pk}"),
        ("post", f"{RUNS}/{run.pk}/cancel"), ("post", f"{RUNS}/{run.pk}/resume"),
        ("get", PAGES), ("get", candidates_of(pepper)),
    ):  # fmt: skip
        stranger, annotator = Client(), Client()
        annotator.force_login(make_user("annotators"))
        told = body_of(getattr(stranger, method)(address), 401)
        assert told == {"detail": "Authentication credentials were not provided."}
        told = body_of(getattr(annotator, method)(address), 403)
        assert told == {"detail": "Your role does not include this."}
    assert list(Run.objects.values_list("id", "state")) == [(run.pk, "running")]


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [
        ("view_run", {"read"}),
        ("add_run", {"start", "resume"}),
        ("cancel_run", {"cancel"}),
    ],
)
def test_each_permission_opens_what_it_opens_on_the_pages(
    pepper: Category, permission: str, allowed: set[str]
) -> None:
    person, client = make_user(), Client()
    person.user_permissions.add(Permission.objects.get(codename=permission))
    client.force_login(person)
    run = make_run("running")
    answers = {
        "read": client.get(RUNS),
        "start": client.post(RUNS, content_type=JSON),
        "cancel": client.post(f"{RUNS}/{run.pk}/cancel"),
        "resume": client.post(f"{RUNS}/{run.pk}/resume"),
    }
    assert {name for name, answer in answers.items() if answer.status_code != 403} == allowed


def test_writing_takes_the_token_against_forged_requests(pepper: Category) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("merchandisers"))
    refused = post(client, RUNS, status=403)
    assert refused["detail"].startswith("CSRF Failed")
    assert not Run.objects.exists()
    client.get(reverse("runs"))  # as a browser gets it, with a form
    token = client.cookies["csrftoken"].value
    body_of(client.post(RUNS, {}, JSON, headers={"X-CSRFToken": token}), 201)


def test_a_program_that_runs_wild_is_told_to_wait(merchandiser: Client, pepper: Category) -> None:
    for _ in range(60):
        post(merchandiser, f"{RUNS}/99/cancel", status=404)
    response = merchandiser.post(RUNS, content_type=JSON)
    assert "throttled" in body_of(response, 429)["detail"]
    assert int(response["Retry-After"]) > 0
    assert not Run.objects.exists()
    read(merchandiser, RUNS)
    colleague = Client()
    colleague.force_login(make_user("merchandisers"))
    post(colleague, RUNS, status=201)


def test_a_browser_and_a_curious_program_get_json_and_nothing_else(merchandiser: Client) -> None:
    wants_pages = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    assert merchandiser.get(RUNS, headers=wants_pages)["Content-Type"] == JSON
    assert body_of(merchandiser.options(RUNS), 405)
    assert body_of(merchandiser.delete(RUNS), 405)
    assert read(merchandiser, f"{RUNS}?format=api", 404)
