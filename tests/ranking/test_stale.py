"""Which pages a change of a text makes stale, and what cures them."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ranking.actions import NothingToRank, cancel_run, start_run
from ranking.models import PageRun, Run, State
from ranking.queries import overview
from ranking.queries.stale import stale_line, stale_lines, stale_pages
from taxonomy.models import Category, Filing
from tests.factories import make_category, make_judgment, make_product, make_text
from tests.ranking.rankings import make_ranking, make_run

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def spices() -> Category:
    return make_category("Herbs & Spices")


@pytest.fixture
def pepper(spices: Category) -> Category:
    """A page, ranked before any text was written."""
    page = make_category("Pepper", spices, is_page=True)
    rank(page)
    return page


@pytest.fixture
def mixes(spices: Category) -> Category:
    """Its sibling, no page."""
    return make_category("Seasoning mixes", spices)


def rank(*pages: Category, state: str = State.DONE) -> Run:
    run = start_run(pages=[page.pk for page in pages], here=True)
    run.page_runs.update(state=state)
    return run


def stale() -> list[Category]:
    return list(stale_pages())


def test_a_siblings_text_makes_a_page_stale_and_ranking_it_again_cures_it(
    pepper: Category, mixes: Category
) -> None:
    assert stale() == []
    make_text(mixes, pepper, "several spices")
    assert stale() == [pepper]
    rank(pepper)
    assert stale() == []
    make_text(pepper, mixes, "peppercorns")
    assert stale() == [pepper]


def test_a_text_about_a_sibling_alone_makes_a_page_stale(pepper: Category, mixes: Category) -> None:
    make_text(mixes, None, "several spices")
    assert stale() == [pepper]


def test_texts_of_roots_make_roots_stale() -> None:
    food, toys = make_category("Food", is_page=True), make_category("Toys")
    below = make_category("Bread", food, is_page=True)
    rank(food, below)
    make_text(food, toys, "to eat")
    assert stale() == [food]


def test_a_cousins_a_parents_and_a_childs_text_make_no_page_stale(
    spices: Category, pepper: Category
) -> None:
    other = make_category("Tea")
    black, green = make_category("Black", other), make_category("Green", other)
    white = make_category("White pepper", pepper)
    make_text(black, green, "fermented")
    make_text(spices, other, "to season with")
    make_text(white, None, "without husk")
    assert stale() == []


def test_a_draft_makes_no_page_stale(pepper: Category, mixes: Category) -> None:
    make_text(pepper, mixes, "peppercorns", live=False)
    assert stale() == []


def test_withdrawing_a_text_makes_its_pages_stale(pepper: Category, mixes: Category) -> None:
    make_text(pepper, mixes, "peppercorns")
    rank(pepper)
    make_text(pepper, mixes, "")
    assert stale() == [pepper]


def test_a_page_never_ranked_or_switched_off_is_not_stale(
    pepper: Category, mixes: Category
) -> None:
    make_category("Salt", pepper.parent, is_page=True)
    make_text(pepper, mixes, "peppercorns")
    assert stale() == [pepper]
    pepper.is_page = False
    pepper.save()
    assert stale() == []


def test_rankings_from_before_there_were_texts_are_stale_with_the_first(
    pepper: Category, mixes: Category
) -> None:
    Run.objects.update(settings={})
    make_text(pepper, mixes, "peppercorns")
    assert stale() == [pepper]


def test_a_page_that_is_being_ranked_is_not_stale_unless_that_stops(
    pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "peppercorns")
    run = rank(pepper, state=State.WAITING)
    assert stale() == []
    cancel_run(run, by=None)
    assert stale() == [pepper]
    rank(pepper, state=State.FAILED)
    assert stale() == [pepper]


def test_a_text_changed_while_its_page_is_being_ranked_makes_it_stale(
    pepper: Category, mixes: Category
) -> None:
    rank(pepper, state=State.RUNNING)
    make_text(pepper, mixes, "peppercorns")
    assert stale() == [pepper]


def test_what_made_a_page_stale_is_the_newest_revision_of_each_text(
    pepper: Category, mixes: Category
) -> None:
    make_text(pepper, mixes, "corns")
    rank(pepper)
    make_text(pepper, mixes, "peppercorns")
    mine = make_text(pepper, mixes, "whole peppercorns")
    theirs = make_text(mixes, pepper, "several spices")
    make_text(mixes, pepper, "several spices and salt", live=False)
    line = stale_line(pepper)
    assert line
    assert line.texts == [theirs, mine]
    rank(pepper)
    assert stale_line(pepper) is None


def test_the_list_of_stale_pages_is_one_query_however_many_they_are(
    spices: Category,
    pepper: Category,
    mixes: Category,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    others = [make_category(parent=spices, is_page=True) for _ in range(6)]
    rank(*others)
    make_text(pepper, mixes, "peppercorns")
    with django_assert_num_queries(1):
        assert set(stale()) == {pepper, *others}
    with django_assert_num_queries(3):
        assert len(stale_lines(stale_pages())) == 7
    pages = list(overview.pages_overview("stale"))
    with django_assert_num_queries(4):
        assert all(line.stale for line in overview.page_lines(pages))
    assert len(pages) == 7


# Ranking them alone


def test_a_run_of_the_stale_pages_takes_no_others(pepper: Category, mixes: Category) -> None:
    salt = make_category("Table salt", make_category("Salt"), is_page=True)
    rank(salt)
    make_text(pepper, mixes, "peppercorns")
    run = start_run(stale=True, here=True)
    assert [part.page for part in run.page_runs.all()] == [pepper]
    assert run.settings["discriminators_until"] > 0


def test_of_the_pages_asked_for_only_the_stale_ones_are_ranked(
    pepper: Category, mixes: Category
) -> None:
    sage = make_category("Sage", pepper.parent, is_page=True)
    rank(sage)
    make_text(pepper, mixes, "peppercorns")
    run = start_run(pages=[sage.pk], stale=True, here=True)
    assert [part.page for part in run.page_runs.all()] == [sage]


def test_nothing_stale_starts_no_run_and_says_so(pepper: Category) -> None:
    before = Run.objects.count()
    with pytest.raises(NothingToRank, match="No page is stale"):
        start_run(stale=True, here=True)
    assert Run.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_rank_stale_pages_once(pepper: Category, mixes: Category) -> None:
    make_text(pepper, mixes, "peppercorns")
    token, gate = uuid.uuid4(), threading.Barrier(4)
    started: list[int] = []

    def click() -> None:
        gate.wait()
        started.append(start_run(stale=True, token=token, here=True).pk)
        connections.close_all()

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert started == [Run.objects.latest("id").pk] * 4
    assert PageRun.objects.filter(page=pepper).count() == 2


def test_a_judgment_makes_its_page_stale_and_no_other() -> None:
    page, other = make_category("Lamps", is_page=True), make_category("Mugs", is_page=True)
    product = make_product()
    before = make_judgment(page, product, 3)
    run = make_run(settings={"judgments_until": before.pk})
    for each in (page, other):
        make_ranking(each, run=run)
    assert not stale_pages().exists()
    make_judgment(page, product, 0, "Bob")
    (line,) = stale_lines(stale_pages())
    assert (line.page, line.judgments, line.filings) == (page, 1, 0)


def test_a_product_that_is_filed_there_makes_a_page_stale_and_a_model_s_word_does_not() -> None:
    page = make_category("Lamps", is_page=True)
    old = make_product(filed_under=page)
    make_ranking(page, run=make_run(as_of=timezone.now() + timedelta(seconds=1)))
    assert not stale_pages().exists()
    PageRun.objects.update(run=make_run(as_of=timezone.now() - timedelta(hours=1)))
    Filing.objects.filter(product=old).update(made_at=timezone.now() - timedelta(hours=2))
    Filing.objects.create(product=old, category=page, source="model")
    assert not stale_pages().exists()
    make_product(filed_under=page)
    (line,) = stale_lines(stale_pages())
    assert (line.judgments, line.filings) == (0, 1)
