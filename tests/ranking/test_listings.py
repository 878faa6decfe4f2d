"""What the shop is told of a page: products, the offers behind them, facets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from ranking.listings import facets, forget_listings, listing_of, overlap, told
from ranking.models import Listing, PageRun, Publication, RankedProduct, Release, Run
from ranking.queries.lineup import lineup
from ranking.queries.machine_lines import machine_lines
from taxonomy.models import Category, Product, Retailer
from tests.factories import make_product
from tests.ranking.conftest import products
from tests.ranking.rankings import make_ranking
from tests.ranking.work import finish, take

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


def stand_behind(part: PageRun, front: Product, *offers: Product) -> None:
    """Say that the offers are of the same product as the one in front."""
    of_them = RankedProduct.objects.filter(page_run=part, product__in=offers)
    of_them.update(duplicate_of=front, removed_by="near-duplicate")


def listed(part: PageRun) -> dict[str, Any]:
    return told(listing_of(part, machine_lines(part)))


def test_products_stand_in_order_with_all_that_a_tile_needs(pepper: Category) -> None:
    mill = make_product(
        "Mill", brand="Grind", price=Decimal("19.9"), availability="in_stock", link="https://a/1"
    )
    other = make_product("Other")
    first, second = listed(make_ranking(pepper, shown=[mill, other]))["products"]
    assert first == {
        "position": 1,
        "product": mill.pk,
        "offer_id": mill.offer_id,
        "retailer": "Shop",
        "made_up": False,
        "title": "Mill",
        "brand": "Grind",
        "price": "19.90",
        "currency": "EUR",
        "availability": "in_stock",
        "link": "https://a/1",
        "picture": "",
        "image_link": "",
        "offers": [],
    }
    assert (second["position"], second["title"]) == (2, "Other")


def test_offers_of_the_same_product_hang_behind_it_the_cheapest_first(pepper: Category) -> None:
    front, dear, cheap, free = products(4)
    Product.objects.filter(pk=dear.pk).update(price=12)
    Product.objects.filter(pk=cheap.pk).update(price=11)
    Product.objects.filter(pk=free.pk).update(price=None)
    part = make_ranking(pepper, shown=[front], removed=[dear, cheap, free])
    stand_behind(part, front, dear, cheap, free)
    (told_of,) = listed(part)["products"]
    assert [one["product"] for one in told_of["offers"]] == [cheap.pk, dear.pk, free.pk]
    assert [one["price"] for one in told_of["offers"]] == ["11.00", "12.00", None]


def test_a_worker_reads_what_the_line_up_without_rules_comes_to(pepper: Category) -> None:
    a, b, c, d, e = products(5)
    part = make_ranking(pepper, shown=[b, a], removed=[c, d, e])
    stand_behind(part, a, c)
    stand_behind(part, d, e)  # whose front is not shown either
    assert listing_of(part, machine_lines(part)).pk == listing_of(part, lineup(part, "none")).pk


def test_equal_content_is_one_row_and_any_difference_another(pepper: Category) -> None:
    a, b = products(2)
    parts = [make_ranking(pepper, shown=shown) for shown in ([a, b], [a, b], [b, a])]
    first, same, other = (listing_of(part, machine_lines(part)) for part in parts)
    assert first.pk == same.pk != other.pk
    assert Listing.objects.count() == 2
    assert first.products == 2
    assert first.first == [a.pk, b.pk]


def test_a_page_that_a_worker_finishes_has_its_listing(run: Run) -> None:
    (claim,) = take(run, 1)
    finish(claim, "Mill", "Grinder")
    part = PageRun.objects.select_related("listing").get(pk=claim.page_run)
    assert part.listing
    assert [one["title"] for one in told(part.listing)["products"]] == ["Mill", "Grinder"]


def test_a_product_counts_for_every_retailer_that_offers_it(pepper: Category) -> None:
    front, (behind, alone) = make_product(brand="Grind"), products(2)
    Product.objects.filter(pk=behind.pk).update(retailer=Retailer.objects.create(name="Other"))
    part = make_ranking(pepper, shown=[front, alone], removed=[behind])
    stand_behind(part, front, behind)
    found = listed(part)["facets"]
    assert found["retailer"] == [{"value": "Shop", "count": 2}, {"value": "Other", "count": 1}]
    assert found["brand"] == [{"value": "Grind", "count": 1}]


def test_an_empty_page_has_empty_facets(pepper: Category) -> None:
    content = listed(make_ranking(pepper))
    assert content["products"] == []
    assert content["facets"] == {"brand": [], "retailer": [], "price": []}


@pytest.mark.parametrize(
    ("price", "currency", "written"),
    [
        ("12.9", "EUR", "12.90"),
        ("1290", "JPY", "1290"),
        ("1.25", "KWD", "1.250"),
        ("5", "", "5.00"),
    ],
)
def test_a_price_has_as_many_decimals_as_its_currency(
    pepper: Category, price: str, currency: str, written: str
) -> None:
    mill = make_product(price=Decimal(price), currency=currency)
    content = listed(make_ranking(pepper, shown=[mill]))
    assert content["products"][0]["price"] == written
    (band,) = content["facets"]["price"]
    assert len(band["from"].partition(".")[2]) == len(written.partition(".")[2])


def test_bands_of_a_currency_without_decimals_end_at_whole_prices() -> None:
    prices = (1, 2, 2, 3, 3)
    about: dict[str, Any] = {"brand": "", "retailer": "Shop", "offers": [], "currency": "JPY"}
    shown = [about | {"price": str(price)} for price in prices]
    bands = facets(shown)["price"]
    assert all(band["from"].isdecimal() for band in bands)
    for band in bands:
        low, high = int(band["from"]), int(band["to"] or 10)
        assert band["count"] == sum(low <= price < high for price in prices)


prices = st.none() | st.decimals(0, 10**7, places=3, allow_nan=False)
currencies = st.sampled_from(["EUR", "USD"])


@given(st.lists(st.tuples(prices, currencies), max_size=60))
def test_every_price_of_the_commonest_currency_is_in_just_one_band(
    offers: list[tuple[Decimal | None, str]],
) -> None:
    told_of: list[dict[str, Any]] = [
        {
            "brand": "",
            "retailer": "Shop",
            "offers": [],
            "price": None if price is None else f"{price:.3f}",
            "currency": currency,
        }
        for price, currency in offers
    ]
    bands = facets(told_of)["price"]
    counted = [currency for price, currency in offers if price is not None]
    assert sum(band["count"] for band in bands) == max(map(counted.count, counted), default=0)
    assert all(band["count"] for band in bands)
    ends = [Decimal(band["from"]) for band in bands]
    assert ends == sorted(set(ends))
    assert all(Decimal(band["to"]) > Decimal(band["from"]) for band in bands if band["to"])


@given(st.lists(st.integers(1, 9), unique=True), st.lists(st.integers(1, 9), unique=True))
def test_likeness_is_whole_for_the_same_products_and_none_for_others(
    first: list[int], other: list[int]
) -> None:
    likeness = overlap(first, other)
    assert 0 <= likeness <= 1
    assert likeness == overlap(other, first)
    assert (likeness == 1) == (set(first) == set(other))


def test_what_no_page_shows_or_would_show_is_forgotten(pepper: Category) -> None:
    a, b, c = products(3)
    parts = [make_ranking(pepper, shown=[one]) for one in (a, b, c)]
    shown, would_show, forgotten = (listing_of(part, machine_lines(part)) for part in parts)
    release = Release.objects.create(cause="run", run=parts[0].run)
    Publication.objects.create(release=release, page=pepper, page_run=parts[0], listing=shown)
    PageRun.objects.filter(pk=parts[1].pk).update(listing=would_show)
    assert forget_listings() == 1
    assert set(Listing.objects.all()) == {shown, would_show}
    assert forgotten not in Listing.objects.all()


def begun(act: Callable[[], object]) -> threading.Thread:
    """Begin to do it with a connection of its own."""

    def go() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=go)
    thread.start()
    return thread


def beside(act: Callable[[], object]) -> threading.Thread:
    """Begin to do it, and give it time to come as far as it can."""
    thread = begun(act)
    thread.join(0.5)
    return thread


@transaction.atomic
def name(part: PageRun) -> None:
    """Freeze what the page shows, as a worker or a publisher does."""
    PageRun.objects.filter(pk=part.pk).update(listing=listing_of(part, machine_lines(part)))


@pytest.mark.django_db(transaction=True)
def test_what_somebody_is_about_to_name_is_not_forgotten_meanwhile(pepper: Category) -> None:
    part = make_ranking(pepper, shown=products(2))
    listing = listing_of(part, machine_lines(part))
    with transaction.atomic():
        same = listing_of(part, machine_lines(part))
        forgetting = beside(forget_listings)
        PageRun.objects.filter(pk=part.pk).update(listing=same)
    forgetting.join()
    assert list(Listing.objects.all()) == [listing]


@pytest.mark.django_db(transaction=True)
def test_what_is_being_forgotten_is_written_anew_for_who_names_it(pepper: Category) -> None:
    part = make_ranking(pepper, shown=products(2))
    listing = listing_of(part, machine_lines(part))
    with transaction.atomic():
        assert forget_listings() == 1
        naming = beside(lambda: name(part))
    naming.join()
    part.refresh_from_db()
    assert part.listing == listing


@pytest.mark.django_db(transaction=True)
def test_listings_are_named_and_forgotten_at_once_without_a_fault(pepper: Category) -> None:
    part = make_ranking(pepper, shown=products(1))
    faults: list[Exception] = []

    def name_and_let_go() -> None:
        name(part)
        PageRun.objects.filter(pk=part.pk).update(listing=None)

    def often(act: Callable[[], object]) -> None:
        try:
            for _ in range(30):
                act()
        except Exception as fault:  # noqa: BLE001  whatever it is, the test shows it
            faults.append(fault)

    threads = [begun(partial(often, act)) for act in (name_and_let_go, forget_listings)]
    for thread in threads:
        thread.join()
    assert faults == []
