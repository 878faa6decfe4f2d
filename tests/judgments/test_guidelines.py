"""Guidelines: which one counts where, revisions, collisions, and Markdown that lets no HTML in."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from judgments.actions.guidelines import (
    BadGuideline,
    Collision,
    Shown,
    make_guideline_live,
    restore_guideline,
    write_guideline,
)
from judgments.guidelines import as_html
from judgments.models import GuidelineRevision
from judgments.queries.guidelines import (
    guideline_lines,
    guideline_of,
    guidelines_of,
    pages_without_guideline,
    revisions_of,
    standing_of,
    written_guidelines,
)
from taxonomy.actions.editing import move
from taxonomy.models import Category
from tests.factories import make_category, make_judgment, make_product, make_user


def make_guideline(
    branch: Category | None, text: str, *, live: bool = True, examples: list[Shown] | None = None
) -> GuidelineRevision:
    number = standing_of(branch).number
    return write_guideline(
        branch, text, based_on=number, live=live, by=None, examples=examples or []
    )


@pytest.mark.django_db
class TestWhichCounts:
    def test_the_nearest_live_one_above_a_page_counts(self) -> None:
        food = make_category("Food")
        spices = make_category("Spices", food)
        pepper = make_category("Pepper", spices)
        make_guideline(None, "Look at the picture.")
        of_food = make_guideline(food, "Eatable.")
        assert guideline_of(pepper) == of_food
        of_pepper = make_guideline(pepper, "Only pepper.")
        assert guideline_of(pepper) == of_pepper
        assert guideline_of(spices) == of_food

    def test_without_any_above_the_whole_trees_counts(self) -> None:
        page = make_category()
        assert guideline_of(page) is None
        of_all = make_guideline(None, "Look at the picture.")
        assert guideline_of(page) == of_all

    def test_a_draft_does_not_count_and_a_withdrawn_one_counts_no_more(self) -> None:
        food = make_category("Food")
        page = make_category("Pepper", food)
        above = make_guideline(food, "Eatable.")
        make_guideline(page, "Only pepper.", live=False)
        assert guideline_of(page) == above
        make_guideline(page, "Only pepper.")
        make_guideline(page, "")
        assert guideline_of(page) == above
        assert standing_of(page).is_withdrawn

    def test_a_page_that_moves_goes_by_what_counts_in_its_new_place(self) -> None:
        food, tools = make_category("Food"), make_category("Tools")
        mill = make_category("Mills", food, id=900_001)
        make_guideline(food, "Eatable.")
        of_tools = make_guideline(tools, "It works.")
        move(mill, tools, based_on=0, by=None)
        mill.refresh_from_db()
        assert guideline_of(mill) == of_tools

    def test_many_pages_take_one_query(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        food = make_category("Food")
        pages = [make_category(parent=food, is_page=True) for _ in range(20)]
        revision = make_guideline(food, "Eatable.")
        with django_assert_num_queries(1):
            assert guidelines_of(pages) == {page.pk: revision for page in pages}

    def test_the_list_says_how_much_goes_by_each_in_as_many_queries_however_long(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        food = make_category("Food")
        pages = [make_category(parent=food, is_page=True) for _ in range(6)]
        make_category("Toys", is_page=True)
        revision = make_guideline(food, "Eatable.")
        for page in pages[:4]:
            make_guideline(page, "Its own.")
        judgment = make_judgment(pages[5], make_product(), 3)
        type(judgment).objects.filter(pk=judgment.pk).update(guideline=revision)
        with django_assert_num_queries(5):
            lines = guideline_lines(written_guidelines())
        assert [(line.pages, line.judged) for line in lines] == [(2, 1), *[(1, 0)] * 4]
        assert pages_without_guideline() == 1


@pytest.mark.django_db
class TestWriting:
    def test_each_write_appends_and_the_history_says_what_was_judged_by_it(self) -> None:
        page = make_category()
        first = make_guideline(page, "Pepper.")
        judgment = make_judgment(page, make_product(), 3)
        type(judgment).objects.filter(pk=judgment.pk).update(guideline=first)
        make_guideline(page, "Pepper of any kind.")
        place = standing_of(page).place
        assert place
        assert [(one.number, one.text, one.judged) for one in revisions_of(place)] == [  # type: ignore[attr-defined]
            (2, "Pepper of any kind.", 0),
            (1, "Pepper.", 1),
        ]

    def test_saying_the_same_again_is_no_new_revision(self) -> None:
        page, product = make_category(), make_product()
        first = make_guideline(page, "Pepper.", examples=[Shown(product.pk, 3, "whole")])
        again = make_guideline(page, "Pepper.\r\n", examples=[Shown(product.pk, 3, " whole ")])
        assert again == first
        other = make_guideline(page, "Pepper.", examples=[Shown(product.pk, 2, "whole")])
        assert other.number == 2

    def test_two_editors_collide_and_the_second_learns_what_the_first_wrote(self) -> None:
        page = make_category()
        make_guideline(page, "Pepper.")
        write_guideline(page, "Pepper, ground.", based_on=1, live=True, by=None)
        with pytest.raises(Collision) as collision:
            write_guideline(page, "Pepper, whole.", based_on=1, live=True, by=None)
        assert collision.value.newest.text == "Pepper, ground."
        assert GuidelineRevision.objects.count() == 2

    def test_restoring_brings_the_examples_back_too(self) -> None:
        page, product = make_category(), make_product()
        first = make_guideline(page, "Pepper.", examples=[Shown(product.pk, 3, "whole")])
        make_guideline(page, "Spices.")
        restored = restore_guideline(first, based_on=2, by=None)
        assert restored.text == "Pepper."
        assert [one.product for one in restored.examples.all()] == [product]

    def test_a_draft_is_made_live_by_a_revision_of_its_own(self) -> None:
        page = make_category()
        draft = make_guideline(page, "Pepper.", live=False)
        live = make_guideline_live(draft, based_on=1, by=None)
        assert (live.number, live.state) == (2, "live")
        assert guideline_of(page) == live

    @pytest.mark.parametrize(
        ("text", "examples", "fault"),
        [
            ("", [], "The guideline is empty: there is nothing to save."),
            ("x" * 10_001, [], "The guideline is longer than 10,000 characters."),
            ("a\nb\x00", [], "Line 2 holds a character that cannot be stored."),
            ("a", [Shown(99_999, 3)], "Example 1: there is no product 99999."),
            ("", [Shown(99_999, 3)], "A guideline without words has no examples."),
        ],
    )
    def test_what_cannot_be_kept_is_refused_in_a_sentence(
        self, text: str, examples: list[Shown], fault: str
    ) -> None:
        with pytest.raises(BadGuideline) as refused:
            make_guideline(make_category(), text, examples=examples)
        assert fault in refused.value.faults
        assert not GuidelineRevision.objects.exists()


@pytest.mark.rows
@pytest.mark.django_db(transaction=True)
def test_of_editors_at_the_same_moment_one_writes_and_the_others_see_it() -> None:
    page, people = make_category(), [make_user("leads") for _ in range(4)]
    make_guideline(page, "Pepper.")
    gate, outcomes = threading.Barrier(4), []

    def write(number: int) -> None:
        gate.wait()
        try:
            text = f"Text {number}"
            write_guideline(page, text, based_on=1, live=True, by=people[number])
            outcomes.append("written")
        except Collision as collision:
            outcomes.append("collided" if collision.newest.number == 2 else "lost")
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["collided", "collided", "collided", "written"]
    assert GuidelineRevision.objects.count() == 2


class TestMarkdown:
    def test_headings_lists_and_tables_are_shown(self) -> None:
        html = as_html("# Pepper\n\n- **whole**\n\n| a | b |\n|---|---|\n| 1 | 2 |")
        assert "<h3>Pepper</h3>" in html
        assert "<li><strong>whole</strong></li>" in html
        assert "<td>2</td>" in html

    @pytest.mark.parametrize(
        "text",
        [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "a <b onclick=alert(1)>b</b>",
            "![x](https://elsewhere.example/x.png)",
            "[x](javascript:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:msgbox)",
            "[x](//elsewhere.example)",
            "[x](/tree/)",
            "<javascript:alert(1)>",
            '[x]: javascript:alert(1) "y"\n\n[x]',
            '[x](https://a.example "onmouseover=alert(1)")',
        ],
    )
    def test_no_html_of_the_author_gets_in(self, text: str) -> None:
        html = as_html(text)
        for bad in ("<script", "<img", "<b ", "onclick=alert(1)>", 'href="java', 'href="data'):
            assert bad not in html
        assert 'href="/' not in html
        assert 'href="vb' not in html

    def test_links_lead_to_the_web_and_say_nothing_of_us(self) -> None:
        assert "style" not in as_html("| a |\n|:-:|\n| 1 |")
        html = as_html("[x](https://example.org/?a=1&b=2)")
        expected = '<a href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer">x</a>'
        assert expected in html

    @settings(deadline=None)
    @given(st.text(alphabet="<>&\"'[]()!`*_# \nabjs:/", max_size=60))
    def test_whatever_is_written_only_known_tags_come_out(self, text: str) -> None:
        parts = as_html(text).split("<")[1:]
        names = {part.split(">")[0].split(" ")[0].strip("/\n") for part in parts}
        assert names <= KNOWN


KNOWN = {
    *("p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "em", "strong", "code", "pre", "a", "br"),
    *("blockquote", "hr", "table", "thead", "tbody", "tr", "th", "td"),
}
