"""What people see of texts, and how they write them."""

from __future__ import annotations

import gzip
import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from taxonomy.differences import Kind, Piece, differences, merged
from taxonomy.models import Category, Import, Revision
from taxonomy.queries.discriminators import text_of
from tests.factories import make_category, make_text, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
SAVE = "/texts/save/"
PAIR = "/texts/7/8/"


@pytest.fixture
def tomas(client: Client) -> Client:
    client.force_login(make_user("taxonomists", username="tomas"))
    return client


@pytest.fixture
def pepper() -> Category:
    return make_category("Pepper", make_category("Spices", id=6), id=7)


@pytest.fixture
def mixes(pepper: Category) -> Category:
    return make_category("Seasoning mixes", pepper.parent, id=8)


def words_of(response: Any, status: int = 200) -> str:
    """Return the page as people read it, white space made one."""
    assert response.status_code == status
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def form(text: str, based_on: int = 0, state: str = "draft", **more: str) -> dict[str, str]:
    said = {"category": "7", "sibling": "8", "text": text, "based_on": str(based_on), "as": state}
    return said | more


# Writing


def test_a_draft_is_saved_and_then_made_live(
    tomas: Client, pepper: Category, mixes: Category
) -> None:
    said = words_of(tomas.post(SAVE, form("whole", note="from the label"), follow=True))
    assert "Revision 1 is saved as a draft." in said
    assert "“from the label”" in said
    draft = Revision.objects.get()
    assert (draft.state, draft.author.username) == ("draft", "tomas")  # type: ignore[union-attr]  # it has one
    live = tomas.post(reverse("make_text_live", args=(draft.pk,)), {"based_on": "1"}, follow=True)
    assert "Revision 2 is live." in words_of(live)
    assert text_of(pepper, mixes).live


def test_a_text_of_a_category_alone_is_written_too(tomas: Client, pepper: Category) -> None:
    said = form("pepper", state="live") | {"sibling": ""}
    response = tomas.post(SAVE, said)
    assert response["Location"] == "/texts/7/"
    assert "Pepper alone" in words_of(tomas.get("/texts/7/"))


def test_a_text_that_cannot_be_kept_is_shown_again_with_every_fault(
    tomas: Client, pepper: Category, mixes: Category
) -> None:
    long = "x" * 301
    response = tomas.post(SAVE, form(f"good words\n{long}", note="why"))
    said = words_of(response, 422)
    assert "Line 2 is longer than 300 characters." in said
    assert "good words" in said
    assert 'value="why"' in response.content.decode()
    assert not Revision.objects.exists()


def test_no_text_is_written_between_strangers(tomas: Client, pepper: Category) -> None:
    make_category("Cousin", id=8)
    said = words_of(tomas.post(SAVE, form("whole")), 422)
    assert "have different parents." in said
    assert "whole" in said


def test_a_text_is_withdrawn_and_restored_with_one_click_each(
    tomas: Client, pepper: Category, mixes: Category
) -> None:
    first = make_text(pepper, mixes, "whole")
    page = tomas.get(PAIR)
    assert "Withdraw this text" in words_of(page)
    gone = tomas.post(SAVE, form("", 1, "live", note="Withdrawn"), follow=True)
    assert "The text is withdrawn with revision 2." in words_of(gone)
    assert "withdrawn" in words_of(tomas.get(PAIR))
    back = tomas.post(reverse("restore_text", args=(first.pk,)), {"based_on": "2"}, follow=True)
    assert "“Restored revision 1”" in words_of(back)
    assert text_of(pepper, mixes).text == "whole"


@pytest.mark.parametrize("broken", [{"based_on": "x"}, {"category": ""}, {"sibling": "-1"}])
def test_a_form_that_lacks_something_is_refused(
    tomas: Client, pepper: Category, mixes: Category, broken: dict[str, str]
) -> None:
    assert tomas.post(SAVE, form("whole") | broken).status_code in (400, 404)
    assert not Revision.objects.exists()


# Two people at once


def test_who_comes_second_sees_both_texts_and_loses_nothing(
    tomas: Client, pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "whole\nof one kind")
    make_text(pepper, mixes, "whole\nground", by=make_user(username="mira"), note="better")
    response = tomas.post(SAVE, form("whole\nof one kind\nmine too", 1, "live", note="my note"))
    said = words_of(response, 409)
    assert "mira changed this text at" in said
    assert "Theirs: revision 2, live · “better”" in said
    assert "only theirs: ground" in said
    assert "Yours: not saved · “my note”" in said
    assert "only yours: of one kind mine too" in said
    page = response.content.decode()
    assert '<input type="hidden" name="text" value="whole\nof one kind\nmine too">' in page
    assert ">\nwhole\nground\nmine too</textarea>" in page  # merged: they took a line out
    assert page.count('name="based_on" value="2"') == 2
    assert Revision.objects.count() == 2


