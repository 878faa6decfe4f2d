"""Which judgments count."""

from __future__ import annotations

import pytest

from judgments.queries import current_judgments, guideline_now
from taxonomy.models import Revision
from tests.factories import make_category, make_judgment, make_product, make_text

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


def test_an_annotators_latest_word_supersedes_the_earlier_ones() -> None:
    page, product = make_category(), make_product()
    make_judgment(page, product, 0)
    latest = make_judgment(page, product, 3)
    assert list(current_judgments()) == [latest]


def test_annotators_pages_and_products_are_counted_apart() -> None:
    page, other = make_category(), make_category()
    product, another = make_product(), make_product()
    made = {
        make_judgment(page, product, 1, "Ann"),
        make_judgment(page, product, 2, "Bob"),
        make_judgment(other, product, 0, "Ann"),
        make_judgment(page, another, 3, "Ann"),
    }
    assert set(current_judgments()) == made


def test_judgments_can_be_read_as_they_stood_at_an_earlier_one() -> None:
    page, product = make_category(), make_product()
    first = make_judgment(page, product, 0)
    make_judgment(page, product, 3)
    assert list(current_judgments(until=first.pk)) == [first]
    assert list(current_judgments(until=0)) == []


def test_the_guideline_of_a_judgment_is_what_was_live_when_it_was_made() -> None:
    page, product = make_category(), make_product()
    assert guideline_now() == 0
    first = make_text(page, None, "whole")
    judgment = make_judgment(page, product, 3)
    judgment.revisions_until = guideline_now()
    judgment.save()
    make_text(page, None, "ground")
    assert list(Revision.objects.live(judgment.revisions_until)) == [first]
