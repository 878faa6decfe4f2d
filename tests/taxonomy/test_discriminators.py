"""Texts that tell siblings apart: kept word by word, however many people write at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connections
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from taxonomy.actions.discriminators import (
    BadText,
    Collision,
    NotSiblings,
    checked_lines,
    make_live,
    restore,
    write_revision,
)
from taxonomy.models import Category, Discriminator, Revision
from taxonomy.queries.discriminators import text_of, texts_of_pair
from tests.factories import make_category, make_text, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def spices() -> Category:
    return make_category("Herbs & Spices")


@pytest.fixture
def pepper(spices: Category) -> Category:
    return make_category("Pepper", spices)


@pytest.fixture
def mixes(spices: Category) -> Category:
    return make_category("Seasoning mixes", spices)


def test_each_direction_of_a_pair_and_a_category_alone_have_their_own_text(
    pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "whole peppercorns")
    make_text(mixes, pepper, "several spices")
    make_text(pepper, None, "pepper")
    mine, theirs = texts_of_pair(pepper, mixes)
    assert (mine.text, theirs.text, text_of(pepper, None).text) == (
        "whole peppercorns",
        "several spices",
        "pepper",
    )
    assert text_of(mixes, None).number == 0
    assert Discriminator.objects.count() == 3


def test_a_revision_keeps_its_author_its_note_and_where_its_lines_came_from(
    pepper: Category, mixes: Category
) -> None:
    tomas = make_user("taxonomists")
    words = {"source": "titles"}
    first = make_text(
        pepper, mixes, "grinder\nwhole", by=tomas, note=" mined ", origin={"grinder": words}
    )
    assert (first.number, first.author, first.note) == (1, tomas, "mined")
    second = make_text(pepper, mixes, "whole\ngrinder\nblack")
    assert second.origin == {"grinder": words}
    assert make_text(pepper, mixes, "whole").origin == {}


def test_roots_are_siblings_of_each_other() -> None:
    food, toys = make_category("Food"), make_category("Toys")
    assert make_text(food, toys, "to eat").number == 1


def test_a_draft_waits_beside_the_live_text_until_it_is_made_live(
    pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "whole")
    draft = make_text(pepper, mixes, "whole or ground", live=False)
    state = text_of(pepper, mixes)
    assert state.live
    assert (state.live.text, state.draft, state.text) == ("whole", draft, "whole or ground")
    assert [one.text for one in Revision.objects.live()] == ["whole"]
    made = make_live(draft, based_on=2, by=None)
    assert (made.number, made.note) == (3, "Made revision 2 live")
    assert [one.text for one in Revision.objects.live()] == ["whole or ground"]
    assert text_of(pepper, mixes).draft is None


def test_restoring_appends_the_words_of_an_earlier_revision(
    pepper: Category, mixes: Category
) -> None:
    first = make_text(pepper, mixes, "whole", origin={"whole": {"source": "tree"}})
    make_text(pepper, mixes, "ground")
    again = restore(first, based_on=2, by=None)
    assert (again.number, again.text, again.state) == (3, "whole", "live")
    assert again.origin == {"whole": {"source": "tree"}}
    assert list(Revision.objects.values_list("text", flat=True).order_by("number")) == [
        "whole",
        "ground",
        "whole",
    ]


def test_restoring_a_draft_changes_nothing_that_counts(pepper: Category, mixes: Category) -> None:
    draft = make_text(pepper, mixes, "ground", live=False)
    make_text(pepper, mixes, "whole")
    assert restore(draft, based_on=2, by=None).state == "draft"
    assert [one.text for one in Revision.objects.live()] == ["whole"]


def test_a_withdrawn_text_counts_no_more_and_can_be_restored(
    pepper: Category, mixes: Category
) -> None:
    first = make_text(pepper, mixes, "whole")
    gone = make_text(pepper, mixes, "")
    assert (gone.text, gone.state, gone.lines) == ("", "live", [])
    assert text_of(pepper, mixes).live is None
    restore(first, based_on=2, by=None)
    assert text_of(pepper, mixes).text == "whole"


def test_texts_count_as_of_any_revision(pepper: Category, mixes: Category) -> None:
    first = make_text(pepper, mixes, "whole")
    second = make_text(pepper, mixes, "ground")
    assert list(Revision.objects.live(first.pk)) == [first]
    assert list(Revision.objects.live(second.pk)) == [second]


def test_the_same_words_again_are_no_new_revision(pepper: Category, mixes: Category) -> None:
    first = write_revision(pepper, mixes, "whole\r\n\r\n ground ", based_on=0, live=True, by=None)
    assert first.text == "whole\nground"
    again = write_revision(pepper, mixes, "whole\nground", based_on=0, live=True, by=None)
    as_draft = write_revision(pepper, mixes, "whole\nground", based_on=1, live=False, by=None)
    assert first == again == as_draft
    assert Revision.objects.count() == 1


def test_the_words_of_a_draft_made_live_are_a_new_revision(
    pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "whole", live=False)
    assert make_text(pepper, mixes, "whole", live=True).number == 2


# Two people at once


def test_who_saw_an_older_revision_gets_the_newest_and_writes_nothing(
    pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "whole")
    theirs = make_text(pepper, mixes, "ground")
    with pytest.raises(Collision) as collision:
        write_revision(pepper, mixes, "mine", based_on=1, live=True, by=None)
    assert collision.value.newest == theirs
    assert Revision.objects.count() == 2


def test_nobody_goes_on_from_a_revision_that_does_not_exist(
    pepper: Category, mixes: Category
) -> None:
    with pytest.raises(BadText, match="no revision 3"):
        write_revision(pepper, mixes, "whole", based_on=3, live=True, by=None)
    assert not Discriminator.objects.exists()


def at_once(*works: Callable[[], Revision]) -> list[Revision | Collision]:
    """Return what each of the works that begin at the same moment came to."""
    gate = threading.Barrier(len(works))
    ends: list[Revision | Collision] = []

    def run(work: Callable[[], Revision]) -> None:
        gate.wait()
        try:
            ends.append(work())
        except Collision as collision:
            ends.append(collision)
        connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ends) == len(works)
    return ends


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", [0, 1])
def test_of_editors_at_the_same_moment_one_wins_and_the_others_see_the_winners_words(
    pepper: Category, mixes: Category, before: int
) -> None:
    for _ in range(before):
        make_text(pepper, mixes, "first")

    def writer(text: str) -> Callable[[], Revision]:
        return lambda: write_revision(pepper, mixes, text, based_on=before, live=True, by=None)

    ends = at_once(*(writer(f"text {number}") for number in range(4)))
    won = [end for end in ends if isinstance(end, Revision)]
    lost = [end for end in ends if isinstance(end, Collision)]
    assert (len(won), len(lost)) == (1, 3)
    assert {collision.newest for collision in lost} == {won[0]}
    assert Revision.objects.get(number=before + 1).text == won[0].text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("alone", [False, True])
def test_clicks_at_the_same_moment_write_one_revision(
    pepper: Category, mixes: Category, alone: bool
) -> None:
    sibling = None if alone else mixes

    def click() -> Revision:
        return write_revision(pepper, sibling, "whole", based_on=0, live=True, by=None)

    assert at_once(*[click] * 4) == [Revision.objects.get()] * 4


# What cannot be written


def test_cousins_parents_and_retired_categories_are_not_siblings(
    spices: Category, pepper: Category, mixes: Category
) -> None:
    cousin = make_category("Cousin", make_category("Other"))
    for category, sibling, reason in (
        (pepper, cousin, "Pepper and Cousin have different parents."),
        (pepper, spices, "Pepper and Herbs & Spices have different parents."),
        (pepper, pepper, "Pepper is not a sibling of itself."),
    ):
        with pytest.raises(NotSiblings, match=reason):
            make_text(category, sibling, "whole")
    mixes.retired_at = timezone.now()
    mixes.save()
    for one, other in ((pepper, mixes), (mixes, pepper), (mixes, None)):
        with pytest.raises(NotSiblings, match="Seasoning mixes is retired"):
            make_text(one, other, "whole")
    assert not Discriminator.objects.exists()


def test_every_fault_of_a_text_is_told_with_its_line(pepper: Category) -> None:
    lines = ["good", "x" * 301, "bell \x07", *(f"line {n}" for n in range(11))]
    with pytest.raises(BadText) as fault:
        make_text(pepper, None, "\n".join(lines))
    assert fault.value.faults == [
        "Line 2 is longer than 300 characters.",
        "Line 3 holds a character that cannot be stored, at place 6.",
        "The text has 14 lines; at most 12 are read.",
    ]
    assert not Revision.objects.exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\n".join(["x" * 250] * 9), "longer than 2,000 characters"),
        ("half \ud800", "Line 1 holds a character"),
        ("two\u2028lines", "Line 1 holds a character"),
        ("nul \0", "Line 1 holds a character"),
        (" \n ", "there is nothing to save"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_sentence(
    pepper: Category, text: str, reason: str
) -> None:
    with pytest.raises(BadText, match=reason):
        make_text(pepper, None, text)


@pytest.mark.parametrize("note", ["x" * 301, "two\nlines"])
def test_a_note_is_one_line_of_at_most_300_characters(pepper: Category, note: str) -> None:
    with pytest.raises(BadText, match="The note"):
        make_text(pepper, None, "whole", note=note)


WRITABLE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40)


@given(st.lists(WRITABLE, max_size=12).map("\n".join))
@effort(deadline=None)
def test_lines_that_are_kept_stay_as_they_are(text: str) -> None:
    lines = checked_lines(text)
    assert checked_lines("\n".join(lines)) == lines
    assert Revision(text="\n".join(lines)).lines == lines
