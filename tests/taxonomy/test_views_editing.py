"""What taxonomists see when they change the tree, and what is told of it afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from taxonomy.actions import editing
from taxonomy.actions.discriminators import write_revision
from taxonomy.actions.editing import newest_change
from taxonomy.models import Category, Comment, Revision
from tests.factories import make_category, make_judgment, make_product, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def tomas(client: Client) -> Client:
    client.force_login(make_user("taxonomists", username="tomas"))
    return client


@pytest.fixture
def mugs() -> Category:
    """Google's Kitchen, and the shop's Mugs with a product below it."""
    kitchen = make_category("Kitchen", id=2)
    mugs = make_category("Mugs", parent=kitchen, id=900_000)
    make_product("A mug", filed_under=mugs)
    return mugs


def text_of(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    content: str = response.content.decode()
    return content


def change(client: Client, category: Category, verb: str, **said: object) -> Any:
    said.setdefault("based_on", newest_change(category))
    address = reverse("change_category", args=(category.pk,))
    return client.post(address, {"do": verb, **said}, follow=True)


def test_a_category_is_added_below_another_and_shown(tomas: Client, mugs: Category) -> None:
    form = text_of(tomas.get(f"{reverse('new_category')}?under={mugs.pk}"))
    assert "A new category below Mugs" in form
    said = {"under": mugs.pk, "name": "Tea cups"}
    shown = text_of(tomas.post(reverse("add_category"), said, follow=True))
    assert "“Tea cups” is in the tree, with the id 900001." in shown
    assert "Kitchen &gt; Mugs &gt; Tea cups" in shown


def test_what_is_wrong_with_a_name_stands_below_it_and_the_name_stays(
    tomas: Client, mugs: Category
) -> None:
    said = {"under": 2, "name": "MUGS"}
    text = text_of(tomas.post(reverse("add_category"), said), 422)
    assert "“Mugs” (900000) hangs there already." in text
    assert 'value="MUGS"' in text
    refused = text_of(change(tomas, mugs, "rename", name="Cups > Mugs"), 422)
    assert "parts a category from the one above" in refused
    assert 'value="Cups &gt; Mugs"' in refused


def test_each_thing_that_can_be_done_is_done_and_said(tomas: Client, mugs: Category) -> None:
    assert "has its new name" in text_of(change(tomas, mugs, "rename", name="Beakers"))
    assert ">Goblets<" in text_of(change(tomas, mugs, "show_as", display_name="Goblets"))
    assert "is a page now" in text_of(change(tomas, mugs, "page_on"))
    assert "is no page any more" in text_of(change(tomas, mugs, "page_off"))
    assert "has moved" in text_of(change(tomas, mugs, "move", parent=""))
    assert "has moved" in text_of(change(tomas, mugs, "move", parent="kitchen"))
    retired = text_of(change(tomas, mugs, "retire", successor="2"))
    assert "The category is retired." in retired
    assert ">Kitchen</a> takes its place" in retired
    assert "The category is back." in text_of(change(tomas, mugs, "restore"))
    mugs.refresh_from_db()
    assert (mugs.name, mugs.display_name, mugs.path) == ("Beakers", "Goblets", "Kitchen > Beakers")


def test_a_place_that_is_not_one_category_is_asked_for_again(tomas: Client, mugs: Category) -> None:
    assert "No live category is called “Attic”" in text_of(
        change(tomas, mugs, "move", parent="Attic"), 422
    )
    for pk in (5, 6):
        make_category("Shelf", parent=make_category(f"Room {pk}", id=pk + 10), id=pk)
    text = text_of(change(tomas, mugs, "move", parent="shelf"), 422)
    assert "Give one&#x27;s id: 5 (Room 5 &gt; Shelf), 6 (Room 6 &gt; Shelf)." in text
    assert 'value="shelf"' in text


def test_before_retiring_one_sees_what_hangs_on_it(tomas: Client, mugs: Category) -> None:
    make_judgment(mugs, make_product(filed_under=mugs), 3)
    write_revision(mugs, None, "with a handle", based_on=0, live=True, by=None)
    make_category("Large", parent=mugs, id=900_001)
    text = text_of(tomas.get(reverse("edit_category", args=(mugs.pk,))))
    for label, number in (("Products", 2), ("Judgments", 1), ("Texts", 1)):
        assert f'{label}</dt><dd class="num">{number}</dd>' in text
    assert "1, to be moved or retired first" in text
    refused = text_of(change(tomas, mugs, "retire"), 422)
    assert "1 live category hangs below “Mugs”" in refused


def test_the_second_editor_sees_what_the_first_did_and_keeps_what_was_typed(
    tomas: Client, mugs: Category
) -> None:
    editing.rename(mugs, "Beakers", based_on=0, by=make_user("taxonomists", username="ada"))
    text = text_of(change(tomas, mugs, "rename", name="Cups", based_on=0), 409)
    assert "Somebody else has changed this category" in text
    assert "renamed from “Mugs” to “Beakers”" in text
    assert "ada," in text
    assert 'value="Cups"' in text
    assert f'name="based_on" value="{newest_change(mugs)}"' in text
    assert Category.objects.get(pk=mugs.pk).name == "Beakers"


def test_what_was_typed_stays_when_another_has_retired_the_category(
    tomas: Client, mugs: Category
) -> None:
    editing.retire(mugs, None, based_on=0, by=None)
    text = text_of(change(tomas, mugs, "rename", name="Cups & <b>", based_on=0), 409)
    assert "You typed “Cups &amp; &lt;b&gt;”." in text


@pytest.mark.parametrize(
    "said", [{"do": "explode"}, {"based_on": "x"}, {"based_on": "-1"}, {"based_on": "9" * 5_000}]
)
def test_a_form_that_is_not_whole_is_refused(
    tomas: Client, mugs: Category, said: dict[str, str]
) -> None:
    form = {"do": "rename", "based_on": "0", "name": "Cups"} | said
    assert tomas.post(reverse("change_category", args=(mugs.pk,)), form).status_code == 400


def test_googles_categories_offer_no_other_name_or_place(tomas: Client, mugs: Category) -> None:
    text = text_of(tomas.get(reverse("edit_category", args=(2,))))
    assert "Name on screen" in text
    assert "keeps its name and its place" in text
    assert 'name="parent"' not in text
    assert "Google" in text_of(change(tomas, Category.objects.get(pk=2), "rename", name="X"), 422)


def test_names_nearly_the_same_are_hinted_at_while_one_is_typed(
    tomas: Client, mugs: Category
) -> None:
    hint = text_of(tomas.get(f"{reverse('alike_names')}?name=Mug"))
    assert "like:" in hint
    assert reverse("category", args=(mugs.pk,)) in hint
    assert "like:" not in text_of(tomas.get(f"{reverse('alike_names')}?name=Mug&apart=900000"))
    assert "like:" not in text_of(tomas.get(reverse("alike_names")))
    options = text_of(tomas.get(f"{reverse('category_options')}?parent=kitch"))
    assert '<option value="Kitchen">2' in options


def test_a_comment_is_kept_with_its_author_and_escaped(tomas: Client, mugs: Category) -> None:
    address = reverse("add_comment", args=(mugs.pk,))
    shown = text_of(tomas.post(address, {"text": "Split <b>it</b>?"}, follow=True))
    assert "Split &lt;b&gt;it&lt;/b&gt;?" in shown
    assert "tomas," in shown
    part = text_of(tomas.post(address, {"text": "By size."}, headers=HTMX))
    assert "<html" not in part
    assert "By size." in part
    assert 'Comments · <span class="num">2</span>' in part
    assert "The comment is empty." in text_of(tomas.post(address, {"text": " "}, headers=HTMX), 422)
    assert Comment.objects.count() == 2


def test_the_history_names_the_category_that_takes_the_place(tomas: Client, mugs: Category) -> None:
    beakers = make_category("Beakers", parent=mugs.parent)
    editing.retire(mugs, beakers, based_on=0, by=make_user("taxonomists"))
    text = text_of(tomas.get(reverse("category_history", args=(mugs.pk,))))
    assert ">Beakers</a> takes its place" in text


def test_what_is_retired_asks_for_no_text(tomas: Client, mugs: Category) -> None:
    editing.retire(mugs, None, based_on=0, by=make_user("taxonomists"))
    text = text_of(tomas.get(reverse("category_texts", args=(mugs.pk,)), headers=HTMX))
    assert "not written yet" not in text
    assert "Write" not in text


def test_the_history_tells_changes_texts_and_comments_newest_first(
    tomas: Client, mugs: Category
) -> None:
    ada = make_user("taxonomists", username="ada")
    editing.rename(mugs, "Beakers", based_on=0, by=ada)
    write_revision(mugs, None, "with a handle", based_on=0, live=True, by=ada)
    editing.comment(mugs, "Merge with cups?", by=ada)
    for minutes, rows in ((3, mugs.changes), (2, Revision.objects), (1, mugs.comments)):
        rows.update(made_at=timezone.now() - timedelta(minutes=minutes))
    for address in (
        reverse("category_history", args=(mugs.pk,)),
        reverse("category", args=(mugs.pk,)),
        reverse("tree_changes"),
    ):
        text = text_of(tomas.get(address))
        told = [
            text.rindex("Merge with cups?"),
            text.rindex("with a handle"),
            text.rindex("renamed from “Mugs” to “Beakers”"),
        ]
        assert told == sorted(told)


def test_changes_of_the_tree_are_picked_by_branch_and_by_person(
    tomas: Client, mugs: Category
) -> None:
    ada = make_user("taxonomists", username="ada")
    editing.set_display_name(mugs, "Beakers", based_on=0, by=ada)
    other = make_category("Garden", id=3)
    editing.set_display_name(other, "Outside", based_on=0, by=make_user(username="bo"))
    address = reverse("tree_changes")

    def told(asked: str) -> tuple[bool, bool]:
        text = text_of(tomas.get(address + asked))
        return "shown as “Beakers”" in text, "shown as “Outside”" in text

    assert told("") == (True, True)
    assert told("?under=2") == (True, False)
    assert told("?by=bo") == (False, True)
    assert told("?under=2&by=bo") == (False, False)


def test_changes_of_nobody_are_not_those_of_everybody(tomas: Client, mugs: Category) -> None:
    assert tomas.get(f"{reverse('tree_changes')}?by=nobody").status_code == 404


@pytest.mark.parametrize("number", ["x", "9" * 5_000])
def test_names_are_not_compared_apart_from_what_is_no_category(
    tomas: Client, mugs: Category, number: str
) -> None:
    address = f"{reverse('alike_names')}?name=Mugs&apart={number}"
    assert tomas.get(address).status_code == 400


def test_a_long_history_asks_no_more_of_the_database(tomas: Client, mugs: Category) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(tomas.get(address))
        return len(captured)

    addresses = [
        reverse("category", args=(mugs.pk,)),
        reverse("category_history", args=(mugs.pk,)),
        reverse("tree_changes"),
    ]
    counts = []
    text_of(tomas.get("/"))  # the shell counts for all pages
    for _ in range(2):
        for number in range(6):
            ada = make_user("taxonomists")
            name = f"Mugs {number}"
            editing.set_display_name(mugs, name, based_on=newest_change(mugs), by=ada)
            editing.comment(mugs, name, by=ada)
            sibling = make_category(parent=mugs.parent)
            write_revision(mugs, sibling, name, based_on=0, live=True, by=ada)
        counts.append([queries(address) for address in addresses])
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 30


def test_the_tree_in_columns_shows_a_column_a_level_and_what_was_opened(
    tomas: Client, mugs: Category
) -> None:
    make_category("Large", parent=mugs, id=900_001)
    roots = text_of(tomas.get("/tree/?view=columns"))
    assert roots.count('class="sheet column"') == 1
    opened = text_of(tomas.get(f"/tree/?view=columns&open={mugs.pk}"))
    assert opened.count('class="sheet column"') == 3
    assert opened.count('aria-current="true"><span class="name">') == 2
    assert 'aria-label="Mugs"' in opened
    part = text_of(tomas.get(f"/tree/?view=columns&open={mugs.pk}", headers=HTMX))
    assert "<html" not in part
    assert "Large" in part


def test_the_tree_is_downloaded_as_google_writes_it(tomas: Client, mugs: Category) -> None:
    response = tomas.get(f"{reverse('export_tree')}?part=shop")
    assert b"".join(response.streaming_content) == b"900000 - Kitchen > Mugs\n"  # type: ignore[attr-defined]  # it streams
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert 'filename="shops-taxonomy.en-US.txt"' in response["Content-Disposition"]
    assert tomas.get(f"{reverse('export_tree')}?part=x").status_code == 400
    assert tomas.get(f"{reverse('export_tree')}?locale=xx").status_code == 400


def test_names_on_screen_are_shown_and_paths_keep_googles(tomas: Client, mugs: Category) -> None:
    kitchen = Category.objects.get(pk=2)
    editing.set_display_name(kitchen, "Cooking", based_on=0, by=None)
    for address in ("/tree/", "/tree/?view=columns", "/tree/900000/", "/tree/?q=cooking"):
        assert "Cooking" in text_of(tomas.get(address))
    assert "Kitchen &gt; Mugs" in text_of(tomas.get("/tree/900000/"))
