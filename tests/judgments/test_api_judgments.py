"""Judgments for programs: read without bias, said once, taken along as a file."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from judgments.models import Annotator, Guideline, GuidelineRevision, Judgment
from taxonomy.models import Category, Product
from tests.factories import (
    make_campaign,
    make_category,
    make_item,
    make_judgment,
    make_product,
    make_user,
)
from tests.judgments.judging import Tab

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
ADDRESS = "/api/judgments/"


def client_of(role: str, name: str = "ana") -> Client:
    client = Client()
    client.force_login(make_user(role, username=name))
    return client


def word(page: Category, product: Product, grade: int = 3, **more: Any) -> dict[str, Any]:
    said = {"token": str(uuid.uuid4()), "page": page.pk, "product": product.pk, "grade": grade}
    return said | more


def said(client: Client, body: Any) -> Any:
    return client.post(ADDRESS, body, content_type="application/json")


def test_what_one_says_is_kept_once_with_what_it_was_based_on() -> None:
    page, elsewhere, product = make_category(), make_category(), make_product()
    revision = GuidelineRevision.objects.create(
        guideline=Guideline.objects.create(category=page), number=1, text="Whole.", state="live"
    )
    client = client_of("annotators")
    body = word(page, product, 1, belongs_to=elsewhere.pk, seconds=2.5)
    first = said(client, body)
    assert first.status_code == 201
    again = said(client, body | {"grade": 3})
    assert again.status_code == 200
    assert again.json() == first.json()
    judgment = Judgment.objects.get()
    assert (judgment.grade, judgment.belongs_to, judgment.seconds) == (1, elsewhere, 2.5)
    assert (judgment.guideline, judgment.revisions_until) == (revision, 0)
    assert (judgment.annotator.user.username, judgment.source) == ("ana", "annotator")  # type: ignore[union-attr]  # it has one


@pytest.mark.parametrize("role", ["merchandisers", "leads"])
def test_the_word_of_who_sees_rankings_or_grades_is_not_taken_for_a_blind_one(role: str) -> None:
    page, product = make_category(), make_product()
    assert said(client_of(role), word(page, product)).status_code == 201
    assert Judgment.objects.get().source == "merchandiser"


def test_many_are_kept_in_one_request_or_none() -> None:
    page, products = make_category(), [make_product() for _ in range(3)]
    client = client_of("annotators")
    answer = said(client, [word(page, product) for product in products])
    assert [row["product"] for row in answer.json()] == [product.pk for product in products]
    bad = word(page, products[0]) | {"product": 10**9}
    refused = said(client, [word(page, products[0]), bad])
    assert refused.status_code == 400
    assert refused.json()["detail"] == f"There is no product {10**9}."
    assert Judgment.objects.count() == 3


def test_queries_do_not_grow_with_what_is_said(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    page, products = make_category(), [make_product() for _ in range(20)]
    client = client_of("annotators")
    with django_assert_max_num_queries(22):
        said(client, [word(page, product) for product in products])
    with django_assert_max_num_queries(10):
        assert client.get(ADDRESS).json()["count"] == 20


@pytest.mark.parametrize(
    "wrong", [{"grade": 4}, {"grade": None}, {"token": "x"}, {"page": -1}, {"belongs_to": 10**9}]
)
def test_what_cannot_be_kept_is_refused(wrong: dict[str, object]) -> None:
    body = word(make_category(), make_product()) | wrong
    client = client_of("annotators")
    assert said(client, body).status_code == 400
    assert said(client, [[]]).status_code == 400
    assert not Judgment.objects.exists()


def test_nothing_belongs_elsewhere_on_the_very_page() -> None:
    page = make_category()
    body = word(page, make_product()) | {"belongs_to": page.pk}
    assert said(client_of("annotators"), body).status_code == 400
    assert not Judgment.objects.exists()


def test_anothers_token_is_not_taken_over() -> None:
    page, product = make_category(), make_product()
    body = word(page, product)
    said(client_of("annotators"), body)
    answer = said(client_of("annotators", "bob"), body)
    assert answer.status_code == 400
    assert Judgment.objects.count() == 1


def test_an_annotator_reads_others_words_only_where_their_own_is_in() -> None:
    page, one, other = make_category(), make_product(), make_product()
    make_judgment(page, one, 0, "Bob")
    make_judgment(page, other, 1, "Bob")
    client = client_of("annotators")
    assert client.get(ADDRESS).json()["count"] == 0
    said(client, word(page, one))
    rows = client.get(ADDRESS).json()["results"]
    assert [(row["annotator"], row["product"]) for row in rows] == [
        ("Bob", one.pk),
        ("ana", one.pk),
    ]
    assert client_of("leads", "lea").get(ADDRESS).json()["count"] == 3


def test_others_words_are_hidden_again_while_one_is_asked_once_more() -> None:
    page, product = make_category(), make_product()
    make_judgment(page, product, 0, "Bob")
    client = client_of("annotators")
    said(client, word(page, product))
    assert client.get(ADDRESS).json()["count"] == 2
    campaign = make_campaign(overlap=2)
    make_item(campaign, page, product, purpose="again")
    assert client.get(ADDRESS).json()["count"] == 0
    tab = Tab(Annotator.objects.get(user__username="ana"), campaign=campaign)
    done = tab.press(tab.seats()[0], grade=1)
    assert client.get(ADDRESS).json()["count"] == 2
    tab.undo(done)
    assert client.get(ADDRESS).json()["count"] == 0


def test_judgments_are_found_by_page_product_annotator_and_what_came_since() -> None:
    page, other, product = make_category(), make_category(), make_product()
    first = make_judgment(page, product, 0, "Ann")
    second = make_judgment(other, product, 1, "Bob")
    third = make_judgment(other, make_product(), 1, "Ann")
    client = client_of("leads")

    def found(query: str) -> list[int]:
        return [row["id"] for row in client.get(f"{ADDRESS}?{query}").json()["results"]]

    assert found(f"page={other.pk}") == [second.pk, third.pk]
    assert found(f"product={product.pk}") == [first.pk, second.pk]
    assert found("annotator=Ann") == [first.pk, third.pk]
    assert found(f"since={first.pk}") == [second.pk, third.pk]
    for query in ("since=x", "product=-1", "page=x"):
        assert client.get(f"{ADDRESS}?{query}").status_code == 400
    assert client.get(f"{ADDRESS}?page=999").status_code == 404


def test_all_of_them_go_out_as_a_file() -> None:
    make_judgment(make_category(id=1), make_product(offer_id="a"), 2)
    client = client_of("leads")
    lines = b"".join(client.get(f"{ADDRESS}export?format=csv").streaming_content).decode()  # type: ignore[attr-defined]  # it streams
    assert lines.startswith("category_id,offer_id,retailer,annotator,grade,")
    assert lines.splitlines()[1].startswith("1,a,Shop,Ann,2,")
    qrels = client.get(f"{ADDRESS}export?format=qrels")
    assert b"".join(qrels.streaming_content) == b"1 0 a 2\n"  # type: ignore[attr-defined]  # it streams
    refused = client.get(f"{ADDRESS}export?format=parquet")
    assert refused.status_code == 400
    assert "csv, jsonl, qrels" in refused.json()["detail"]


def test_a_name_that_a_file_brought_is_not_taken_over() -> None:
    page, product = make_category(), make_product()
    make_judgment(page, product, 0, "ana")
    said(client_of("annotators"), word(page, product))
    assert Annotator.objects.count() == 2
