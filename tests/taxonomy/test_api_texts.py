"""Texts that tell siblings apart, for programs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from taxonomy.models import Category, Revision
from tests.factories import make_category, make_text, make_user

pytestmark = pytest.mark.django_db
TEXTS = "/api/discriminators"
JSON = "application/json"


@pytest.fixture
def taxonomist(client: Client) -> Client:
    client.force_login(make_user("taxonomists", username="tomas"))
    return client


@pytest.fixture
def pepper() -> Category:
    return make_category("Pepper", make_category("Spices", id=6), id=7)


@pytest.fixture
def mixes(pepper: Category) -> Category:
    return make_category("Seasoning mixes", pepper.parent, id=8)


def ask(client: Client, method: str, address: str, said: object = None, status: int = 200) -> Any:
    body = {"data": said, "content_type": JSON} if said is not None else {}
    response = getattr(client, method)(address, **body)
    assert response.status_code == status, response.content
    return response.json()


def test_a_text_is_written_read_made_live_and_restored(
    taxonomist: Client, pepper: Category, mixes: Category
) -> None:
    address = f"{TEXTS}/7/8"
    empty = ask(taxonomist, "get", address)
    assert empty["category"] == {"id": 7, "name": "Pepper", "path": "Spices > Pepper"}
    assert (empty["newest"], empty["live"], empty["draft"]) == (0, None, None)
    said = {"text": "whole\nground", "based_on": 0, "note": "first"}
    draft = ask(taxonomist, "put", address, said, 201)
    assert (draft["newest"], draft["live"], draft["draft"]["author"]) == (1, None, "tomas")
    live = ask(taxonomist, "post", f"{address}/live", {"revision": 1, "based_on": 1})
    assert (live["live"]["text"], live["live"]["number"], live["draft"]) == (
        "whole\nground",
        2,
        None,
    )
    ask(taxonomist, "put", address, {"text": "milled", "based_on": 2, "live": True})
    back = ask(taxonomist, "post", f"{address}/restore", {"revision": 2, "based_on": 3})
    assert (back["live"]["text"], back["newest"]) == ("whole\nground", 4)
    history = ask(taxonomist, "get", f"{address}/revisions")["results"]
    assert [one["number"] for one in history] == [4, 3, 2, 1]
    assert [one["state"] for one in history] == ["live", "live", "live", "draft"]


def test_a_category_alone_has_a_text_too(taxonomist: Client, pepper: Category) -> None:
    written = ask(taxonomist, "put", f"{TEXTS}/7", {"text": "pepper", "based_on": 0}, 201)
    assert written["sibling"] is None
    ask(taxonomist, "post", f"{TEXTS}/7/live", {"revision": 1, "based_on": 1})
    assert ask(taxonomist, "get", f"{TEXTS}/7/revisions")["count"] == 2
    ask(taxonomist, "post", f"{TEXTS}/7/restore", {"revision": 1, "based_on": 2})


def test_who_comes_second_gets_both_texts(
    taxonomist: Client, pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "theirs", by=make_user(username="mira"))
    said = {"text": "mine", "based_on": 0, "live": True}
    both = ask(taxonomist, "put", f"{TEXTS}/7/8", said, 409)
    assert both["detail"] == "Somebody else has changed this text in the meantime."
    assert (both["theirs"]["text"], both["theirs"]["author"]) == ("theirs", "mira")
    assert both["yours"] == "mine"
    assert Revision.objects.count() == 1


def test_texts_are_listed_by_category_subtree_and_state(
    taxonomist: Client, pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "whole")
    make_text(mixes, pepper, "several", live=False)
    make_text(make_category("Food", id=9), None, "to eat")

    def listed(query: str) -> list[int]:
        return [one["category"]["id"] for one in ask(taxonomist, "get", TEXTS + query)["results"]]

    assert listed("") == [9, 7, 8]
    assert listed("?category=7") == [7]
    assert listed("?under=6") == [7, 8]
    assert listed("?state=draft") == [8]
    assert listed("?state=live") == [9, 7]
    assert ask(taxonomist, "get", f"{TEXTS}?state=new", status=400)["detail"] == (
        '"state" is one of: live, draft, withdrawn, retired.'
    )
    ask(taxonomist, "get", f"{TEXTS}?category=x", status=400)
    ask(taxonomist, "get", f"{TEXTS}?under=99", status=404)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"text": "whole"}, "based_on: This field is required."),
        ({"text": "whole", "based_on": 0, "Live": True}, "Live: there is no such field"),
        ({"text": "whole", "based_on": "x"}, "based_on: a whole number belongs here."),
        ({"text": "bell \x07", "based_on": 0}, "Line 1 holds a character"),
        ({"text": "half \ud800", "based_on": 0}, "This JSON has half a character"),
        ({"text": "", "based_on": 0}, "The text is empty"),
        ({"text": "whole", "based_on": 5}, "There is no revision 5"),
        ({"text": "x" * 301, "based_on": 0}, "Line 1 is longer than 300 characters."),
        ([7], "Give an object of"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    taxonomist: Client, pepper: Category, mixes: Category, said: object, reason: str
) -> None:
    assert reason in ask(taxonomist, "put", f"{TEXTS}/7/8", said, 400)["detail"]
    assert not Revision.objects.exists()


def test_no_text_is_written_between_strangers(taxonomist: Client, pepper: Category) -> None:
    make_category("Cousin", make_category(), id=5)
    said = {"text": "whole", "based_on": 0}
    refused = ask(taxonomist, "put", f"{TEXTS}/7/5", said, 400)
    assert refused["detail"] == "Pepper and Cousin have different parents."


def test_what_is_missing_is_told_in_a_sentence(
    taxonomist: Client, pepper: Category, mixes: Category
) -> None:
    assert ask(taxonomist, "get", f"{TEXTS}/99", status=404)["detail"] == "There is no category 99."
    nothing = ask(taxonomist, "get", f"{TEXTS}/7/8/revisions", status=404)
    assert nothing["detail"] == "Nothing has been said here yet."
    make_text(pepper, mixes, "whole")
    said = {"revision": 4, "based_on": 1}
    missing = ask(taxonomist, "post", f"{TEXTS}/7/8/restore", said, 404)
    assert missing["detail"] == "This text has no revision 4."


def test_annotators_read_and_do_not_write(
    client: Client, pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "whole")
    client.force_login(make_user("annotators"))
    assert ask(client, "get", TEXTS)["count"] == 1
    ask(client, "put", f"{TEXTS}/7/8", {"text": "mine", "based_on": 1}, 403)
    assert Revision.objects.count() == 1


def test_queries_do_not_grow_with_what_is_listed(taxonomist: Client, pepper: Category) -> None:
    counts = []
    for _ in range(2):
        for _ in range(5):
            make_text(pepper, make_category(parent=pepper.parent), "whole", by=make_user())
        with CaptureQueriesContext(connection) as captured:
            ask(taxonomist, "get", TEXTS)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 8
