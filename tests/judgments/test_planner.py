"""Queries stay short reads where PostgreSQL believes a full table empty.

So it does when it last looked amid a long import: rows not yet committed count for nothing.
"""

from __future__ import annotations

import pytest
from django.db import connection

from judgments.models import Annotator, Judgment
from judgments.queries import blind_judgments, current_judgments
from judgments.queries.queue import items_left
from tests.factories import make_annotator, make_campaign, make_category, make_item, make_product

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.rows,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL"),
]

PAGES, PRODUCTS, ASKED = 30, 300, 20


@pytest.fixture
def annotator() -> Annotator:
    """Somebody who judged 300 products on each of 30 pages, and is asked about 20 more."""
    who = make_annotator()
    pages = [make_category() for _ in range(PAGES)]
    products = [make_product() for _ in range(PRODUCTS + ASKED)]
    Judgment.objects.bulk_create(
        Judgment(page=page, product=product, annotator=who, grade=3, source="annotator")
        for page in pages
        for product in products[:PRODUCTS]
    )
    campaign = make_campaign()
    for product in products[PRODUCTS:]:
        make_item(campaign, pages[0], product)
    make_item(campaign, pages[0], products[0])
    return who


@pytest.fixture(autouse=True)
def _believed_empty(annotator: Annotator) -> None:
    """All joined with all is 81 million pairs: far beyond the limit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET reltuples = 0, relpages = pg_relation_size(oid) / 8192"
            " WHERE relname IN ('judgments_judgment', 'judgments_item', 'judgments_seat')"
        )
        cursor.execute("SET LOCAL statement_timeout = '5s'")


def test_what_is_left_to_judge_is_found(annotator: Annotator) -> None:
    assert items_left(annotator).count() == ASKED


def test_the_words_that_count_are_found() -> None:
    assert current_judgments().count() == PAGES * PRODUCTS
    assert blind_judgments().count() == PAGES * PRODUCTS
