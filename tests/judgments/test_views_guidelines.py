"""The screens and JSON of guidelines."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from judgments.actions.adjudicate import OpenText
from judgments.actions.guidelines import Shown, write_guideline
from judgments.models import GuidelineRevision, Item
from judgments.queries.guidelines import standing_of
from tests.factories import make_category, make_judgment, make_product, make_user
from tests.judgments.disputes import make_answered, make_dispute, settle

pytestmark = pytest.mark.django_db
JSON = "application/json"
HTMX = {"HX-Request": "true", "HX-Target": "preview"}


@pytest.fixture
def lead(client: Client) -> Client:
    client.force_login(make_user("leads", username="lea"))
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_what_counts_is_read_by_annotators_with_where_it_comes_from(client: Client) -> None:
    food = make_category("Food")
    pepper = make_category("Pepper", food)
    product = make_product("Black pepper")
    examples = [Shown(product.pk, 3, "the plain thing")]
    write_guideline(food, "**Eatable**", based_on=0, live=True, by=None, examples=examples)
    client.force_login(make_user("annotators"))
    page = text_of(client.get(f"/guidelines/{pepper.pk}/"))
    assert "<strong>Eatable</strong>" in page
    assert f'href="/guidelines/{food.pk}/">Food</a>' in page
    assert "Black pepper" in page
    assert "the plain thing" in page
    assert "/edit/" not in page


def test_scripts_in_a_guideline_are_shown_as_letters(lead: Client) -> None:
    page = make_category()
    text = "<script>alert(1)</script> ![x](https://a.example/x.png)"
    write_guideline(page, text, based_on=0, live=True, by=None)
    shown = text_of(lead.get(f"/guidelines/{page.pk}/"))
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script>alert" not in shown
    assert "https://a.example/x.png" not in shown.replace('href="https://a.example/x.png"', "")


def test_the_list_shows_each_with_what_goes_by_it_and_which_counts_for_a_category(
    lead: Client,
) -> None:
    food = make_category("Food")
    make_category("Pepper", food, is_page=True)
    write_guideline(food, "Eatable.", based_on=0, live=True, by=None)
    shown = text_of(lead.get("/guidelines/?q=pepper"))
    assert "that of" in shown
    assert "Food" in shown
    assert "none counts for" not in shown


def test_a_long_list_takes_as_few_queries_as_a_short_one(
    lead: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        branch = make_category(f"Branch {number}")
        write_guideline(branch, "Eatable.", based_on=0, live=True, by=None)
    with django_assert_max_num_queries(22):
        assert "Branch 29" in text_of(lead.get("/guidelines/"))


def test_saving_makes_it_live_and_says_so(lead: Client) -> None:
    page, product = make_category(), make_product()
    form = {
        "text": "Pepper.",
        "as": "live",
        "based_on": "0",
        "example_product": [str(product.pk)],
        "example_grade": ["3"],
        "example_why": ["whole"],
    }
    response = lead.post(f"/guidelines/{page.pk}/save/", form, follow=True)
    assert "Revision 1 is live" in text_of(response)
    revision = GuidelineRevision.objects.get()
    assert revision.author
    assert revision.author.username == "lea"
    assert [one.why for one in revision.examples.all()] == ["whole"]


def test_what_is_asked_again_is_named_to_who_settles_and_to_nobody_else(client: Client) -> None:
    page = make_category()
    write_guideline(page, "Pepper.", based_on=0, live=True, by=None)
    asked = make_answered(page, (0, 3))
    settle(page, asked.product, cause="gap", gap=OpenText(page))
    client.force_login(make_user("leads"))
    assert "being asked" not in text_of(client.get(f"/guidelines/{page.pk}/"))
    write_guideline(page, "Pepper, also in a mill.", based_on=1, live=True, by=None)
    shown = text_of(client.get(f"/guidelines/{page.pk}/"))
    assert asked.product.title in shown
    assert "being asked" in shown
    Item.objects.update(closed=True)
    assert "being asked" not in text_of(client.get(f"/guidelines/{page.pk}/"))
    client.force_login(make_user("annotators"))
    assert asked.product.title not in text_of(client.get(f"/guidelines/{page.pk}/"))


def test_the_second_of_two_editors_sees_both_texts_and_can_put_theirs_on_top(lead: Client) -> None:
    page = make_category()
    write_guideline(page, "Pepper.", based_on=0, live=True, by=None)
    write_guideline(page, "Pepper, ground.", based_on=1, live=True, by=None)
    mine = {"text": "Pepper, whole.", "as": "live", "based_on": "1"}
    response = lead.post(f"/guidelines/{page.pk}/save/", mine)
    assert response.status_code == 409
    shown = text_of(response)
    assert "ground." in shown
    assert "whole." in shown
    assert 'name="based_on" value="2"' in shown
    lead.post(f"/guidelines/{page.pk}/save/", mine | {"based_on": "2"})
    assert standing_of(page).live
    assert GuidelineRevision.objects.get(number=3).text == "Pepper, whole."


def test_what_cannot_be_kept_comes_back_with_the_fault_and_all_that_was_typed(
    lead: Client,
) -> None:
    page, product = make_category(), make_product("Long pepper")
    form = {
        "text": "x" * 10_001,
        "note": "my note",
        "based_on": "0",
        "example_product": [str(product.pk)],
        "example_grade": ["2"],
        "example_why": ["nearly"],
    }
    response = lead.post(f"/guidelines/{page.pk}/save/", form)
    assert response.status_code == 422
    shown = text_of(response)
    assert "longer than 10,000 characters" in shown
    assert "my note" in shown
    assert "Long pepper" in shown
    assert "nearly" in shown


def test_the_preview_shows_what_people_will_read_and_saves_nothing(lead: Client) -> None:
    page = make_category()
    address = f"/guidelines/{page.pk}/draft/"
    part = lead.post(address, {"text": "**bold**", "based_on": "0"}, headers=HTMX)
    assert "<strong>bold</strong>" in text_of(part)
    assert "<html" not in text_of(part)
    assert "<html" in text_of(lead.post(address, {"text": "**bold**", "based_on": "0"}))
    assert not GuidelineRevision.objects.exists()


def test_examples_are_found_among_products_of_the_branch_and_added_and_taken_out(
    lead: Client,
) -> None:
    food = make_category("Food")
    page = make_category("Pepper", food)
    inside = make_product("Pepper mill blend", filed_under=page)
    make_product("Pepper spray", filed_under=make_category("Toys"))
    judged = make_product("Pepper corns")
    make_judgment(page, judged, 3)
    address = f"/guidelines/{food.pk}/draft/"
    form = {"text": "Pepper.", "based_on": "0", "q": "pepper"}
    shown = text_of(lead.post(address, form))
    assert "Pepper mill blend" in shown
    assert "Pepper corns" in shown
    assert "Pepper spray" not in shown
    added = text_of(lead.post(address, form | {"add": str(inside.pk)}))
    assert f'name="example_product" value="{inside.pk}"' in added
    out = {"remove": str(inside.pk), "example_product": [str(inside.pk)]}
    taken = text_of(lead.post(address, form | out | {"example_grade": ["3"], "example_why": [""]}))
    assert f'name="example_product" value="{inside.pk}"' not in taken


def test_a_gap_opens_the_editor_with_products_of_both_sides(lead: Client) -> None:
    page = make_category()
    write_guideline(page, "Pepper.", based_on=0, live=True, by=None)
    right, wrong = make_product("Surely right"), make_product("Surely wrong")
    make_dispute(page, (3, 3), product=right)
    make_dispute(page, (0, 0), product=wrong)
    asked = make_dispute(page, (0, 3), product=make_product("In question"))
    gap = settle(page, asked, 2, cause="gap", note="with its mill", gap=OpenText(page))
    shown = text_of(lead.get(f"/guidelines/{page.pk}/edit/?gap={gap.pk}"))
    for title in ("Surely right", "Surely wrong"):
        assert f'<span class="title">{title}</span>' in shown
    # It will be asked again: its answer is not to stand beside it.
    assert '<span class="title">In question</span>' not in shown
    assert "In question" in shown
    assert "Pepper.</textarea>" in shown


def test_history_restores_and_withdraws(lead: Client) -> None:
    page = make_category()
    first = write_guideline(page, "Pepper.", based_on=0, live=True, by=None)
    write_guideline(page, "Salt.", based_on=1, live=True, by=None)
    address = f"/guidelines/revisions/{first.pk}/restore/"
    response = lead.post(address, {"based_on": "2"}, follow=True)
    assert "Revision 3 is live" in text_of(response)
    withdrawn = {"text": "", "as": "live", "based_on": "3", "note": "Withdrawn"}
    response = lead.post(f"/guidelines/{page.pk}/save/", withdrawn, follow=True)
    assert "withdrawn with revision 4" in text_of(response)
    assert "No guideline counts here" in text_of(response)
    assert lead.post(address, {"based_on": "2"}).status_code == 409


class TestJson:
    def test_it_is_written_read_and_collided_with(self, lead: Client) -> None:
        page, product = make_category(), make_product()
        address = f"/api/guidelines/{page.pk}"
        example = {"product": product.pk, "grade": 3, "why": "whole"}
        said = {"text": "Pepper.", "based_on": 0, "live": True, "examples": [example]}
        made = lead.put(address, said, content_type=JSON)
        assert made.status_code == 201
        assert made.json()["counts"]["examples"] == [example]
        theirs = lead.put(address, said | {"text": "Salt."}, content_type=JSON)
        assert theirs.status_code == 409
        assert (theirs.json()["theirs"]["text"], theirs.json()["yours"]) == ("Pepper.", "Salt.")
        history = lead.get(f"{address}/revisions").json()["results"]
        assert [(one["number"], one["judged"]) for one in history] == [(1, 0)]

    def test_a_draft_is_made_live_and_an_earlier_one_restored(self, lead: Client) -> None:
        write_guideline(None, "Look.", based_on=0, live=False, by=None)
        live = lead.post(
            "/api/guidelines/all/live", {"revision": 1, "based_on": 1}, content_type=JSON
        )
        assert live.json()["live"]["number"] == 2
        write_guideline(None, "Look twice.", based_on=2, live=True, by=None)
        said = {"revision": 2, "based_on": 3}
        restored = lead.post("/api/guidelines/all/restore", said, content_type=JSON)
        assert restored.json()["counts"]["text"] == "Look."
        listed = lead.get("/api/guidelines").json()["results"]
        assert [(one["category"], one["newest"]) for one in listed] == [(None, 4)]

    def test_a_misspelt_name_is_refused(self, lead: Client) -> None:
        said = {"text": "Pepper.", "based_on": 0, "life": True}
        response = lead.put("/api/guidelines/all", said, content_type=JSON)
        assert response.status_code == 400
        assert not GuidelineRevision.objects.exists()
