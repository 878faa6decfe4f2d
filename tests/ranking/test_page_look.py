"""A page as a merchandiser looks at it: which ranking, what changed, what touched what."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ranking.models import HandRule, Night, PageRun, RankedProduct
from ranking.queries import browse, overview
from ranking.queries.changes import changes
from ranking.queries.look import look
from ranking.queries.morning import morning
from taxonomy.models import Category, Product, Retailer
from tests.factories import make_category, make_judgment, make_product
from tests.ranking.conftest import HTMX, products, text_of
from tests.ranking.published import publish
from tests.ranking.rankings import make_page_run, make_ranking, make_run

pytestmark = pytest.mark.django_db


def page_of(category: Category, query: str = "") -> str:
    return reverse("page", args=(category.pk,)) + query


def order(client: Client, pepper: Category, query: str) -> list[Product]:
    return [tile.product for tile in client.get(page_of(pepper, query)).context["tiles"]]


def say(page: Category, product: Product, kind: str, state: str = "live", **said: object) -> None:
    HandRule.objects.create(page=page, product=product, kind=kind, state=state, **said)


# Which ranking


def test_the_four_rankings_of_a_page_are_told_apart(merchandiser: Client, pepper: Category) -> None:
    one, two, three, gone = products(4)
    publish(pepper, [one, two, three])
    ranking = make_ranking(pepper, shown=[two, one, three], removed=[gone])
    ranking.ranked.filter(product=gone).update(score=9.0)
    say(pepper, three, "pin", place=1)
    say(pepper, one, "hide", "draft")
    assert order(merchandiser, pepper, "") == [three, two, one]
    assert order(merchandiser, pepper, "?show=newest") == [three, two, one]
    assert order(merchandiser, pepper, "?show=published") == [one, two, three]  # as it was told
    assert order(merchandiser, pepper, "?show=draft") == [three, two]  # over the published one
    assert order(merchandiser, pepper, "?show=off")[0] == gone
    assert order(merchandiser, pepper, "?show=nonsense") == [three, two, one]


def test_before_anything_is_published_the_page_says_so(
    merchandiser: Client, pepper: Category
) -> None:
    one, two = products(2)
    make_ranking(pepper, shown=[one, two])
    say(pepper, two, "pin", "draft", place=1)
    text = text_of(merchandiser, page_of(pepper))
    assert "not published yet" in text
    assert "?show=published" not in text
    assert "Since published" not in text
    assert order(merchandiser, pepper, "?show=published") == [one, two]
    assert order(merchandiser, pepper, "?show=draft") == [two, one]


def test_a_newer_ranking_leads_to_publishing_it(merchandiser: Client, pepper: Category) -> None:
    shown = products(2)
    published = publish(pepper, shown)
    text = text_of(merchandiser, page_of(pepper))
    assert "Publish run" not in text
    assert f"run {published.page_run.run_id}" in text
    newer = make_ranking(pepper, shown=shown[::-1])
    text = text_of(merchandiser, page_of(pepper))
    assert f"Publish run {newer.run_id}" in text
    assert f"run {newer.run_id}, {timezone.localtime(newer.finished_at):%H:%M}: not" in text


def test_a_page_that_was_carried_over_says_so_and_shows_its_products(
    merchandiser: Client, pepper: Category
) -> None:
    first = make_ranking(pepper, shown=products(2))
    make_page_run(pepper, make_run(), carried_from=first, shown=2)
    text = text_of(merchandiser, page_of(pepper))
    assert "carried over and not computed anew" in text
    assert text.count('class="sheet product"') == 2
    assert browse.shown_page_run(pepper) != first


def test_a_failed_page_says_which_ranking_stays(merchandiser: Client, pepper: Category) -> None:
    good = make_ranking(pepper, shown=products(1))
    make_page_run(pepper, make_run("failed"), state="failed", error="No prices at all.")
    text = text_of(merchandiser, page_of(pepper))
    assert f"The ranking of run {good.run_id} of {timezone.localtime():%H}" in text


# What changed


def test_what_came_left_and_moved_is_counted_and_told_why(
    merchandiser: Client, pepper: Category
) -> None:
    a, b, c, unsure, behind, hidden, stranger = products(7)
    publish(pepper, [a, b, unsure, behind, hidden, stranger])
    ranking = make_ranking(pepper, shown=[b, a, c, hidden], removed=[unsure])
    RankedProduct.objects.create(
        page_run=ranking, product=behind, removed_by="near-duplicate", duplicate_of=a,
        why="The same product is cheaper elsewhere: 9.00 EUR.", score=0, confidence=0.9,
    )  # fmt: skip
    say(pepper, hidden, "hide")
    seen = look(pepper)
    assert seen.changes is not None
    assert [tile.product for tile in seen.changes.entered] == [c]
    assert [(tile.product, tile.up) for tile in seen.changes.moved] == [(b, 1), (a, -1)]
    assert {gone.title: (gone.was, gone.why) for gone in seen.changes.left} == {
        unsure.title: (3, "Too unsure: Confidence 21 % is below the 35 % asked for."),
        behind.title: (4, "The same product is cheaper elsewhere: 9.00 EUR."),
        hidden.title: (5, "Hidden."),
        stranger.title: (6, "It is no longer among the page’s candidates."),
    }
    text = re.sub(r"<[^>]+>", "", text_of(merchandiser, page_of(pepper)))
    for expected in (
        "1 entered",
        "4 left",
        "2 moved in, into or out of the first ten",
        "new",
        "up 1",
        "down 1",
    ):
        assert expected in re.sub(r"\s+", " ", text).replace("▲", "").replace("▼", "")


def test_a_deleted_product_is_remembered_by_its_title(pepper: Category) -> None:
    kept, gone = make_product("Kept"), make_product("Deleted")
    publication = publish(pepper, [kept, gone])
    gone.delete()
    ranking = make_ranking(pepper, shown=[kept])
    (left,) = changes(publication, look(pepper).lines).left
    assert (left.title, left.product, left.was) == ("Deleted", None, 2)
    assert left.why == "It was deleted from the catalogue."
    assert ranking.ranked.count() == 1


def test_a_page_like_the_published_one_says_that_nothing_differs(
    merchandiser: Client, pepper: Category
) -> None:
    publish(pepper, products(2))
    text = text_of(merchandiser, page_of(pepper))
    assert "Nothing on this page differs from what is published" in text
    assert '"movement' not in text


def test_places_below_the_first_ten_do_not_count_as_moved(pepper: Category) -> None:
    shown = products(14)
    publish(pepper, shown)
    make_ranking(pepper, shown=[*shown[:11], shown[13], shown[11], shown[12]])
    seen = look(pepper)
    assert seen.changes is not None
    assert seen.changes.moved == []
    assert [tile.up for tile in seen.tiles[11:]] == [2, -1, -1]


# What a tile and a row tell


def test_pinned_and_ruled_products_are_marked(merchandiser: Client, pepper: Category) -> None:
    one, two, three = products(3)
    ranking = make_ranking(pepper, shown=[one, two, three])
    moves = [
        {"rule": "freshness", "reason": "Not seen for 9 days.", "places": -2},
        {"rule": "retailer diversity", "reason": "Its shop has four above it.", "places": -1},
    ]
    ranking.ranked.filter(product=two).update(moves=moves)
    say(pepper, three, "pin", place=1)
    text = text_of(merchandiser, page_of(pepper))
    assert text.count('aria-label="Pinned by hand"') == 1
    assert text.count('aria-label="Moved by a rule"') == 1
    assert "Pinned to 1." in text
    why = text_of(merchandiser, reverse("page_why", args=(pepper.pk, two.pk)), **HTMX)
    assert "Moved by rules, in their order" in why
    assert why.index("Not seen for 9 days.") < why.index("Its shop has four above it.")
    assert "−2 places" in why
    assert "−1 place<" in why


def test_offers_behind_a_product_are_counted_with_their_lowest_price(
    merchandiser: Client, pepper: Category
) -> None:
    front = make_product("Front", price=Decimal("12.90"))
    dearer = [make_product(f"Dearer {n}", price=Decimal(20 - n)) for n in (1, 2)]
    ranking = make_ranking(pepper, shown=[front])
    RankedProduct.objects.bulk_create(
        RankedProduct(
            page_run=ranking, product=one, removed_by="near-duplicate", duplicate_of=front,
            why="The same product is cheaper elsewhere.", score=0, confidence=0.9,
        )
        for one in dearer
    )  # fmt: skip
    for query in ("", "?view=table"):
        assert "3 offers from 12.90\xa0€" in text_of(merchandiser, page_of(pepper, query))
    why = text_of(merchandiser, reverse("page_why", args=(pepper.pk, front.pk)), **HTMX)
    assert why.index("18.00\xa0€") < why.index("19.00\xa0€")


def test_the_table_has_the_same_products_in_the_same_order(
    merchandiser: Client, pepper: Category
) -> None:
    shown = products(50)
    publish(pepper, shown[::-1])
    make_ranking(pepper, shown=shown)
    assert order(merchandiser, pepper, "?view=table") == order(merchandiser, pepper, "")
    text = text_of(merchandiser, page_of(pepper, "?view=table"))
    assert text.count("<tr id=") == 48
    assert 'href="?view=table&amp;from=49"' in text
    rest = text_of(merchandiser, page_of(pepper, "?view=table&from=49"), **HTMX)
    assert rest.count("<tr id=") == 2
    assert "<thead" not in rest
    assert "<html" not in rest


def test_a_phone_has_two_columns(merchandiser: Client, pepper: Category) -> None:
    make_ranking(pepper, shown=products(2))
    assert "as-narrow" in text_of(merchandiser, page_of(pepper, "?width=narrow"))
    assert "as-narrow" not in text_of(merchandiser, page_of(pepper))


def test_a_product_brought_by_a_pin_alone_is_shown_without_a_confidence(
    merchandiser: Client, pepper: Category
) -> None:
    stranger = make_product("Stranger")
    make_ranking(pepper, shown=products(2))
    say(pepper, stranger, "pin", place=1)
    assert "by hand alone" in text_of(merchandiser, page_of(pepper))
    assert "Stranger" in text_of(merchandiser, page_of(pepper, "?view=table"))
    why = text_of(merchandiser, reverse("page_why", args=(pepper.pk, stranger.pk)), **HTMX)
    assert "no candidate of this page" in why
    assert "What moved it, for and against" not in why


# Charts


def test_odd_prices_are_marked_also_of_what_was_removed_for_them(
    merchandiser: Client, pepper: Category
) -> None:
    shown = [make_product(price=Decimal(price)) for price in (9, 10, 11)]
    slip = make_product(price=Decimal(990))
    ranking = make_ranking(pepper, shown=shown)
    RankedProduct.objects.create(
        page_run=ranking, product=slip, removed_by="outlier", why="Its price is far off.",
        score=0, confidence=0.9, oddities={"price": 0.97},
    )  # fmt: skip
    text = text_of(merchandiser, page_of(pepper))
    assert '<rect class="odd"' in text
    assert "1 odd price" in text
    assert text.count("As a table") == 3
    figures = merchandiser.get(page_of(pepper)).context["figures"]
    assert sum(band.products for band in figures.prices) == 4
    assert [(band.usual, band.odd) for band in figures.prices if band.odd] == [(0, 1)]


def test_the_smaller_retailers_are_one_row(pepper: Category) -> None:
    shops = [Retailer.objects.create(name=f"Shop {n:02d}") for n in range(11)]
    shown = [make_product(retailer=shop) for shop in (shops[0], *shops)]
    page_run = make_ranking(pepper, shown=shown)
    shares = browse.page_figures(page_run, look(pepper).shown, page_size=48).retailers
    assert (shares[0].name, shares[0].products, shares[0].first) == ("Shop 00", 2, 2)
    assert shares[-1].name == "3 others"
    assert sum(share.share for share in shares) == pytest.approx(1)
    assert sum(share.first for share in shares) == 10


# All pages, and the morning


def test_pages_are_found_and_ordered_by_what_changed_and_what_is_doubted(
    merchandiser: Client, pepper: Category
) -> None:
    salt, quiet, alone = (make_category(n, is_page=True) for n in ("Salt", "Quiet", "Unpublished"))
    old, new, wrong, misfiled = products(4)
    publish(pepper, [old])
    publish(quiet, [old])
    publish(salt, [old])
    make_ranking(pepper, shown=[old, new])
    ranking = make_ranking(salt, shown=[old, new, wrong, misfiled])
    ranking.ranked.filter(product=new).update(misfiled=0.3)
    make_judgment(salt, wrong, 0)
    judgment = make_judgment(salt, misfiled, 1)
    type(judgment).objects.filter(pk=judgment.pk).update(belongs_to=quiet)
    make_ranking(alone, shown=[old])

    def found(state: str) -> list[str]:
        return [page.name for page in overview.pages_overview(state)]

    assert found("changed") == ["Pepper", "Salt"]
    assert found("unpublished") == ["Unpublished"]
    assert found("doubted") == ["Salt"]
    lines = {
        line.page.name: (line.new, line.doubted, line.is_published)
        for line in overview.page_lines(list(overview.pages_overview()))
    }
    assert lines["Salt"] == (3, 3, True)
    assert lines["Pepper"] == (1, 0, True)
    assert lines["Quiet"] == (0, 0, True)
    assert lines["Unpublished"] == (0, 0, False)

    def ordered(sort: str) -> list[str]:
        rows = merchandiser.get(reverse("pages"), {"sort": sort}).context["lines"]
        return [line.page.name for line in rows]

    assert ordered("-new") == ["Salt", "Pepper", "Quiet", "Unpublished"]
    assert ordered("-doubted")[0] == "Salt"
    assert "not published" in text_of(merchandiser, reverse("pages"))


def test_the_home_tells_the_night_and_what_waits(merchandiser: Client, pepper: Category) -> None:
    home = reverse("home")
    empty = text_of(merchandiser, home)
    assert "No run has started by itself yet" in empty
    assert "Nothing is published yet" in empty
    old, new = products(2)
    publish(pepper, [old])
    run = make_run()
    make_ranking(pepper, shown=[new], run=run)
    Night.objects.create(day=timezone.localdate(), run=run, outcome="The gate was shut.")
    say(pepper, new, "pin", "draft", place=1)
    text = text_of(merchandiser, home)
    for expected in ("The gate was shut.", "1 new in the first ten", f"Run {run.pk}</a> would"):
        assert expected in text
    assert reverse("page_draft", args=(pepper.pk,)) in text
    assert morning(8).drafts == 1


def test_the_queries_of_the_morning_do_not_grow_with_pages(merchandiser: Client) -> None:
    counts = []
    for _ in range(2):
        for page in [make_category(is_page=True) for _ in range(4)]:
            publish(page, products(1))
            make_ranking(page, shown=products(2))
        text_of(merchandiser, reverse("home"))
        with CaptureQueriesContext(connection) as captured:
            text_of(merchandiser, reverse("home"))
        counts.append(len(captured))
    assert counts[0] == counts[1]


# How much it asks the database


@pytest.mark.parametrize("query", ["", "?view=table", "?show=published", "?show=off"])
def test_a_published_page_takes_as_few_queries_for_many_products(
    merchandiser: Client, pepper: Category, query: str
) -> None:
    counts = []
    for number in (5, 48):
        shops = [Retailer.objects.create(name=f"Shop {number} {place}") for place in range(5)]
        shown = [make_product(retailer=shops[place % 5]) for place in range(number)]
        publish(pepper, shown)
        make_ranking(pepper, shown=[*shown[1:], make_product()], removed=products(number))
        text_of(merchandiser, page_of(pepper, query))
        with CaptureQueriesContext(connection) as captured:
            text_of(merchandiser, page_of(pepper, query))
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 20


def test_a_page_run_without_products_of_its_own_is_read_where_they_are(pepper: Category) -> None:
    first = make_ranking(pepper, shown=products(2))
    second = make_page_run(pepper, make_run(), carried_from=first, shown=2)
    assert isinstance(second, PageRun)
    assert [tile.place for tile in look(pepper).tiles] == [1, 2]
