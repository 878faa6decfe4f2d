"""What a shop is told of its pages: published alone, whole, and never stale."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import AuthToken
from pytest_django import Settings

from ranking.api import storefront as api_storefront
from ranking.models import Release, Shown
from taxonomy.models import Category, Retailer
from tests.factories import make_product, make_user
from tests.ranking.programs import JSON, body_of
from tests.ranking.published import publish

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def shop() -> Client:
    """A shop's own program, with its token."""
    _, secret = AuthToken.objects.create(make_user("storefronts"))
    return Client(headers={"Authorization": f"Token {secret}"})


@pytest.fixture(params=["at once", "by the view"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to an answer tell the same."""
    if request.param == "by the view":
        monkeypatch.setattr(api_storefront, "at_once", lambda _: None)


both_ways = pytest.mark.usefixtures("_either_way")


def ranking_of(page: Category, asked: str = "") -> str:
    return f"/api/pages/{page.pk}/ranking{asked}"


def warm(shop: Client, page: Category) -> Any:
    """Return the answer, which is kept from then on."""
    return shop.get(ranking_of(page))


@both_ways
def test_a_shop_is_told_what_is_published_by_position_with_facets(
    shop: Client, pepper: Category
) -> None:
    other = Retailer.objects.create(name="Other shop")
    first = make_product("Black pepper", brand="Acme")
    second = make_product("White pepper", brand="Acme", retailer=other, price="2.50")
    listing = publish(pepper, [first, second]).listing
    warm(shop, pepper)
    told = body_of(shop.get(ranking_of(pepper)), 200)
    assert (told["page"], told["count"], told["next"]) == (pepper.pk, 2, None)
    assert told["listing"] == listing.digest
    one, two = told["products"]
    assert (one["position"], one["title"], one["price"]) == (1, "Black pepper", "9.90")
    assert (two["position"], two["retailer"], two["offers"]) == (2, "Other shop", [])
    assert told["facets"]["brand"] == [{"value": "Acme", "count": 2}]
    assert [one["value"] for one in told["facets"]["retailer"]] == ["Other shop", "Shop"]
    assert sum(band["count"] for band in told["facets"]["price"]) == 2


@both_ways
def test_an_unchanged_page_costs_a_304_without_a_body(shop: Client, pepper: Category) -> None:
    publish(pepper, [make_product()])
    first = warm(shop, pepper)
    tag = first["ETag"]
    for known in (tag, f"W/{tag}", f'"another", {tag}', "*"):
        again = shop.get(ranking_of(pepper), headers={"If-None-Match": known})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
        assert again["Cache-Control"] == first["Cache-Control"] == "private, no-cache"
    changed = shop.get(ranking_of(pepper), headers={"If-None-Match": '"another"'})
    assert changed.status_code == 200


@both_ways
def test_publishing_and_rolling_back_count_from_the_next_request_on(
    shop: Client, pepper: Category
) -> None:
    salt, sugar = make_product("Salt"), make_product("Sugar")
    before = publish(pepper, [salt])
    old = warm(shop, pepper)
    publish(pepper, [sugar, salt])
    known = {"If-None-Match": old["ETag"]}
    new = shop.get(ranking_of(pepper), headers=known)
    assert [one["title"] for one in body_of(new, 200)["products"]] == ["Sugar", "Salt"]
    assert new["ETag"] != old["ETag"]
    Shown.objects.update(publication=before)
    assert shop.get(ranking_of(pepper), headers=known).status_code == 304
    assert shop.get(ranking_of(pepper)).content == old.content


@both_ways
def test_whoever_leafs_sees_each_product_once_also_while_it_is_published_anew(
    shop: Client, pepper: Category
) -> None:
    products = [make_product() for _ in range(5)]
    publish(pepper, products)
    warm(shop, pepper)
    seen, address = [], ranking_of(pepper, "?limit=2")
    while address:
        part = body_of(shop.get(address), 200)
        seen += [one["product"] for one in part["products"]]
        assert part["count"] == 5
        address = part["next"]
        publish(pepper, products[::-1])
    assert seen == [one.pk for one in products]


def test_a_listing_that_was_followed_long_ago_is_not_served(shop: Client, pepper: Category) -> None:
    gone = publish(pepper, [make_product()]).listing_id
    publish(pepper, [make_product()])
    assert shop.get(ranking_of(pepper, f"?listing={gone}")).status_code == 200
    Release.objects.update(at=timezone.now() - timedelta(minutes=16))
    told = body_of(shop.get(ranking_of(pepper, f"?listing={gone}")), 404)
    assert told == {"detail": "This listing is no longer shown: begin again without it."}
    never = body_of(shop.get(ranking_of(pepper, f"?listing={'0' * 64}")), 404)
    assert never == told


def test_a_page_that_is_withdrawn_or_switched_off_is_not_served(
    shop: Client, pepper: Category
) -> None:
    listing = publish(pepper, [make_product()]).listing_id
    warm(shop, pepper)
    Category.objects.filter(pk=pepper.pk).update(is_page=False)
    assert body_of(shop.get(ranking_of(pepper)), 404) == {"detail": "There is no page 7."}
    Category.objects.filter(pk=pepper.pk).update(is_page=True)
    Shown.objects.all().delete()
    for asked in ("", f"?listing={listing}"):
        assert shop.get(ranking_of(pepper, asked)).status_code == 404
    assert body_of(shop.get(ranking_of(pepper)), 404) == {"detail": "Page 7 is not published."}


@both_ways
@pytest.mark.parametrize(
    "asked", ["limit=0", "limit=201", "limit=two", "after=-1", "after=x", "listing=x", "limit="]
)
def test_what_cannot_be_meant_is_refused(shop: Client, pepper: Category, asked: str) -> None:
    publish(pepper, [make_product()])
    warm(shop, pepper)
    told = body_of(shop.get(ranking_of(pepper, f"?{asked}")), 400)
    assert told["detail"].startswith('"after" is a position')


@both_ways
def test_a_head_tells_of_the_answer_and_has_no_body(shop: Client, pepper: Category) -> None:
    publish(pepper, [make_product()])
    whole = warm(shop, pepper)
    head = shop.head(ranking_of(pepper))
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == whole["Content-Length"] == str(len(whole.content))
    assert head["ETag"] == whole["ETag"]


def test_strangers_are_told_to_sign_in_unless_it_is_open_to_all(
    pepper: Category, settings: Settings
) -> None:
    publish(pepper, [make_product()])
    stranger = Client()
    assert stranger.get(ranking_of(pepper)).status_code == 401
    assert Client(headers={"Authorization": f"Token {'0' * 64}"}).get(
        ranking_of(pepper)
    ).status_code == 401  # fmt: skip
    settings.SEESTOCKS_STOREFRONT = "anonymous"
    for _ in range(2):
        response = stranger.get(ranking_of(pepper))
        assert response["Cache-Control"] == "public, no-cache"
        assert body_of(response, 200)["count"] == 1
    assert stranger.get("/api/published").status_code == 200
    assert stranger.get("/api/pages").status_code == 401


def test_a_token_that_is_revoked_expired_or_of_somebody_gone_opens_nothing(
    pepper: Category,
) -> None:
    publish(pepper, [make_product()])
    a_second_ago = timezone.now() - timedelta(seconds=1)
    ends: list[Callable[[Any], object]] = [
        lambda token: token.delete(),
        lambda token: AuthToken.objects.filter(pk=token.pk).update(expiry=a_second_ago),
        lambda token: type(token.user).objects.filter(pk=token.user_id).update(is_active=False),
        lambda token: token.user.groups.clear(),
    ]
    for end in ends:
        token, secret = AuthToken.objects.create(make_user("storefronts"))
        shop = Client(headers={"Authorization": f"Token {secret}"})
        for _ in range(2):
            assert shop.get(ranking_of(pepper)).status_code == 200
        end(token)
        assert shop.get(ranking_of(pepper)).status_code in (401, 403)


def test_a_shops_program_may_do_nothing_else(shop: Client, pepper: Category) -> None:
    for address in ("/api/pages", "/api/categories", "/api/judgments/", "/api/runs"):
        assert shop.get(address).status_code == 403
    assert shop.post("/api/runs", {}, JSON).status_code == 403


def test_annotators_are_not_told_the_machines_order(pepper: Category) -> None:
    publish(pepper, [make_product()])
    _, secret = AuthToken.objects.create(make_user("annotators"))
    client = Client(headers={"Authorization": f"Token {secret}"})
    assert client.get(ranking_of(pepper)).status_code == 403


def test_a_kept_answer_takes_two_queries_and_one_when_open_to_all(
    shop: Client, pepper: Category, settings: Settings
) -> None:
    publish(pepper, [make_product()])
    warm(shop, pepper)
    with CaptureQueriesContext(connection) as asked:
        assert shop.get(ranking_of(pepper)).status_code == 200
    assert len(asked) == 2
    settings.SEESTOCKS_STOREFRONT = "anonymous"
    with CaptureQueriesContext(connection) as asked:
        assert Client().get(ranking_of(pepper)).status_code == 200
    assert len(asked) == 1


@both_ways
def test_who_asks_too_often_is_told_to_wait_and_others_are_not(
    pepper: Category, settings: Settings
) -> None:
    settings.SEESTOCKS_STOREFRONT = "anonymous"
    settings.SEESTOCKS_STOREFRONT_RATE = 3
    publish(pepper, [make_product()])
    one, other = Client(REMOTE_ADDR="10.0.0.1"), Client(REMOTE_ADDR="10.0.0.2")
    codes = [one.get(ranking_of(pepper)) for _ in range(4)]
    assert [response.status_code for response in codes] == [200, 200, 200, 429]
    assert 0 < int(codes[-1]["Retry-After"]) <= 60
    # Who says to be somebody else is still the same caller where no proxy stands before us.
    disguised = one.get(ranking_of(pepper), headers={"X-Forwarded-For": "10.9.9.9"})
    assert disguised.status_code == 429
    assert other.get(ranking_of(pepper)).status_code == 200


def test_published_pages_are_listed_with_what_they_show(shop: Client, pepper: Category) -> None:
    shown = publish(pepper, [make_product(), make_product()])
    told = body_of(shop.get("/api/published"), 200)
    [line] = told["results"]
    assert (line["page"], line["name"], line["products"]) == (pepper.pk, "Pepper", 2)
    assert line["listing"] == shown.listing_id


def test_every_listing_of_a_large_shop_stays_kept(shop: Client, pepper: Category) -> None:
    publish(pepper, [make_product()])
    warm(shop, pepper)
    for number in range(1_500):
        cache.set(f"listing:{number:064x}", ((b"{}",), b"{}"))
    with CaptureQueriesContext(connection) as asked:
        warm(shop, pepper)
    assert len(asked) == 2


@pytest.fixture(autouse=True)
def _whole_minute(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test is cut in two by the end of a minute in which requests are counted."""
    monkeypatch.setattr(api_storefront, "time", lambda: 1_000_000_020.0)
    return iter([None])


def test_the_bytes_are_plain_json(shop: Client, pepper: Category) -> None:
    publish(pepper, [make_product("Pfeffer „schwarz“, 50 g")])
    raw = warm(shop, pepper).content
    assert json.loads(raw)["products"][0]["title"] == "Pfeffer „schwarz“, 50 g"
    assert "„schwarz“".encode() in raw
