"""Confused siblings, previews and suggestions for programs."""

from __future__ import annotations

import pytest
from django.test import Client

from ranking.models import ConfusedPair, Preview
from taxonomy.actions.discriminators import write_revision
from taxonomy.models import Category
from tests.factories import make_category, make_judgment, make_product, make_user
from tests.ranking.confusion import make_pair, make_suggestion
from tests.ranking.programs import post, read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_bells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ranking.actions.preview.ring_for_preview", lambda _: None)


@pytest.fixture
def program(client: Client) -> Client:
    client.force_login(make_user("taxonomists"))
    return client


@pytest.fixture
def pepper() -> Category:
    return make_category("Pepper", parent=make_category("Spices", id=1), id=2)


@pytest.fixture
def mixes(pepper: Category) -> Category:
    return make_category("Mixes", parent=pepper.parent, id=3)


@pytest.fixture
def pair(pepper: Category, mixes: Category) -> ConfusedPair:
    fence = {make_product("Peppercorns"): 0.4, make_product("Lemon pepper"): -0.2}
    return make_pair(pepper, mixes, fence, weight=3.0, share=0.75, errors=1, judged=2)


def test_the_work_list_has_the_terms_of_each_weight(
    program: Client, pair: ConfusedPair, pepper: Category, mixes: Category
) -> None:
    write_revision(pepper, mixes, "corns", based_on=0, live=True, by=None)
    [line] = read(program, "/api/confusion")["results"]
    assert (line["first"], line["second"], line["first_name"]) == (2, 3, "Pepper")
    assert line["terms"] == {"products": 2.0, "exposure": 0.0, "errors": 2.0, "disagreement": 0.0}
    assert (line["live"], line["drafts"], line["share"]) == (1, 0, 0.75)
    assert read(program, "/api/confusion?state=none")["count"] == 0
    assert read(program, "/api/confusion?under=1")["count"] == 1
    assert "one of" in read(program, "/api/confusion?state=odd", 400)["detail"]


def test_a_fence_lists_its_products_nearest_first_with_what_people_say(
    program: Client, pair: ConfusedPair, pepper: Category
) -> None:
    make_judgment(pepper, pair.fence.get(margin__lt=0).product, 3)
    found = read(program, "/api/confusion/3/2")
    assert found["pair"]["products"] == 2
    lines = [(line["title"], line["margin"], line["belongs_to_first"]) for line in found["results"]]
    assert lines == [("Lemon pepper", -0.2, True), ("Peppercorns", 0.4, None)]
    assert "confused" in read(program, "/api/confusion/1/2", 404)["detail"]
    assert "no category 99" in read(program, "/api/confusion/2/99", 404)["detail"]


def test_a_preview_is_asked_for_and_read_when_it_is_answered(
    program: Client, pair: ConfusedPair
) -> None:
    said = {"first": 3, "second": 2, "first_text": "a blend", "second_text": "corns"}
    response = program.post("/api/previews", said, "application/json")
    assert response.status_code == 202
    preview = Preview.objects.get()
    assert (preview.first_text, preview.second_text) == ("corns", "a blend")
    assert response["Location"] == f"/api/previews/{preview.token}"
    assert read(program, response["Location"])["state"] == "waiting"
    Preview.objects.update(state="done", answer={"moved": 3})
    assert read(program, response["Location"])["answer"] == {"moved": 3}


def test_a_preview_of_what_cannot_be_is_refused_in_a_sentence(
    program: Client, pair: ConfusedPair
) -> None:
    assert (
        "no live siblings"
        in post(program, "/api/previews", {"first": 1, "second": 2}, 400)["detail"]
    )
    long = {"first": 2, "second": 3, "first_text": "x" * 301}
    assert "Line 1 is longer" in post(program, "/api/previews", long, 400)["detail"]
    assert "second: This" in post(program, "/api/previews", {"first": 2}, 400)["detail"]


@pytest.mark.parametrize("digits", [19, 25, 5000])
def test_numbers_that_are_no_id_are_refused(
    program: Client, pair: ConfusedPair, digits: int
) -> None:
    number = "9" * digits
    for address in (
        f"/api/confusion?under={number}",
        f"/api/suggestions?category={number}",
        f"/api/suggestions?category=2&sibling={number}",
    ):
        assert "is no category" in read(program, address, 400)["detail"]
    assert program.get(f"/api/confusion/2/{number}").status_code == 404
    assert program.post(f"/api/suggestions/{number}/accept").status_code == 404
    said = f'{{"first": 2, "second": {number}}}'
    assert program.post("/api/previews", said, "application/json").status_code == 400


def test_suggestions_are_read_accepted_and_dismissed_once(
    program: Client, pair: ConfusedPair, pepper: Category, mixes: Category
) -> None:
    one, other = (make_suggestion(pepper, mixes, text) for text in ("whole", "corns"))
    listed = read(program, "/api/suggestions?category=2&sibling=3")["results"]
    assert {line["text"] for line in listed} == {"whole", "corns"}
    assert post(program, f"/api/suggestions/{one.pk}/accept")["state"] == "accepted"
    assert post(program, f"/api/suggestions/{other.pk}/dismiss")["state"] == "dismissed"
    assert (
        "already decided"
        in post(program, f"/api/suggestions/{one.pk}/dismiss", None, 409)["detail"]
    )
    assert read(program, "/api/suggestions?category=2&sibling=3")["count"] == 0
