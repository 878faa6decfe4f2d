"""What a run compares, what people see of it, and that a night's work equals that from nothing."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ranking.actions.find_duplicates import find_duplicates
from ranking.models import ComparedOffer, OfferMatch
from ranking.queries.duplicates import offers_of
from taxonomy.models import Product, Retailer
from tests.factories import make_product, make_user
from tests.ranking.conftest import text_of

pytestmark = pytest.mark.django_db

TITLES = (
    "Bosch SMV68MD02E dishwasher",
    "Bosch SMV68MD02E 60 cm dishwasher fully integrated",
    "SMV68MD02E",
    "Bosch SMV68MD02G dishwasher",
    "Samsung Galaxy S8 64GB black",
    "Samsung Galaxy S8 64 GB sim free smartphone, black",
    "Samsung Galaxy S8 128GB black",
    "Samsung Galaxy S8 Plus 64GB",
)


def shop(name: str) -> Retailer:
    return Retailer.objects.get_or_create(name=name)[0]


def find() -> int:
    """Compare what is new; return how many that were."""
    return find_duplicates(lambda _stage, _done, _total: None).compared


def state() -> tuple[object, ...]:
    """Return everything that was found."""
    return (
        list(ComparedOffer.objects.order_by("pk").values_list("pk", "fingerprint", "group")),
        list(
            OfferMatch.objects.order_by("first", "second").values_list(
                "first", "second", "chance", "why"
            )
        ),
    )


def test_offers_of_one_model_at_two_retailers_come_to_one_group() -> None:
    first = make_product(TITLES[0], retailer=shop("A"))
    second = make_product(TITLES[1], retailer=shop("B"))
    other = make_product("Oak table", retailer=shop("B"))
    find()
    groups = dict(ComparedOffer.objects.values_list("product_id", "group"))
    assert groups == {first.pk: first.pk, second.pk: first.pk, other.pk: other.pk}
    match = OfferMatch.objects.get()
    assert (match.first, match.second) == (first, second)
    assert match.why.startswith("model number SMV68MD02E")


def test_two_sizes_of_storage_stay_two_products() -> None:
    for title, retailer in (("Galaxy S8 64GB black", "A"), ("Galaxy S8 128GB black", "B")):
        make_product(title, retailer=shop(retailer), brand="Samsung")
    find()
    assert not OfferMatch.objects.exists()


def test_a_second_night_compares_nothing_and_a_new_price_is_nothing_new() -> None:
    product = make_product(TITLES[0], retailer=shop("A"))
    make_product(TITLES[1], retailer=shop("B"))
    assert find() == 2
    before = state()
    assert find() == 0
    Product.objects.filter(pk=product.pk).update(price=Decimal(5))
    assert find() == 0
    assert state() == before


def test_another_worker_s_writes_in_the_middle_make_it_begin_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = make_product(TITLES[0], retailer=shop("A"))
    second = make_product(TITLES[1], retailer=shop("B"))

    def meanwhile(*_: object) -> None:
        monkeypatch.undo()
        raise IntegrityError("the other worker has written this match")

    monkeypatch.setattr("ranking.actions.find_duplicates._replace_matches", meanwhile)
    find()
    groups = dict(ComparedOffer.objects.values_list("product_id", "group"))
    assert groups == {first.pk: first.pk, second.pk: first.pk}


def test_a_changed_title_leaves_its_group_and_a_deleted_product_is_forgotten() -> None:
    first, second, third = (
        make_product(TITLES[0], retailer=shop(name), gtin="4006381333931") for name in "ABC"
    )
    find()
    assert set(ComparedOffer.objects.values_list("group", flat=True)) == {first.pk}
    Product.objects.filter(pk=second.pk).update(title="Oak table", gtin="")
    assert find() == 1
    assert ComparedOffer.objects.get(product=second).group == second.pk
    assert ComparedOffer.objects.get(product=third).group == first.pk
    first.delete()
    find()
    assert ComparedOffer.objects.get(product=third).group == third.pk


changes = st.lists(
    st.tuples(
        st.sampled_from(("add", "change", "delete")),
        st.integers(0, 9),
        st.sampled_from(TITLES),
        st.sampled_from("ABC"),
    ),
    max_size=6,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes, changes)
def test_what_nights_find_one_after_the_other_is_what_one_finds_from_nothing(
    first: list[tuple[str, int, str, str]], second: list[tuple[str, int, str, str]]
) -> None:
    Product.objects.all().delete()
    for title, name in zip(TITLES, "ABCABCAB", strict=True):  # the words' rarity is that of these
        make_product(title, retailer=shop(name))
    find()
    for night in (first, second):
        for change in night:
            _do(*change)
        find()
    found = state()
    ComparedOffer.objects.all().delete()
    OfferMatch.objects.all().delete()
    find()
    assert state() == found


def _do(kind: str, which: int, title: str, name: str) -> None:
    products = list(Product.objects.order_by("pk"))
    product = products[which % len(products)] if products else None
    if kind == "add" or product is None:
        make_product(title, retailer=shop(name))
    elif kind == "change":
        Product.objects.filter(pk=product.pk).update(title=title)
    elif len(products) > len(TITLES) // 2 + 1:
        product.delete()


def test_the_cheapest_other_offer_comes_first_and_says_why(client: Client) -> None:
    product = make_product(TITLES[0], retailer=shop("A"), gtin="4006381333931")
    for name, price in (("B", "12.90"), ("C", "11.50"), ("D", None)):
        make_product(
            TITLES[1],
            retailer=shop(name),
            gtin="4006381333931",
            price=Decimal(price) if price else None,
        )
    find()
    same = offers_of(product)
    assert [one.product.retailer.name for one in same] == ["C", "B", "D"]
    assert same[0].said == "Same GTIN: 100% sure."
    client.force_login(make_user("merchandisers"))
    told = re.sub(r"\s+", " ", text_of(client, f"/products/{product.pk}/same/"))
    assert told.index("11.50") < told.index("12.90") < told.index("no price")
    answer = client.get(f"/api/products/{product.pk}/offers").json()
    assert [row["retailer"] for row in answer["results"]] == ["C", "B", "D"]
    assert answer["results"][0]["why"] == "same GTIN"


def test_a_product_alone_and_one_never_compared_say_so(client: Client) -> None:
    client.force_login(make_user("merchandisers"))
    product = make_product("Oak table")
    address = f"/products/{product.pk}/same/"
    assert "The next run compares it with the others." in text_of(client, address)
    find()
    assert "No other offer of it was found." in text_of(client, address)


def test_a_damaged_file_of_words_is_made_again() -> None:
    make_product("Oak table")
    find()
    kept = Path(django_settings.DATA) / "duplicates" / "rarity.json"
    kept.write_text("{")
    find()
    assert kept.read_text().startswith('{"found"')
