"""What each person said for themselves."""

from __future__ import annotations

import pytest

from judgments.models import Judgment
from judgments.queries.grades import grades_by_person
from tests.factories import make_category, make_judgment, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


def test_everybody_s_last_word_counts_and_what_came_later_does_not() -> None:
    page, product = make_category(), make_product()
    make_judgment(page, product, 1)
    last = make_judgment(page, product, 3)
    bob = make_judgment(page, product, 0, "Bob")
    told = {(one.person, one.grade) for one in grades_by_person()}
    assert told == {(str(last.annotator_id), 3), (str(bob.annotator_id), 0)}
    assert [one.grade for one in grades_by_person(until=last.pk)] == [3]


def test_who_had_seen_the_others_grades_is_no_witness() -> None:
    page, product = make_category(), make_product()
    make_judgment(page, product, 2)
    decided = make_judgment(page, product, 0, "Eve")
    Judgment.objects.filter(pk=decided.pk).update(source="adjudicator")
    assert [one.grade for one in grades_by_person()] == [2]


def test_what_was_said_of_a_retired_category_counts_for_the_one_in_its_place() -> None:
    page, product = make_category(), make_product()
    old = make_category(successor=page)
    make_judgment(old, product, 2)
    make_judgment(page, product, 3)
    (grade,) = grades_by_person()
    assert (grade.page, grade.grade) == (page.pk, 3)
