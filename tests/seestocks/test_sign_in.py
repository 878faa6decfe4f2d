"""Signing in and out, and what strangers may try."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def sign_in(client: Client, name: str, password: str, **extra: str) -> int:
    form = {"username": name, "password": password}
    return client.post(reverse("sign_in"), form, **extra).status_code  # type: ignore[arg-type]  # the stubs want the keywords by name


def test_a_person_signs_in_and_lands_where_they_wanted_to_go(client: Client) -> None:
    make_user("taxonomists", username="marta")
    form = {"username": "marta", "password": PASSWORD, "next": reverse("imports")}
    response = client.post(reverse("sign_in"), form)
    assert response["Location"] == reverse("imports")


def test_nobody_is_sent_to_another_site(client: Client) -> None:
    make_user(username="marta")
    form = {"username": "marta", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post(reverse("sign_in"), form)["Location"] == reverse("home")


def test_a_wrong_password_is_told_without_saying_whether_the_name_exists(client: Client) -> None:
    make_user(username="marta")
    answers = {
        client.post(reverse("sign_in"), {"username": name, "password": "no"}).content.decode()
        .replace(name, "")
        for name in ("marta", "nobody")
    }  # fmt: skip
    without_tokens = {page.split("</nav>")[-1].split('name="username"')[1] for page in answers}
    assert len(without_tokens) == 1
    assert "do not go together" in answers.pop()


def test_five_wrong_passwords_close_the_door_for_that_name_alone(client: Client) -> None:
    make_user(username="marta")
    make_user(username="mike")
    assert [sign_in(client, "marta", "no") for _ in range(5)] == [422] * 5
    response = client.post(reverse("sign_in"), {"username": "Marta", "password": PASSWORD})
    assert response.status_code == 429
    assert "Wait five minutes" in response.content.decode()
    assert sign_in(client, "marta", PASSWORD, REMOTE_ADDR="10.0.0.9") == 302
    assert sign_in(Client(), "mike", PASSWORD) == 302


def test_many_names_from_one_address_are_stopped_too(client: Client) -> None:
    statuses = [sign_in(client, f"guess-{number}", "no") for number in range(51)]
    assert statuses[49] == 422
    assert statuses[50] == 429


def test_signing_out_needs_a_form_and_ends_the_session(client: Client) -> None:
    client.force_login(make_user())
    assert client.get(reverse("sign_out")).status_code == 405
    client.post(reverse("sign_out"))
    assert client.get(reverse("home"))["Location"].startswith(reverse("sign_in"))


def test_the_page_prints_no_password_and_loads_no_script(client: Client) -> None:
    page = client.get(reverse("sign_in")).content.decode()
    assert PASSWORD not in page
    assert "<script" not in page
