"""What people see of ranked pages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from judgments.queries.intervals import wilson
from ranking import labels
from ranking.models import RankedProduct, State
from ranking.queries import browse, overview
from ranking.queries.charts import Priced, confidence_bars, price_bands
from ranking.queries.lineup import lineup
from taxonomy.models import Category, Retailer
from tests.factories import make_category, make_judgment, make_product
from tests.ranking.conftest import HTMX, products, text_of
from tests.ranking.rankings import make_page_run, make_ranking, make_run

pytestmark = pytest.mark.django_db


def page_of(category: Category) -> str:
    return reverse("page", args=(category.pk,))


def test_a_page_shows_its_products_in_order_with_price_retailer_and_reason(
    merchandiser: Client, pepper: Category
) -> None:
    page_run = make_ranking(pepper, shown=products(3), removed=products(1))
    text = text_of(merchandiser, page_of(pepper))
    places = [text.index(f"Peppercorns no. {place}</a>") for place in (1, 2, 3)]
    assert places == sorted(places)
    for expected in ("9.90\xa0€", "Shop", "94\xa0%", "title and description fit", "Removed 1"):
        assert expected in text
    assert f"run {page_run.run_id}, {timezone.localtime(page_run.finished_at):%H:%M}" in text


def test_a_page_is_called_everywhere_what_the_shop_calls_it(
    merchandiser: Client, pepper: Category
) -> None:
    product = make_product()
    ranking = make_ranking(pepper, shown=[product])
    Category.objects.filter(pk=pepper.pk).update(display_name="Peppercorns")
    for address in (
        reverse("page", args=(pepper.pk,)),
        reverse("page_why", args=(pepper.pk, product.pk)),
        reverse("page_removed", args=(pepper.pk,)),
        reverse("product_standings", args=(product.pk,)),
        reverse("run", args=(ranking.run_id,)),
        reverse("pages"),
        reverse("home"),
    ):
        text = merchandiser.get(address).content.decode()
        assert "Peppercorns" in text, address
        assert ">Pepper<" not in text, address


def test_the_newest_finished_run_is_shown_and_a_newer_one_announced(
    merchandiser: Client, pepper: Category
) -> None:
    make_ranking(pepper, shown=[make_product("Old")])
    shown = make_ranking(pepper, shown=[make_product("New")])
    newer = make_page_run(pepper, make_run("running"), state=State.WAITING)
    text = text_of(merchandiser, page_of(pepper))
    assert "New</a>" in text
    assert "Old</a>" not in text
    assert f"run {shown.run_id}, " in text
    assert f"run {newer.run_id} in progress" in text


def test_a_page_that_failed_keeps_its_last_good_ranking_and_says_so(
    merchandiser: Client, pepper: Category
) -> None:
    make_ranking(pepper, shown=[make_product("Good")])
    make_page_run(pepper, make_run("failed"), state=State.FAILED, error="The encoder is missing.")
    text = text_of(merchandiser, page_of(pepper))
    assert "Good</a>" in text
    assert "could not rank this page: The encoder is missing." in text


def test_a_page_never_ranked_says_what_to_do_next(merchandiser: Client, pepper: Category) -> None:
    text = text_of(merchandiser, page_of(pepper))
    assert "has not been ranked yet" in text
    assert reverse("runs") in text


def test_a_page_where_nothing_was_left_says_where_everything_went(
    merchandiser: Client, pepper: Category
) -> None:
    make_ranking(pepper, removed=products(2))
    text = text_of(merchandiser, page_of(pepper))
    assert "Nothing is left to show" in text
    assert reverse("page_removed", args=(pepper.pk,)) in text


def test_a_relaxed_page_is_flagged_with_the_sentence(
    merchandiser: Client, pepper: Category
) -> None:
    make_ranking(pepper, shown=products(1), relaxed="No product reached 35 % confidence.")
    text = text_of(merchandiser, page_of(pepper))
    assert "rules relaxed" in text
    assert "No product reached 35 % confidence." in text


def test_a_category_that_is_no_page_has_no_ranking(merchandiser: Client) -> None:
    category = make_category()
    assert merchandiser.get(page_of(category)).status_code == 404


def test_a_made_up_product_is_marked_on_its_tile(merchandiser: Client, pepper: Category) -> None:
    drawn = Retailer.objects.create(name="Drawn", made_up=True)
    make_ranking(pepper, shown=[make_product(), make_product(retailer=drawn)])
    assert text_of(merchandiser, page_of(pepper)).count('class="made-up"') == 1


def test_after_48_products_the_rest_comes_when_asked_for(
    merchandiser: Client, pepper: Category
) -> None:
    make_ranking(pepper, shown=products(50))
    whole = text_of(merchandiser, page_of(pepper))
    assert whole.count('class="sheet product"') == 48
    more = f"{page_of(pepper)}?from=49"
    assert 'href="?from=49"' in whole
    rest = text_of(merchandiser, more, **HTMX)
    assert rest.count('class="sheet product"') == 2
    assert "<html" not in rest
    assert "Show more" not in rest
    assert "<html" in text_of(merchandiser, more)


def test_a_page_is_as_long_as_the_shop_sets_it(
    merchandiser: Client, pepper: Category, settings: Settings
) -> None:
    settings.SEESTOCKS_PAGE_SIZE = 12
    make_ranking(pepper, shown=products(20), removed=[])
    text = text_of(merchandiser, page_of(pepper))
    assert "Peppercorns no. 12</a>" in text
    assert "Peppercorns no. 13</a>" not in text
    assert "Peppercorns no. 13</a>" in text_of(merchandiser, f"{page_of(pepper)}?from=13")


@pytest.mark.parametrize("wrong", ["abc", "0", "-1", "9" * 30, "9" * 5000])
def test_a_position_that_makes_no_sense_is_refused(
    merchandiser: Client, pepper: Category, wrong: str
) -> None:
    make_ranking(pepper, shown=products(1))
    assert merchandiser.get(f"{page_of(pepper)}?from={wrong}").status_code == 400


def test_the_figures_above_count_what_people_said_of_the_top_ten(pepper: Category) -> None:
    shop = Retailer.objects.create(name="Largest")
    top = [make_product(retailer=shop, price=Decimal(price)) for price in (1, 2, 9)]
    for product, grades in zip(top, ((3, 3, 0), (1, 1, 3), (2,)), strict=False):
        for number, grade in enumerate(grades):
            make_judgment(pepper, product, grade, who=f"Annotator {number}")
    make_judgment(pepper, make_product(), 0)  # judged, and not in the top ten
    page_run = make_ranking(pepper, shown=top)
    figures = browse.page_figures(page_run, lineup(page_run), page_size=48)
    assert figures.right is not None
    assert (figures.right.judged, round(figures.right.share, 3)) == (3, 0.667)
    assert (figures.in_top, figures.largest_retailer, figures.largest_share) == (1, "Largest", 1)
    assert (figures.median_price, figures.currency) == (Decimal(2), "EUR")


def test_a_median_of_several_currencies_is_not_given(pepper: Category) -> None:
    page_run = make_ranking(pepper, shown=[make_product(), make_product(currency="USD")])
    figures = browse.page_figures(page_run, lineup(page_run), page_size=48)
    assert (figures.median_price, figures.prices) == (None, [])


@pytest.mark.parametrize(
    ("right", "judged", "low", "high"),
    [(0, 0, 0, 1), (10, 10, 0.7225, 1), (0, 10, 0, 0.2775), (7, 10, 0.3968, 0.8922)],
)
def test_intervals_agree_with_published_ones(
    right: int, judged: int, low: float, high: float
) -> None:
    assert wilson(right, judged) == pytest.approx((low, high), abs=1e-4)


def test_why_shows_every_signal_with_its_words_value_and_part(
    merchandiser: Client, pepper: Category
) -> None:
    product = make_product()
    make_ranking(pepper, shown=[product])
    make_judgment(pepper, product, 3, who="Ada")
    address = reverse("page_why", args=(pepper.pk, product.pk))
    for text in (text_of(merchandiser, address), text_of(merchandiser, address, **HTMX)):
        for expected in (
            "Title and description fit the page", "5.25", "+1.75", "−0.25", "unknown",
            "Where every product starts", "−0.50", "Ada", "exact", "position 1",
        ):  # fmt: skip
            assert expected in text
    assert "<html" not in text_of(merchandiser, address, **HTMX)


def test_why_of_a_product_that_the_page_does_not_know_is_404(
    merchandiser: Client, pepper: Category
) -> None:
    make_ranking(pepper, shown=products(1))
    address = reverse("page_why", args=(pepper.pk, make_product().pk))
    assert merchandiser.get(address).status_code == 404


def test_bars_lie_on_the_side_of_what_they_say() -> None:
    ranked = RankedProduct(
        contributions={"base": -0.5, "words": -1.0, "text_fit": 2.0, "new_one": 0.0},
        signals={"words": 0.1, "text_fit": 4, "new_one": None},
    )
    lines = {line.label: line for line in browse.signal_lines(ranked)}
    assert next(iter(lines)) == labels.signal_words(labels.BASE)[0]
    words = lines["The page's words are in the text"]
    assert words.start + words.width == 100
    assert lines["Title and description fit the page"].start == 100
    assert lines["new_one"].width == 0


def test_what_was_removed_is_shown_with_its_reason_and_by_rule(
    merchandiser: Client, pepper: Category
) -> None:
    page_run = make_ranking(pepper, shown=products(1), removed=[make_product("Salt")])
    RankedProduct.objects.create(
        page_run=page_run, product=make_product("Old pepper"), removed_by="not seen lately",
        why="Not seen for 71 days.", score=0, confidence=0.9,
    )  # fmt: skip
    address = reverse("page_removed", args=(pepper.pk,))
    text = text_of(merchandiser, address)
    for expected in ("Salt", "Old pepper", "below the 35 % asked for", "too unsure", "9.90\xa0€"):
        assert expected in text
    only = text_of(merchandiser, f"{address}?rule=not+seen+lately", **HTMX)
    assert "Old pepper" in only
    assert "Salt" not in only


def test_a_product_knows_where_it_stands_now(merchandiser: Client, pepper: Category) -> None:
    product = make_product()
    make_ranking(make_category("Salt", is_page=True), removed=[product])
    make_ranking(pepper, shown=[make_product(), product])
    make_ranking(pepper, shown=[product])
    text = text_of(merchandiser, reverse("product_standings", args=(product.pk,)), **HTMX)
    assert "position 1" in text
    assert "position 2" not in text
    assert "removed" in text


def test_the_queries_of_a_page_do_not_grow_with_its_products(
    merchandiser: Client, pepper: Category
) -> None:
    counts = []
    for number in (5, 48):
        shops = [Retailer.objects.create(name=f"Shop {number} {place}") for place in range(5)]
        shown = [make_product(retailer=shops[place % 5]) for place in range(number)]
        make_ranking(pepper, shown=shown, removed=products(number))
        for product in shown:
            make_judgment(pepper, product, 3)
        for address in (page_of(pepper), reverse("page_removed", args=(pepper.pk,))):
            text_of(merchandiser, address)
            with CaptureQueriesContext(connection) as captured:
                text_of(merchandiser, address)
            counts.append(len(captured))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 20


def test_the_list_of_pages_tells_how_each_stands_in_as_few_queries_for_many(
    merchandiser: Client, pepper: Category
) -> None:
    make_ranking(pepper, shown=products(2), removed=products(1))
    make_category("Never ranked", is_page=True)
    make_category("No page")
    text = text_of(merchandiser, reverse("pages"))
    for expected in ("Pepper", "94\xa0%", "Never ranked", "not ranked yet", "2 pages"):
        assert expected in text
    assert "No page<" not in text
    with CaptureQueriesContext(connection) as few:
        text_of(merchandiser, reverse("pages"))
    for number in range(30):
        make_ranking(make_category(f"Page {number}", is_page=True), shown=products(1))
    with CaptureQueriesContext(connection) as many:
        text_of(merchandiser, reverse("pages"))
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("ranked", {"Good", "Failed later", "Relaxed"}),
        ("never", {"Never"}),
        ("failed", {"Failed later"}),
        ("short", {"Good", "Failed later", "Relaxed"}),
        ("relaxed", {"Relaxed"}),
    ],
)
def test_pages_are_found_by_state(state: str, expected: set[str]) -> None:
    for name in ("Good", "Failed later", "Relaxed"):
        relaxed = "No product was seen lately." if name == "Relaxed" else ""
        make_ranking(make_category(name, is_page=True), shown=products(1), relaxed=relaxed)
    failed = Category.objects.get(name="Failed later")
    make_page_run(failed, make_run("failed"), state=State.FAILED)
    make_page_run(failed, make_run("running"), state=State.WAITING)
    make_category("Never", is_page=True)
    assert {page.name for page in overview.pages_overview(state)} == expected


def test_pages_are_searched_as_the_tree_is(merchandiser: Client, pepper: Category) -> None:
    make_category("Salt", is_page=True)
    text = text_of(merchandiser, f"{reverse('pages')}?q=PEP", **HTMX)
    assert "Pepper" in text
    assert "Salt" not in text


def test_a_long_list_has_pages_of_its_own(merchandiser: Client) -> None:
    for number in range(53):
        make_category(f"Page {number:02d}", is_page=True)
    assert "1–50 of 53" in text_of(merchandiser, reverse("pages"))
    last = text_of(merchandiser, f"{reverse('pages')}?state=never&page=2")
    assert "51–53 of 53" in last
    assert "state=never&amp;page=1" in last


def test_pages_can_be_sorted_by_what_their_columns_say(
    merchandiser: Client, pepper: Category
) -> None:
    make_ranking(make_category("Anise", is_page=True), shown=products(1), removed=products(2))
    make_ranking(pepper, shown=products(30))
    make_category("Salt", is_page=True)

    def order(sort: str) -> list[str]:
        rows = merchandiser.get(reverse("pages"), {"sort": sort}).context["lines"]
        return [line.page.name for line in rows]

    assert order("") == order("no such column") == ["Anise", "Pepper", "Salt"]
    assert order("sure") == ["Pepper", "Anise", "Salt"]
    assert order("-sure") == ["Anise", "Pepper", "Salt"]
    assert order("-shown") == ["Pepper", "Anise", "Salt"]
    assert order("removed") == ["Pepper", "Anise", "Salt"]
    assert 'aria-sort="descending"' in text_of(merchandiser, reverse("pages") + "?sort=-shown")


def test_a_page_leads_to_those_beside_it(merchandiser: Client, pepper: Category) -> None:
    before, after = (make_category(name, is_page=True) for name in ("Anise", "Salt"))
    make_category("Quince")  # no page
    assert overview.neighbours(pepper) == (before, after)
    assert overview.neighbours(before) == (None, pepper)
    text = text_of(merchandiser, page_of(pepper))
    assert f'rel="prev" href="{page_of(before)}"' in text
    assert f'rel="next" href="{page_of(after)}"' in text


def test_charts_fill_their_square_and_say_nothing_of_equal_prices() -> None:
    prices = [Priced(Decimal(price), is_odd=price == 100) for price in (1, 1, 10, 100)]
    bands = price_bands(prices)
    assert [band.whole.height for band in bands if band.products] == [1, 0.5, 0.5]
    assert (bands[0].whole.height, bands[-1].whole.y) == (1, 0.5)
    assert [(band.usual, band.odd) for band in bands if band.odd] == [(0, 1)]
    assert bands[-1].odd_part == bands[-1].whole
    assert price_bands([Priced(Decimal(price), is_odd=False) for price in (5, 5, 0)]) == []
    assert [(bar.x, bar.y) for bar in confidence_bars([1, 0.25])] == [(0, 0), (0.5, 0.75)]
