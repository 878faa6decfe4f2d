"""Rules by branch as people and programs see them."""

from __future__ import annotations

import pytest
from django.test import Client

from ranking.models import BranchRules, RulesPreview
from taxonomy.models import Category
from tests.factories import make_category, make_product, make_user
from tests.ranking.conftest import text_of
from tests.ranking.programs import post, read
from tests.ranking.rankings import make_ranking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_quiet")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ranking.actions.preview_rules.ring_for_rules_preview", lambda _: None)


@pytest.fixture
def lighting() -> Category:
    return make_category("Lighting", id=1)


@pytest.fixture
def lamps(lighting: Category) -> Category:
    return make_category("Lamps", lighting, id=2, is_page=True)


def save(client: Client, status: int = 302, *, live: bool = True, **told: object) -> str:
    said = {"branch": 1, "based_on": "", "as": "live" if live else "draft"} | told
    response = client.post("/rules/save/", said)
    assert response.status_code == status
    return response.content.decode()


def test_the_list_shows_the_shop_and_each_branch_that_differs(
    merchandiser: Client, lamps: Category
) -> None:
    assert "No branch asks for something of its own yet" in text_of(merchandiser, "/rules/")
    save(merchandiser, minimum_confidence=50)
    page = text_of(merchandiser, "/rules/")
    assert "Too unsure · minimum confidence: 50\xa0%" in page
    assert "The whole shop" in page
    assert "Lamps" in text_of(merchandiser, "/rules/?q=lamps")


def test_a_branchs_form_says_what_is_inherited_and_from_where(
    merchandiser: Client, lamps: Category
) -> None:
    save(merchandiser, minimum_confidence=50)
    page = text_of(merchandiser, "/rules/2/")
    assert "Inherited: 50\xa0%, from Lighting." in page
    assert "Inherited: 30\xa0days, from the default." in page
    assert 'value="50"' not in page
    assert 'value="50"' in text_of(merchandiser, "/rules/1/")


def test_what_is_made_live_is_said_and_stands_in_the_history(
    merchandiser: Client, lamps: Category
) -> None:
    save(merchandiser, minimum_confidence=50, note="Too many doubtful lamps")
    page = text_of(merchandiser, "/rules/1/")
    assert "The rules for Lighting are live." in page
    assert "Too many doubtful lamps" in page
    rules = BranchRules.objects.get()
    save(merchandiser, based_on=rules.pk, minimum_confidence=60, live=False)
    page = text_of(merchandiser, "/rules/1/")
    assert "a draft that is not live" in page
    assert "Draft it again" in page


def test_faults_stand_beside_their_fields_and_nothing_written_is_lost(
    merchandiser: Client, lighting: Category
) -> None:
    page = save(merchandiser, 422, minimum_confidence=50, band="lots", note="why")
    assert "As good means within: write a number from 0\xa0% to 50\xa0%." in page
    assert 'value="lots"' in page
    assert 'value="50"' in page
    assert 'value="why"' in page
    assert not BranchRules.objects.exists()


def test_the_second_of_two_editors_sees_both(merchandiser: Client, lighting: Category) -> None:
    save(merchandiser, band=10)
    first = BranchRules.objects.get()
    save(merchandiser, based_on=first.pk, band=20, note="theirs")
    page = save(merchandiser, 409, based_on=first.pk, band=30)
    assert "while you were at it" in page
    assert "as good means within: 20\xa0%" in page
    assert 'value="30"' in page
    newest = BranchRules.objects.first()
    assert newest is not None
    assert f'name="based_on" value="{newest.pk}"' in page


