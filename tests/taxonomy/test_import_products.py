"""Feeds of products: what is good lands, the rest is set aside, and nothing is lost."""

from __future__ import annotations

import csv
import gzip
import json
import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from taxonomy.actions import ProductFigures, batches, import_products
from taxonomy.actions.pictures import Picture, picture_of
from taxonomy.imports.rejects import Unreadable
from taxonomy.models import Filing, Import, Product, Retailer
from tests.commands import real, run
from tests.factories import make_category, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
HEADER = "id\ttitle\tprice\n"


@pytest.fixture(autouse=True)
def _scratch(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return tmp_path / "feed"


def bring(feed: Path, text: str | bytes, *, partial: bool = False) -> ProductFigures:
    feed.write_bytes(text if isinstance(text, bytes) else text.encode())
    return import_products(feed, retailer="Shop", partial=partial)


def figures(**counts: int) -> ProductFigures:
    names = ("rows", "created", "updated", "unchanged", "rejected", "unseen")
    return ProductFigures(**(dict.fromkeys(names, 0) | counts))


def rejects(folder: Path) -> list[dict[str, str]]:
    """Return the rejected rows of the latest import."""
    with (folder / "rejects" / Import.objects.latest("id").rejects).open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_command_prints_its_figures_and_where_the_rejects_lie(
    feed: Path, tmp_path: Path
) -> None:
    feed.write_text(HEADER + "1\tLamp\t49.95 USD\n2\t\t1.00 USD\n")
    ran = run("import_products", feed, retailer="Shop")
    assert ran.figures == {
        "rows": 2,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
        "unseen": 0,
    }
    kept = Import.objects.get()
    assert (kept.figures, kept.retailer) == (ran.figures, Retailer.objects.get(name="Shop"))
    assert str(tmp_path / "rejects" / kept.rejects) in ran.told


def test_a_row_becomes_a_product_with_all_that_the_feed_says(feed: Path) -> None:
    make_category("Lamps", id=7)
    bring(
        feed,
        "ID,g:Title,Description,Image Link,price,availability,BRAND,gtin,mpn,"
        "google-product-category,colour,link\n"
        "a1,  Desk   lamp ,Bright,,49.95 EUR,In Stock,Lux,4006381333931,L-1,7,red,http://s/1\n",
    )
    product = Product.objects.get()
    assert (product.offer_id, product.title, product.description) == ("a1", "Desk lamp", "Bright")
    assert (product.price, product.currency) == (Decimal("49.95"), "EUR")
    assert (product.brand, product.gtin, product.mpn) == ("Lux", "4006381333931", "L-1")
    assert (product.availability, product.link) == ("in_stock", "http://s/1")
    assert product.attributes == {"colour": "red"}
    assert product.picture_state == "none"
    assert product.first_seen == product.last_seen
    filing = Filing.objects.get(product=product)
    assert (filing.category_id, filing.source) == (7, "feed")


def test_the_same_feed_again_only_sees_its_products(feed: Path) -> None:
    text = HEADER + "1\tLamp\t1.00 USD\n2\tChair\t\n"
    assert bring(feed, text) == figures(rows=2, created=2)
    before = Product.objects.get(offer_id="1")
    assert bring(feed, text) == figures(rows=2, unchanged=2)
    after = Product.objects.get(offer_id="1")
    assert after.last_seen > before.last_seen
    assert after.first_seen == before.first_seen


def test_a_changed_row_updates_its_product_and_keeps_when_it_was_first_seen(feed: Path) -> None:
    bring(feed, HEADER + "1\tLamp\t1.00 USD\n")
    before = Product.objects.get()
    assert bring(feed, HEADER + "1\tLamp\t2.00 USD\n") == figures(rows=1, updated=1)
    after = Product.objects.get()
    assert (after.pk, after.first_seen) == (before.pk, before.first_seen)
    assert after.price == 2


def test_products_missing_from_a_full_feed_are_marked_and_return_when_they_do(feed: Path) -> None:
    both = HEADER + "1\tLamp\t\n2\tChair\t\n"
    bring(feed, both)
    make_product(retailer=Retailer.objects.create(name="Another"))
    assert bring(feed, HEADER + "1\tLamp\t\n") == figures(rows=1, unchanged=1, unseen=1)
    assert [p.offer_id for p in Product.objects.exclude(unseen_since=None)] == ["2"]
    assert bring(feed, both) == figures(rows=2, unchanged=2)
    assert not Product.objects.exclude(unseen_since=None).exists()


def test_an_import_that_began_earlier_never_takes_back_when_a_product_was_seen(feed: Path) -> None:
    feed.write_text(HEADER + "1\tLamp\t1.00 USD\n2\tChair\t\n")
    import_products(feed, retailer="Shop")
    before = dict(Product.objects.values_list("offer_id", "last_seen"))
    feed.write_text(HEADER + "1\tLamp\t2.00 USD\n2\tChair\t\n")
    earlier = timezone.now() - timedelta(hours=1)
    landed = import_products(feed, retailer="Shop", crawled_at=earlier)
    assert landed == figures(rows=2, updated=1, unchanged=1)
    assert dict(Product.objects.values_list("offer_id", "last_seen")) == before


def test_of_two_imports_at_once_the_later_says_when_a_product_was_seen(
    feed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = timezone.now() + timedelta(minutes=1)
    bring(feed, HEADER + "1\tLamp\t1.00 USD\n")
    feed.write_text(HEADER + "1\tLamp\t2.00 USD\n")

    def overtaken(*given: Any) -> Picture:
        """The first one has read its products and not yet written them when the other lands."""
        monkeypatch.setattr(batches, "picture_of", picture_of)
        import_products(feed, retailer="Shop", crawled_at=later)
        return picture_of(*given)

    monkeypatch.setattr(batches, "picture_of", overtaken)
    import_products(feed, retailer="Shop")
    assert Product.objects.get().last_seen == later


def test_a_file_whose_name_is_not_utf8_is_imported_all_the_same(tmp_path: Path) -> None:
    feed = tmp_path / os.fsdecode(b"m\xf6bel.tsv")
    assert bring(feed, HEADER + "1\tLamp\t\n").created == 1
    assert Import.objects.get().file_name == "m?bel.tsv"


def test_a_partial_feed_marks_nothing_as_unseen(feed: Path) -> None:
    bring(feed, HEADER + "1\tLamp\t\n2\tChair\t\n")
    assert bring(feed, HEADER + "1\tLamp\t\n", partial=True) == figures(rows=1, unchanged=1)


def test_a_product_whose_row_turned_bad_was_still_in_the_feed(feed: Path) -> None:
    bring(feed, HEADER + "1\tLamp\t1.00 USD\n2\tChair\t\n")
    landed = bring(feed, HEADER + "1\tLamp\tcheap\n2\tChair\t\n")
    assert landed == figures(rows=2, unchanged=1, rejected=1)
    assert Product.objects.get(offer_id="1").price == 1


def test_a_feed_without_a_good_row_marks_nothing_and_fails(feed: Path) -> None:
    bring(feed, HEADER + "1\tLamp\t\n")
    feed.write_text(HEADER + "2\t\t\n")
    with pytest.raises(CommandError, match="no good row") as refused:
        run("import_products", feed, retailer="Shop")
    assert refused.value.returncode == 1
    assert Product.objects.get().unseen_since is None


def test_a_feed_that_breaks_off_lands_what_came_and_marks_nothing(feed: Path) -> None:
    bring(feed, HEADER + "old\tLamp\t\n")
    rows = "".join(f"{n}\tLamp {n}\t{n}.00 USD\n" for n in range(3_000))
    whole = gzip.compress((HEADER + rows).encode())
    feed.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CommandError, match=r"break off.*good rows before have landed"):
        run("import_products", feed, retailer="Shop")
    assert Product.objects.filter(offer_id="10").exists()
    assert Product.objects.get(offer_id="old").unseen_since is None


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("\tLamp\t\t", "id", "The id is missing."),
        (f"{'i' * 101}\tLamp\t\t", "id", "longer than 100 characters"),
        ("1\t \t\t", "title", "The title is missing."),
        (f"1\t{'t' * 1001}\t\t", "title", "longer than 1,000 characters"),
        ("1\tLamp\t49,95 EUR\t", "price", "with a point and no commas"),
        ("1\tLamp\t1,049.95 EUR\t", "price", "with a point and no commas"),
        ("1\tLamp\t49.95\t", "price", "names no currency"),
        ("1\tLamp\t49.95 €\t", "price", "A price is written “49.95 USD”"),
        ("1\tLamp\tUSD 49.95\t", "price", "A price is written “49.95 USD”"),
        ("1\tLamp\t49.955 USD\t", "price", "USD has 2 decimals"),
        ("1\tLamp\t1.5 JPY\t", "price", "JPY has 0 decimals"),
        ("1\tLamp\t5 ABC\t", "price", "no currency code"),
        ("1\tLamp\t-5.00 USD\t", "price", "cannot be negative"),
        ("1\tLamp\t1e3 USD\t", "price", "A price is written"),
        ("1\tLamp\t٤٩ USD\t", "price", "A price is written"),
        ("1\tLamp\t\t4006381333932", "gtin", "check digit"),
        ("1\tLamp\t\t123", "gtin", "8, 12, 13 or 14 digits"),
        ("1\tLamp\t\tabcdefgh", "gtin", "8, 12, 13 or 14 digits"),
        ("1\tLamp", "", "has 2 fields; the header has 4"),
        ("1\tLamp\t\t\t", "", "has 5 fields; the header has 4"),
        ("1\tLa\0mp\t\t", "", "NUL character at character 5"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_line_field_and_reason(
    feed: Path, tmp_path: Path, row: str, field: str, reason: str
) -> None:
    landed = bring(feed, f"id\ttitle\tprice\tgtin\ngood\tLamp\t\t\n{row}\nlast\tLamp\t\t\n")
    assert landed == figures(rows=3, created=2, rejected=1)
    (rejected,) = rejects(tmp_path)
    assert (rejected["line"], rejected["field"]) == ("3", field)
    assert reason in rejected["reason"]


def test_broken_encoding_is_named_by_line_and_column(feed: Path, tmp_path: Path) -> None:
    landed = bring(feed, b"id\ttitle\n1\tL\xc3\xa4mpchen \xe4\n2\tL\xc3\xa4mpchen\n")
    assert landed == figures(rows=2, created=1, rejected=1)
    (rejected,) = rejects(tmp_path)
    assert (rejected["line"], rejected["column"]) == ("2", "12")
    assert Product.objects.get().title == "Lämpchen"


def test_an_id_that_stands_twice_is_rejected_the_second_time(feed: Path, tmp_path: Path) -> None:
    rows = "".join(f"{n}\tLamp\t\n" for n in range(1_500))
    landed = bring(feed, HEADER + rows + "3\tChair\t\n")
    assert landed == figures(rows=1_501, created=1_500, rejected=1)
    assert rejects(tmp_path)[0]["reason"] == "The id “3” stands already on line 5."
    assert Product.objects.get(offer_id="3").title == "Lamp"


def test_what_we_write_runs_no_formula_in_a_spreadsheet(feed: Path, tmp_path: Path) -> None:
    bring(feed, HEADER + "good\tLamp\t\n=HYPERLINK(1)\tLamp\tcheap\n")
    assert rejects(tmp_path)[0]["row"] == "'=HYPERLINK(1)\tLamp\tcheap"


def test_prices_keep_the_decimals_of_their_currency(feed: Path) -> None:
    bring(feed, HEADER + "1\tA\t1200 JPY\n2\tB\t1.234 KWD\n3\tC\t5.5 EUR\n4\tD\t\n")
    prices = {p.offer_id: (p.price, p.currency) for p in Product.objects.all()}
    assert prices == {
        "1": (1200, "JPY"),
        "2": (Decimal("1.234"), "KWD"),
        "3": (Decimal("5.5"), "EUR"),
        "4": (None, ""),
    }


def test_a_category_is_found_by_id_and_by_path_in_any_locale(feed: Path) -> None:
    lamps = make_category("Lamps", make_category("Home", id=1), id=2)
    lamps.names.create(locale="de-DE", name="Lampen", path="Zuhause > Lampen")
    gone = make_category("Gone", id=3, retired_at="2025-01-01T00:00Z")
    rows = ["2", "home > LAMPS", "Zuhause > Lampen", str(gone.pk), "Gone", "", "99"]
    text = "id\ttitle\tgoogle_product_category\n" + "".join(
        f"{n}\tLamp\t{word}\n" for n, word in enumerate(rows)
    )
    feed.write_text(text)
    ran = run("import_products", feed, retailer="Shop")
    assert ran.figures["created"] == 7
    assert "3 products landed without a category" in ran.told
    assert "first on line 5" in ran.told
    filed = Filing.objects.values_list("product__offer_id", "category_id")
    assert dict(filed) == {"0": 2, "1": 2, "2": 2}


def test_a_filing_follows_the_feed_and_leaves_peoples_filings_alone(feed: Path) -> None:
    one, two = make_category(id=1), make_category(id=2)
    text = "id\ttitle\tgoogle product category\n1\tLamp\t{}\n"
    bring(feed, text.format(1))
    Filing.objects.create(product=Product.objects.get(), category=one, source="person")
    assert bring(feed, text.format(2)) == figures(rows=1, updated=1)
    assert Filing.objects.get(source="feed").category == two
    assert bring(feed, text.format("")) == figures(rows=1, updated=1)
    assert [filing.source for filing in Filing.objects.all()] == ["person"]


def test_texts_too_long_for_their_column_are_kept_whole_among_the_attributes(feed: Path) -> None:
    assert bring(feed, f"id\ttitle\tmpn\n1\tLamp\t{'m' * 101}\n").created == 1
    product = Product.objects.get()
    assert (product.mpn, product.attributes) == ("", {"mpn": "m" * 101})


def test_a_text_that_grows_in_lower_case_still_fits_its_column(feed: Path) -> None:
    written = "\u0130" * 20  # two characters each, once in lower case
    bring(feed, f"id\ttitle\tavailability\n1\tLamp\t{written}\n")
    product = Product.objects.get()
    assert (product.availability, product.attributes) == ("", {"availability": written})


def test_made_up_and_real_products_never_mix(feed: Path) -> None:
    feed.write_text(HEADER + "1\tLamp\t\n")
    import_products(feed, retailer="Demo", made_up=True)
    assert Retailer.objects.get().made_up
    with pytest.raises(Unreadable, match="“Demo” has made-up products"):
        import_products(feed, retailer="Demo")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The file is empty."),
        (b"id\tprice\n1\t\n", "names no column “title”"),
        (b"id\ttitle\ttitle\n", "names the column “title” twice"),
        (b"id\tti\xfftle\n", "the header, cannot be read"),
        ("id\ttitle\n".encode("utf-16"), "The file is in UTF-16"),
        (b'[{"id": 1}]', "JSON array"),
        (b"<rss><item><id>1</item></rss>", "the XML is broken here"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><rss/>', "declares entities"),
        (b"\x1f\x8b\x08\x00garbage", "damaged"),
    ],
)
def test_a_file_that_is_no_feed_is_one_sentence(feed: Path, content: bytes, sentence: str) -> None:
    feed.write_bytes(content)
    with pytest.raises(CommandError) as refused:
        run("import_products", feed, retailer="Shop")
    assert sentence in str(refused.value)
    assert not Retailer.objects.exists()


def test_a_folder_of_pictures_that_is_none_is_said_before_anything_is_read(feed: Path) -> None:
    feed.write_text(HEADER + "1\tLamp\t\n")
    with pytest.raises(CommandError, match="is not a folder"):
        run("import_products", feed, retailer="Shop", images=feed)


def test_the_real_catalogue_lands_whole() -> None:
    landed = import_products(real("icecat/products.tsv.gz"), retailer="icecat")
    assert landed == figures(rows=19_406, created=19_406)
    assert Import.objects.latest("id").rejects == ""


def test_a_gtin_gets_its_leading_zero_back_where_the_check_digit_fits(
    feed: Path, tmp_path: Path
) -> None:
    rows = "1\tPresenter\t85896333746\n2\tLamp\t85896333747\n"
    assert bring(feed, f"id\ttitle\tgtin\n{rows}") == figures(rows=2, created=1, rejected=1)
    assert Product.objects.get().gtin == "085896333746"
    assert "check digit" in rejects(tmp_path)[0]["reason"]


FIELDS = st.text('ab"\t\n,<{é\0', max_size=6) | st.sampled_from(["1", "2", "5.00 USD", '"x"'])
TABLES = st.lists(st.lists(FIELDS, min_size=2, max_size=4).map("\t".join), max_size=8).map(
    lambda rows: "\n".join(["id\ttitle\tprice", *rows]).encode()
)
OBJECTS = st.lists(
    st.dictionaries(st.sampled_from(["id", "title", "x"]), st.text(max_size=3) | st.integers())
).map(lambda rows: "\n".join(map(json.dumps, rows)).encode())
ITEMS = st.lists(st.binary(max_size=8)).map(
    lambda rows: b"".join(
        b"<item><g:id>%d</g:id><title>T%b</title></item>" % pair for pair in enumerate(rows)
    ).join((b"<rss>", b"</rss>"))
)


@effort(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=TABLES | OBJECTS | ITEMS | st.binary(max_size=60))
def test_whatever_the_bytes_every_row_is_counted_once(feed: Path, content: bytes) -> None:
    Product.objects.all().delete()
    try:
        did = bring(feed, content)
    except Unreadable:
        return
    assert did.rows == did.created + did.updated + did.unchanged + did.rejected
    assert did.created == Product.objects.count()
    again = bring(feed, content)
    assert (again.unchanged, again.rejected) == (did.created, did.rejected)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_a_retailer_without_a_usable_name_is_refused(feed: Path, name: str) -> None:
    feed.write_text(HEADER + "1\tLamp\t\n")
    with pytest.raises(Unreadable, match="A retailer's name has 1 to 200 characters"):
        import_products(feed, retailer=name)
    assert not Retailer.objects.exists()
