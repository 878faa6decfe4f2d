"""What programs read of the tree as JSON, and what they can do to it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from taxonomy.actions import editing
from taxonomy.actions.discriminators import write_revision
from taxonomy.models import Category, CategoryChange, CategoryName
from tests.factories import make_category, make_judgment, make_product, make_user
from tests.ranking.programs import JSON, body_of, post, read

pytestmark = pytest.mark.django_db

ALL = "/api/categories"


@pytest.fixture
def tomas(client: Client) -> Client:
    client.force_login(make_user("taxonomists", username="tomas"))
    return client


@pytest.fixture
def mugs() -> Category:
    """Google's Kitchen, a page, and the shop's Mugs > Large below it."""
    kitchen = make_category("Kitchen", id=2, is_page=True)
    mugs = make_category("Mugs", parent=kitchen, id=900_000)
    make_category("Large", parent=mugs, id=900_001)
    return mugs


def patch(client: Client, pk: int, said: object, status: int = 200) -> Any:
    return body_of(client.patch(f"{ALL}/{pk}", said, JSON), status)


def ids(found: Any) -> list[int]:
    return [one["id"] for one in found["results"]]


def test_the_tree_is_listed_by_path_in_parts(tomas: Client, mugs: Category) -> None:
    whole = read(tomas, ALL)
    assert (whole["count"], ids(whole)) == (3, [2, 900_000, 900_001])
    assert whole["results"][1] == {
        "id": 900_000,
        "name": "Mugs",
        "display_name": "",
        "path": "Kitchen > Mugs",
        "parent": 2,
        "page": False,
        "shops_own": True,
        "retired_at": None,
        "successor": None,
        "note": "",
        "other_name": "",
        "misspelt": False,
    }
    assert ids(read(tomas, f"{ALL}?limit=1&offset=1")) == [900_000]
    assert ids(read(tomas, f"{ALL}?under=900000")) == [900_000, 900_001]
    assert ids(read(tomas, f"{ALL}?pages=true")) == [2]
    assert ids(read(tomas, f"{ALL}?list=own&under=900001")) == [900_001]


def test_a_search_finds_misspelt_names_and_those_of_every_locale(
    tomas: Client, mugs: Category
) -> None:
    CategoryName.objects.create(category_id=2, locale="es-ES", name="Cocina", path="Cocina")
    [found] = read(tomas, f"{ALL}?q=kitchn")["results"]
    assert (found["id"], found["misspelt"]) == (2, True)
    [found] = read(tomas, f"{ALL}?q=cocina")["results"]
    assert (found["id"], found["other_name"], found["misspelt"]) == (2, "Cocina", False)
    assert read(tomas, f"{ALL}?q=kitchen&list=own&under=900001")["count"] == 1
    assert read(tomas, f"{ALL}?q=nothing")["results"] == []


def test_what_cannot_be_listed_is_said_in_a_sentence(tomas: Client, mugs: Category) -> None:
    assert "There is no list “x”" in read(tomas, f"{ALL}?list=x", 404)["detail"]
    assert "There is no category 77." in read(tomas, f"{ALL}?under=77", 404)["detail"]
    assert read(tomas, f"{ALL}?pages=yes", 400) == {"detail": '"pages" is true or false.'}
    for wrong in ("x", "9" * 5_000):
        assert "is no category's id" in read(tomas, f"{ALL}?under={wrong}", 400)["detail"]


def test_one_category_tells_its_names_counts_and_children(tomas: Client, mugs: Category) -> None:
    CategoryName.objects.create(category=mugs, locale="es-ES", name="Tazas", path="Tazas")
    make_judgment(mugs, make_product(filed_under=mugs), 3)
    one = read(tomas, f"{ALL}/900000")
    assert one["names"] == {"es-ES": "Tazas"}
    assert one["counts"] == {"products": 1, "pages": 0, "judgments": 1, "confusion": 0}
    assert [child["id"] for child in one["children"]] == [900_001]
    assert one["based_on"] == 0
    annotator = Client()
    annotator.force_login(make_user("annotators"))
    assert "confusion" not in read(annotator, f"{ALL}/900000")["counts"]
    assert read(tomas, f"{ALL}/77", 404) == {"detail": "There is no category 77."}


def test_a_category_is_added_and_says_where_it_is(tomas: Client, mugs: Category) -> None:
    response = tomas.post(ALL, {"name": "Tea cups", "parent": 900_000}, JSON)
    added = body_of(response, 201)
    assert response["Location"] == f"{ALL}/900002"
    assert added == read(tomas, response["Location"])
    assert added["path"] == "Kitchen > Mugs > Tea cups"
    root = post(tomas, ALL, {"name": "Gifts", "parent": None}, 201)
    assert (root["path"], root["parent"]) == ("Gifts", None)
    taken = post(tomas, ALL, {"name": "gifts", "parent": None}, 400)
    assert taken == {"detail": "“Gifts” (900003) hangs there already."}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "name: This field is required."),
        ({"name": "X"}, "parent: This field is required."),
        ({"name": "X", "parent": "y"}, "parent: a whole number belongs here."),
        ({"name": "X", "parents": 2}, "parents: there is no such field"),
        ([1], 'Give an object of "name", "parent".'),
    ],
)
def test_what_makes_no_sense_is_refused(
    tomas: Client, mugs: Category, said: object, why: str
) -> None:
    assert why in post(tomas, ALL, said, 400)["detail"]
    assert patch(tomas, 900_000, said, 400)["detail"]
    assert Category.objects.count() == 3


def test_several_things_are_changed_at_once_or_none(tomas: Client, mugs: Category) -> None:
    said = {"name": "Beakers", "parent": None, "display_name": "Goblets", "page": True}
    changed = patch(tomas, 900_000, {"based_on": 0, **said})
    assert {key: changed[key] for key in said} == said
    assert changed["path"] == "Beakers"
    assert [change.kind for change in CategoryChange.objects.order_by("id")] == [
        "renamed",
        "display name",
        "moved",
        "page",
    ]
    now = {"based_on": changed["based_on"], "name": "Cups", "retired": True}
    refused = patch(tomas, 900_000, now, 400)
    assert "1 live category hangs below" in refused["detail"]
    assert Category.objects.get(pk=900_000).name == "Beakers"


def test_a_category_is_retired_for_another_and_brought_back(tomas: Client, mugs: Category) -> None:
    gone = patch(tomas, 900_001, {"based_on": 0, "retired": True, "successor": 900_000})
    assert gone["retired_at"]
    assert gone["successor"] == 900_000
    back = patch(tomas, 900_001, {"based_on": gone["based_on"], "retired": False})
    assert (back["retired_at"], back["successor"]) == (None, None)


@pytest.mark.parametrize("said", [{}, {"retired": False}, {"name": "Big"}])
def test_a_successor_is_named_only_for_what_is_retired(
    tomas: Client, mugs: Category, said: dict[str, object]
) -> None:
    given = {"based_on": 0, "successor": 900_000, **said}
    assert "when a category is retired" in patch(tomas, 900_001, given, 400)["detail"]
    assert not CategoryChange.objects.exists()


def test_the_second_of_two_programs_is_told(tomas: Client, mugs: Category) -> None:
    patch(tomas, 900_000, {"based_on": 0, "name": "Beakers"})
    late = patch(tomas, 900_000, {"based_on": 0, "name": "Cups"}, 409)
    assert late["detail"].startswith("Somebody else has changed this category")
    [theirs] = late["since"]
    assert (theirs["author"], theirs["change"]) == ("tomas", "renamed")
    assert (theirs["before"], theirs["after"]) == ({"name": "Mugs"}, {"name": "Beakers"})
    assert Category.objects.get(pk=900_000).name == "Beakers"
    google = patch(tomas, 2, {"based_on": 0, "name": "Cooking"}, 400)
    assert "Google" in google["detail"]


def test_comments_are_made_and_read(tomas: Client, mugs: Category) -> None:
    said = post(tomas, f"{ALL}/2/comments", {"text": "Split it?"}, 201)
    assert (said["text"], said["author"]) == ("Split it?", "tomas")
    assert read(tomas, f"{ALL}/2/comments")["results"] == [said]
    assert post(tomas, f"{ALL}/2/comments", {"text": " "}, 400) == {
        "detail": "The comment is empty."
    }
    assert post(tomas, f"{ALL}/2/comments", {"words": "x"}, 400) == {"detail": 'Give "text".'}


def test_the_history_tells_what_was_done_and_said(tomas: Client, mugs: Category) -> None:
    patch(tomas, 900_000, {"based_on": 0, "name": "Beakers"})
    write_revision(mugs, None, "with a handle", based_on=0, live=True, by=None)
    post(tomas, f"{ALL}/900000/comments", {"text": "Merge?"}, 201)
    said, text, renamed = read(tomas, f"{ALL}/900000/history")["results"]
    assert (said["comment"], said["author"], said["change"]) == ("Merge?", "tomas", None)
    assert (text["text"], text["state"], text["author"]) == ("with a handle", "live", None)
    assert (renamed["change"], renamed["before"], renamed["after"]) == (
        "renamed",
        {"name": "Mugs"},
        {"name": "Beakers"},
    )


def test_merchandisers_comment_but_do_not_edit(mugs: Category) -> None:
    mira = Client()
    mira.force_login(make_user("merchandisers"))
    post(mira, f"{ALL}/2/comments", {"text": "Nice."}, 201)
    post(mira, ALL, {"name": "X", "parent": None}, 403)
    patch(mira, 900_000, {"based_on": 0, "name": "X"}, 403)
    assert Category.objects.count() == 3


def test_queries_do_not_grow_with_what_is_listed(tomas: Client, mugs: Category) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            read(tomas, address)
        return len(captured)

    addresses = (ALL, f"{ALL}/900000", f"{ALL}/900000/history", f"{ALL}/900000/comments")
    counts = []
    for number in (1, 2):
        for place in range(5):
            make_category(f"{number} {place}", parent=mugs)
            user = make_user("taxonomists")
            editing.comment(mugs, "Yes.", by=user)
            name = f"{number} {place}"
            based_on = editing.newest_change(mugs)
            editing.set_display_name(mugs, name, based_on=based_on, by=user)
        counts.append([queries(address) for address in addresses])
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 22