def test_a_preview_is_shown_beside_the_form_with_and_without_scripts(
    merchandiser: Client, lamps: Category
) -> None:
    said = {"branch": 1, "minimum_confidence": 50}
    response = merchandiser.post("/rules/preview/", said)
    asked = RulesPreview.objects.get()
    assert response["Location"] == f"/rules/1/?preview={asked.token}#preview"
    assert "Trying the rules" in text_of(merchandiser, response["Location"])
    part = merchandiser.post("/rules/preview/", said, headers=HTMX).content.decode()
    assert "Trying the rules" in part
    assert "<html" not in part
    refused = merchandiser.post("/rules/preview/", said | {"band": "x"}, headers=HTMX)
    assert refused.status_code == 422


def test_an_answered_preview_shows_pages_and_products(
    merchandiser: Client, lamps: Category
) -> None:
    brass = make_product("brass lamp")
    make_ranking(lamps, shown=[brass])
    one = {"page": 2, "product": brass.pk, "before": 1, "after": None, "why": "It is out of stock."}
    figures = {"page": 2, "leave": 1, "enter": 0, "move": 0, "top": 1, "relaxed": "Nothing."}
    asked = RulesPreview.objects.create(
        branch=lamps,
        state="done",
        answer={
            "pages": 50,
            "of": 120,
            "changed": 1,
            "top_changed": 1,
            "leave": 1,
            "enter": 0,
            "move": 0,
            "relaxed": [2],
            "seconds": 0.2,
            "most": [figures],
            "examples": {"leave": [one], "enter": [], "move": []},
        },
    )
    page = text_of(merchandiser, f"/rules/previews/{asked.token}/", **HTMX)
    assert "A sample: 50 of the branch’s 120 ranked pages" in page
    assert "brass lamp" in page
    assert "1 → removed" in page
    assert "1 page would be empty" in page


def test_a_taxonomist_sees_the_rules_and_changes_none(client: Client, lamps: Category) -> None:
    client.force_login(make_user("taxonomists"))
    page = text_of(client, "/rules/1/")
    assert "What counts here" in page
    assert "Make live" not in page
    assert client.post("/rules/save/", {"branch": 1}).status_code == 403


def test_a_program_reads_writes_and_previews_rules(merchandiser: Client, lamps: Category) -> None:
    said = {"branch": 1, "values": {"minimum_confidence": 0.5}, "live": True, "based_on": None}
    made = post(merchandiser, "/api/rules", said, 201)
    assert (made["values"], made["state"]) == ({"minimum_confidence": 0.5}, "live")
    assert post(merchandiser, "/api/rules", said | {"live": False}, 201)["id"] == made["id"]
    theirs = post(merchandiser, "/api/rules", said | {"values": {"band": 0.2}}, 409)
    assert (theirs["theirs"]["id"], theirs["yours"]) == (made["id"], {"band": 0.2})
    told = read(merchandiser, "/api/rules/2")
    counts = {line["name"]: line for line in told["counts"]}
    assert counts["minimum_confidence"]["value"] == 0.5
    assert counts["minimum_confidence"]["revision"] == made["id"]
    assert not counts["minimum_confidence"]["is_own"]
    assert counts["band"]["revision"] is None
    assert told["newest"] is None
    assert [line["branch"] for line in read(merchandiser, "/api/rules")["results"]] == [None, 1]
    assert read(merchandiser, "/api/rules/1/history")["count"] == 1
    asked = post(merchandiser, "/api/rules-previews", {"branch": None, "values": {}}, 202)
    assert read(merchandiser, f"/api/rules-previews/{asked['token']}")["state"] == "waiting"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [({"band": 7}, "As good means within"), ({"colour": 1}, "There is no rule “colour”.")],
)
def test_a_program_is_told_what_cannot_be(
    merchandiser: Client, lighting: Category, values: dict[str, object], sentence: str
) -> None:
    said = {"branch": 1, "values": values, "live": True, "based_on": None}
    assert sentence in post(merchandiser, "/api/rules", said, 400)["detail"]
    preview = {"branch": 1, "values": values}
    assert sentence in post(merchandiser, "/api/rules-previews", preview, 400)["detail"]