def test_keeping_mine_on_top_keeps_theirs_in_the_history(
    tomas: Client, pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "theirs")
    assert tomas.post(SAVE, form("mine", 0, "live")).status_code == 409
    tomas.post(SAVE, form("mine", 1, "live"))
    assert list(Revision.objects.order_by("number").values_list("text", flat=True)) == [
        "theirs",
        "mine",
    ]


def test_restoring_what_somebody_has_changed_meanwhile_collides_too(
    tomas: Client, pepper: Category, mixes: Category
) -> None:
    first = make_text(pepper, mixes, "first")
    make_text(pepper, mixes, "second")
    make_text(pepper, mixes, "third")
    response = tomas.post(reverse("restore_text", args=(first.pk,)), {"based_on": "2"})
    said = words_of(response, 409)
    assert "only theirs: third" in said
    assert "only yours: first" in said


def test_the_second_click_of_one_form_writes_nothing(
    tomas: Client, pepper: Category, mixes: Category
) -> None:
    for _ in range(2):
        assert tomas.post(SAVE, form("whole")).status_code == 302
    assert Revision.objects.count() == 1


# Reading


def test_what_changed_between_any_two_revisions_is_marked_word_by_word(
    tomas: Client, pepper: Category, mixes: Category
) -> None:
    for text in ("whole peppercorns", "ground peppercorns", "ground peppercorns\nof one kind"):
        make_text(pepper, mixes, text)
    newest = tomas.get(PAIR).content.decode()
    assert '<ins><span class="unseen">put in: </span>\nof one kind</ins>' in newest
    asked = tomas.get(f"{PAIR}?from=1&to=2", headers=HTMX).content.decode()
    assert "<html" not in asked
    assert '<del><span class="unseen">taken out: </span>whole</del>' in asked
    assert '<ins><span class="unseen">put in: </span>ground</ins> peppercorns' in asked


def test_words_of_texts_are_never_taken_for_markup(
    tomas: Client, pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "<script>alert(1)</script>")
    make_text(pepper, mixes, "<b>bold</b>", note="<i>")
    for address in (PAIR, "/texts/", "/tree/7/texts/"):
        page = tomas.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<b>bold" not in page
        assert "<i>" not in page


def test_a_text_shows_where_its_lines_came_from(
    tomas: Client, pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "grinder", origin={"grinder": {"source": "words of titles"}})
    assert "Where its lines came from grinder words of titles" in words_of(tomas.get(PAIR))


def test_who_may_not_write_reads(client: Client, pepper: Category, mixes: Category) -> None:
    make_text(pepper, mixes, "whole")
    client.force_login(make_user("annotators"))
    page = client.get(PAIR).content.decode()
    assert "What counts now" in page
    assert "whole" in page
    assert "<textarea" not in page
    assert "Restore" not in page


def test_a_category_shows_its_texts_in_both_directions(
    tomas: Client, pepper: Category, mixes: Category
) -> None:
    assert "No text tells it from its 1 sibling yet." in words_of(tomas.get("/tree/7/texts/"))
    make_text(pepper, None, "hot")
    make_text(pepper, mixes, "peppercorns")
    make_text(mixes, pepper, "several spices", live=False)
    part = tomas.get("/tree/7/texts/", headers=HTMX)
    said = words_of(part)
    assert "<html" not in part.content.decode()
    assert "Alone hot" in said
    assert "rather than Seasoning mixes peppercorns live" in said
    assert "Seasoning mixes rather than this several spices draft waits" in said


def test_texts_are_listed_by_state_name_and_words(
    tomas: Client, pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "whole peppercorns")
    make_text(mixes, pepper, "several", live=False)
    gone = make_category("Saffron", pepper.parent)
    make_text(gone, None, "threads")
    gone.retired_at = timezone.now()
    gone.save()

    def listed(query: str) -> str:
        return words_of(tomas.get(f"/texts/{query}", headers=HTMX))

    assert "3 texts" in listed("")
    assert "2 texts" in listed("?state=live")
    assert "Seasoning mixes rather than Pepper" in listed("?state=draft")
    assert "Saffron alone" in listed("?state=retired")
    assert "0 texts" in listed("?state=withdrawn")
    assert "1 text " in listed("?q=saffron")
    assert "1 text " in listed("?q=peppercorns")
    assert "No text fits" in listed("?q=zzzz")


