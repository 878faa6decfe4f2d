"""What people read when something is missing, refused or broken."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import (
    BadRequest,
    DisallowedHost,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import JsonResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from seestocks.faults import bad_request
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_wrong_address_is_a_plain_sentence() -> None:
    response = Client().get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_what_a_role_may_not_do_is_a_plain_sentence(client: Client) -> None:
    client.force_login(make_user("annotators"))
    response = client.get(reverse("runs"))
    assert response.status_code == 403
    assert "Your role does not include this page." in response.content.decode()


def test_a_request_that_makes_no_sense_is_a_plain_sentence(client: Client) -> None:
    client.force_login(make_user("annotators"))
    response = client.get(f"{reverse('tree')}?open=pepper")
    assert response.status_code == 400
    assert "That did not make sense" in response.content.decode()


def test_our_own_mistakes_are_told_without_their_insides(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr("taxonomy.queries.tree_figures", broken)
    client.force_login(make_user("taxonomists"))
    client.raise_request_exception = False
    response = client.get(reverse("home"))
    assert response.status_code == 500
    assert "Something broke" in response.content.decode()
    assert "secret" not in response.content.decode()


@pytest.mark.parametrize("address", ["/", "/sign-in/", "/nowhere/"])
def test_every_answer_forbids_what_our_pages_do_not_need(client: Client, address: str) -> None:
    policy = client.get(address)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.rows
def test_an_address_with_a_nul_in_its_query_is_refused_on_every_database(client: Client) -> None:
    client.force_login(make_user("merchandisers"))
    assert client.get("/runs/?page=%00").status_code == 400
    assert client.get("/tree/?q=pepper%00").status_code == 400


@pytest.mark.rows
def test_a_form_with_a_nul_is_refused_on_every_database(client: Client) -> None:
    client.force_login(make_user("leads"))
    assert client.post("/guidelines/all/draft/", {"q": "pepper\0"}).status_code == 400
    assert client.post("/tokens/make/", {"name": "a\0b"}).status_code == 400


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (BadRequest("A whole number is missing."), "A whole number is missing."),
        (RequestDataTooBig(), "More was sent than is read at once."),
        (DisallowedHost("evil.example"), "ALLOWED_HOSTS"),
        (SuspiciousOperation("of the inside"), "This request cannot be read."),
    ],
)
def test_programs_are_told_why_a_request_is_bad(
    rf: RequestFactory, fault: Exception, sentence: str
) -> None:
    answer = bad_request(rf.get("/api/runs"), fault)
    assert answer.status_code == 400
    assert isinstance(answer, JsonResponse)
    assert sentence in json.loads(answer.content)["detail"]
    assert b"of the inside" not in answer.content


def test_an_address_of_programs_with_a_nul_is_refused_in_a_sentence(client: Client) -> None:
    told = client.get("/api/published?limit=%00")
    assert told.status_code == 400
    assert told.json() == {"detail": "The address has a character that no text has."}
