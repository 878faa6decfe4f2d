"""Tokens: programs do with one what its person may, until it ends."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from seestocks.models import TokenName
from seestocks.tokens import new_token
from tests.factories import make_category, make_judgment, make_product, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
JUDGMENTS = "/api/judgments/"


def with_token(secret: str) -> Client:
    return Client(enforce_csrf_checks=True, headers={"Authorization": f"Token {secret}"})


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_token_is_made_on_screen_and_shown_once() -> None:
    client = signed_in(make_user("annotators"))
    page = client.post(reverse("make_token"), {"name": "notebook"})
    found = re.search(r'value="([0-9a-f]{64})"', page.content.decode())
    assert found
    secret = found[1]
    assert page.status_code == 201
    assert "no-store" in page["Cache-Control"]
    text = client.get(reverse("tokens")).content.decode()
    assert secret not in text
    assert "notebook" in text
    assert f"begins with {secret[:8]}" in text
    assert not AuthToken.objects.filter(digest=secret).exists()
    assert with_token(secret).get(JUDGMENTS).status_code == 200


def test_a_token_may_what_its_person_may_and_nothing_more() -> None:
    annotator, lead = make_user("annotators"), make_user("leads")
    export = reverse("api_judgments_file")
    assert with_token(new_token(annotator, "a")).get(export).status_code == 403
    assert with_token(new_token(lead, "b")).get(export).status_code == 200
    assert with_token(new_token(make_user(None), "c")).get(JUDGMENTS).status_code == 403


def test_what_a_token_writes_needs_no_cookie_and_a_session_still_needs_its_own() -> None:
    user, page, product = make_user("annotators"), make_category(), make_product()
    said = {
        "token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a90",
        "page": page.pk,
        "product": product.pk,
        "grade": 3,
    }
    program = with_token(new_token(user, "a"))
    assert program.post(JUDGMENTS, said, content_type="application/json").status_code == 201
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    assert browser.post(JUDGMENTS, said, content_type="application/json").status_code == 403


@pytest.mark.parametrize("sent", ["x", "0" * 64, "", "a b", "é", "0" * 10_000])
def test_what_is_no_token_is_401_with_a_session_too(sent: str) -> None:
    client = signed_in(make_user("leads"))
    response = client.get(JUDGMENTS, headers={"Authorization": f"Token {sent}"})
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Token"
    assert response.json()["detail"]


def test_bytes_that_are_no_text_are_no_token() -> None:
    response = Client().get(JUDGMENTS, headers={"Authorization": "Token \xff\xfe"})
    assert response.status_code == 401


def test_a_revoked_token_is_401_at_once_and_only_ones_own_can_be_revoked() -> None:
    user, other = make_user("annotators"), make_user("leads")
    secret = new_token(user, "lost laptop")
    address = reverse("revoke_token", args=(secret[:15],))
    signed_in(other).post(address)
    assert with_token(secret).get(JUDGMENTS).status_code == 200
    client = signed_in(user)
    text = client.post(address, follow=True).content.decode()
    assert "no program can use it any more" in text
    assert with_token(secret).get(JUDGMENTS).status_code == 401
    assert client.post(address).status_code == 302
    assert not TokenName.objects.exists()


def test_an_expired_token_and_one_of_a_person_who_left_are_401() -> None:
    user = make_user("annotators")
    secret = new_token(user, "a")
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert "expired" in signed_in(user).get(reverse("tokens")).content.decode()
    assert with_token(secret).get(JUDGMENTS).status_code == 401
    secret = new_token(user, "b")
    User.objects.update(is_active=False)
    assert with_token(secret).get(JUDGMENTS).status_code == 401


def test_a_token_lasts_ninety_days_and_outlives_signing_out() -> None:
    user = make_user("annotators")
    secret = new_token(user, "a")
    left = AuthToken.objects.get().expiry - timezone.now()
    assert timedelta(days=89, hours=23) < left <= timedelta(days=90)
    signed_in(user).post(reverse("sign_out"))
    assert with_token(secret).get(JUDGMENTS).status_code == 200


def test_nobody_has_more_than_ten_and_expired_ones_make_room() -> None:
    user = make_user("annotators")
    client = signed_in(user)
    for number in range(10):
        new_token(user, f"program {number}")
    page = client.post(reverse("make_token"), {"name": "one more"}, follow=True)
    assert "You have 10 tokens, which is the limit" in page.content.decode()
    assert AuthToken.objects.count() == 10
    oldest = AuthToken.objects.order_by("created")[:1]
    AuthToken.objects.filter(pk__in=list(oldest.values_list("pk", flat=True))).update(
        expiry=timezone.now()
    )
    assert client.post(reverse("make_token"), {"name": "one more"}).status_code == 201
    assert AuthToken.objects.count() == 10


@pytest.mark.parametrize("name", ["", "  ", "n" * 101])
def test_a_token_without_a_name_is_not_made(name: str) -> None:
    page = signed_in(make_user()).post(reverse("make_token"), {"name": name}, follow=True)
    assert "Say in at most 100 characters" in page.content.decode()
    assert not AuthToken.objects.exists()


def test_the_menu_leads_to_ones_tokens(client: Client) -> None:
    make_judgment(make_category(), make_product(), 3)
    client.force_login(make_user("annotators"))
    assert f'href="{reverse("tokens")}"' in client.get("/").content.decode()