def test_a_retired_categorys_text_can_be_read_and_not_written(
    tomas: Client, pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "whole")
    mixes.retired_at = timezone.now()
    mixes.save()
    page = tomas.get(PAIR)
    assert "no live siblings any more" in words_of(page)
    assert "<textarea" not in page.content.decode()


def test_queries_do_not_grow_with_texts_and_siblings(tomas: Client, pepper: Category) -> None:
    addresses = ("/texts/", "/texts/7/", "/tree/7/texts/")
    tomas.get("/")  # counts what stands beside the menu
    counts: list[list[int]] = []
    for _ in range(2):
        for _ in range(6):
            other = make_category(parent=pepper.parent)
            make_text(pepper, other, "whole", by=make_user())
            make_text(pepper, None, f"pepper not {other}", by=make_user())
        counts.append([])
        for address in addresses:
            with CaptureQueriesContext(connection) as captured:
                assert tomas.get(address).status_code == 200
            counts[-1].append(len(captured))
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 20


# Files


def test_texts_are_downloaded_and_uploaded(
    tomas: Client, pepper: Category, mixes: Category, settings: Settings, tmp_path: object
) -> None:
    settings.DATA = tmp_path
    make_text(pepper, mixes, "whole")
    response = tomas.get(reverse("export_texts"))
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]  # it streams
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert b"7,8,whole,live," in content
    rows = content.replace(b"whole", b"whole or ground") + b"7,9,nowhere,live,,,\n"
    file = SimpleUploadedFile("from-mira.csv", rows)
    form = {"file": file, "drafts": "1"}
    said = words_of(tomas.post(reverse("upload_texts"), form, follow=True))
    assert "2 rows read: 0 new texts, 1 changed, 0 unchanged. 1 set aside" in said
    newest = Revision.objects.get(number=2)
    assert (newest.text, newest.state) == ("whole or ground", "draft")
    assert newest.author is not None
    assert Import.objects.get().source == "from-mira.csv"


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (None, "Choose a CSV file first"),
        (b"", "Choose a CSV file first"),
        (b"a,b\n", "names no column “category_id”."),
        (b"x" * ((1 << 20) + 1), "at most 1 MB and 2,000 rows. The command import_discriminators"),
        (gzip.compress(b"category_id,sibling_id,text\n", mtime=0), "The file is compressed."),
    ],
)
def test_a_file_that_says_nothing_is_refused_in_a_sentence(
    tomas: Client, file: bytes | None, reason: str
) -> None:
    given = {} if file is None else {"file": SimpleUploadedFile("texts.csv", file)}
    assert reason in words_of(tomas.post(reverse("upload_texts"), given, follow=True))


def test_a_file_with_more_rows_than_a_page_reads_is_refused_whole(
    tomas: Client, pepper: Category, mixes: Category, settings: Settings, tmp_path: object
) -> None:
    settings.DATA = tmp_path

    def uploaded(rows: int) -> str:
        lines = b"category_id,sibling_id,text\n7,8,whole\n" + b"7,9,nowhere\n" * (rows - 1)
        given = {"file": SimpleUploadedFile("texts.csv", lines)}
        return words_of(tomas.post(reverse("upload_texts"), given, follow=True))

    assert "Nothing was read: a page reads files of at most 1 MB" in uploaded(2_001)
    assert not Revision.objects.exists()
    assert "2,000 rows read: 1 new texts" in uploaded(2_000)


# Differences


def test_differences_tell_what_went_and_what_came() -> None:
    assert differences("a b c", "a x c") == [
        Piece(Kind.SAME, "a"),
        Piece(Kind.GONE, "b"),
        Piece(Kind.NEW, "x"),
        Piece(Kind.SAME, "c"),
    ]
    assert differences("", "") == []
    assert differences("a", "a\nb") == [Piece(Kind.SAME, "a"), Piece(Kind.NEW, "\nb")]


def test_merging_takes_what_either_put_in_and_leaves_what_either_took_out() -> None:
    base, theirs, mine = ["a", "b", "c"], ["a", "c", "theirs"], ["a", "b", "mine"]
    assert merged(base, theirs, mine) == ["a", "theirs", "mine"]
    assert merged([], theirs, mine) == ["a", "c", "theirs", "b", "mine"]
