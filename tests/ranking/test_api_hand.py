"""Rules by hand through programs: as on the pages."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ranking.models import HandRule
from taxonomy.models import Category, Product
from tests.factories import make_product, make_user
from tests.ranking.conftest import products
from tests.ranking.programs import post, read
from tests.ranking.published import publish

pytestmark = pytest.mark.django_db
RULES = "/api/pages/7/hand-rules"


@pytest.fixture
def shown(pepper: Category) -> list[Product]:
    made = products(3)
    publish(pepper, made)
    return made


def pin(product: Product, **said: Any) -> dict[str, Any]:
    asked = {"token": str(uuid.uuid4()), "based_on": None, "product": product.pk}
    return asked | {"kind": "pin", "place": 1} | said


def test_a_rule_is_drafted_once_however_often_it_is_sent(
    merchandiser: Client, shown: list[Product]
) -> None:
    asked = pin(shown[2], note="For the fair")
    made = post(merchandiser, RULES, asked, 201)
    assert post(merchandiser, RULES, asked) == made
    assert (made["state"], made["kind"], made["place"]) == ("draft", "pin", 1)
    assert read(merchandiser, RULES)["results"] == [made]
    assert read(merchandiser, f"/api/hand-rules/{made['id']}") == made | {"check": None}


def test_who_is_late_is_told_of_the_other_draft(merchandiser: Client, shown: list[Product]) -> None:
    made = post(merchandiser, RULES, pin(shown[2]), 201)
    late = post(merchandiser, RULES, pin(shown[2], place=3), 409)
    assert late["newest"] == made


@pytest.mark.parametrize(
    "wrong",
    [
        {"place": None},
        {"kind": "glue"},
        {"kind": "boost"},
        {"place": 0},
        {"until": "2020-01-01T00:00:00Z"},
        {"plaec": 3},
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    merchandiser: Client, shown: list[Product], wrong: dict[str, Any]
) -> None:
    told = post(merchandiser, RULES, pin(shown[0]) | wrong, 400)
    assert told["detail"].endswith(".")
    assert not HandRule.objects.exists()


def test_a_draft_is_seen_published_and_ended(merchandiser: Client, shown: list[Product]) -> None:
    made = post(merchandiser, RULES, pin(shown[2]), 201)
    seen = read(merchandiser, "/api/pages/7/draft")
    assert [line["product"] for line in seen["live"]] == [one.pk for one in shown]
    first = seen["draft"][0]
    assert (first["product"], first["machine_place"]) == (shown[2].pk, 3)
    assert (first["rule"], first["said"]) == (made["id"], "Pinned to 1.")
    assert seen["moved"] == 3
    done = post(merchandiser, "/api/pages/7/draft/publish", {"rules": [made["id"]]})
    assert done["rules"][0]["state"] == "live"
    assert done["release"]
    ended = post(merchandiser, f"/api/hand-rules/{made['id']}/end")
    assert ended["release"] > done["release"]
    assert post(merchandiser, f"/api/hand-rules/{made['id']}/end")["release"] is None


def test_what_is_no_draft_any_more_is_a_conflict(
    merchandiser: Client, shown: list[Product]
) -> None:
    made = post(merchandiser, RULES, pin(shown[2]), 201)
    post(merchandiser, f"/api/hand-rules/{made['id']}/end", status=409)
    post(merchandiser, f"/api/hand-rules/{made['id']}/discard")
    told = post(merchandiser, "/api/pages/7/draft/publish", {"rules": [made["id"]]}, 409)
    assert "changed the drafts meanwhile" in told["detail"]


def test_wrong_here_drafts_a_hide_that_others_check(
    merchandiser: Client, shown: list[Product]
) -> None:
    asked = {"token": str(uuid.uuid4()), "product": shown[0].pk}
    made = post(merchandiser, "/api/pages/7/wrong-here", asked, 201)
    assert made["kind"] == "hide"
    assert post(merchandiser, "/api/pages/7/wrong-here", asked) == made
    other = asked | {"token": str(uuid.uuid4())}
    assert post(merchandiser, "/api/pages/7/wrong-here", other) == made
    check = read(merchandiser, f"/api/hand-rules/{made['id']}")["check"]
    assert check == {"grades": [], "waiting": 2, "contradicts": False}


def test_rules_are_listed_by_state(merchandiser: Client, shown: list[Product]) -> None:
    made = post(merchandiser, RULES, pin(shown[2]), 201)
    post(merchandiser, f"/api/hand-rules/{made['id']}/discard")
    assert read(merchandiser, RULES)["count"] == 0
    assert read(merchandiser, f"{RULES}?state=discarded")["count"] == 1
    assert "one of draft, live" in read(merchandiser, f"{RULES}?state=gone", 400)["detail"]


def test_all_rules_of_a_page_are_told_by_origin(merchandiser: Client, shown: list[Product]) -> None:
    post(merchandiser, RULES, pin(shown[2]), 201)
    rules = read(merchandiser, "/api/pages/7/rules")
    assert rules["live"] == []
    [draft] = rules["drafts"]
    assert (draft["place"], draft["said"]) == (1, "Pinned to 1.")
    assert {one["origin"] for one in rules["asked"]} == {"the default"}


def test_taxonomists_look_and_do_not_draft(client: Client, shown: list[Product]) -> None:
    client.force_login(make_user("taxonomists"))
    assert read(client, RULES)["count"] == 0
    post(client, RULES, pin(shown[0]), 403)
    post(client, "/api/pages/7/wrong-here", {}, 403)


@pytest.mark.usefixtures("shown")
def test_what_is_not_there_is_not_found(merchandiser: Client) -> None:
    gone = make_product(unseen_since=timezone.now())
    product = pin(gone) | {"product": 10**9}
    assert post(merchandiser, RULES, product, 404)["detail"] == f"There is no product {10**9}."
    post(merchandiser, "/api/pages/8/hand-rules", pin(gone), 404)
    read(merchandiser, "/api/hand-rules/99", 404)
