"""What people read when something is missing, refused or broken."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

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
