"""What the cross-encoder is given to read says what people would look at."""

from __future__ import annotations

import numpy as np
import pytest

from ranking.pipeline.disambiguate import NO_TEXTS, Lines, Texts
from ranking.pipeline.rerank.texts import key_details, page_text, product_text, product_text_at
from tests.ranking.shelves import BAGS, DESK_LAMPS, LAMPS, make_shelf, make_tree


def lines(*texts: str) -> Lines:
    return Lines(texts, np.zeros((len(texts), 16), np.float32))


def test_a_page_is_read_by_name_and_path() -> None:
    assert page_text(make_tree(), NO_TEXTS, LAMPS) == "Table lamps | Home > Lighting > Table lamps"


def test_a_page_is_read_with_what_people_wrote_about_it() -> None:
    texts = Texts(
        of_pairs={
            (LAMPS, DESK_LAMPS): lines("no clamp", "soft light"),
            (DESK_LAMPS, LAMPS): lines("bright"),
            (LAMPS, 999): lines("of a category that is gone"),
        },
        alone={LAMPS: lines("stands on a table"), BAGS: lines("carried")},
    )
    assert page_text(make_tree(), texts, LAMPS) == (
        "Table lamps | Home > Lighting > Table lamps | is: stands on a table"
        " | not Desk lamps: no clamp; soft light"
    )


def test_a_page_that_is_not_in_the_tree_is_an_error() -> None:
    with pytest.raises(KeyError):
        page_text(make_tree(), NO_TEXTS, 999)


def test_a_product_is_read_with_what_its_title_leaves_out() -> None:
    line = product_text(
        "Acme lamp, black", "Acme", "A <b>small</b>\n lamp", "color: Black; size: 30 cm"
    )
    assert line == "Acme lamp, black | A small lamp | size: 30 cm"


def test_a_brand_that_the_title_leaves_out_is_read() -> None:
    assert product_text("Lamp", "Acme") == "Lamp | brand: Acme"


def test_a_product_with_a_title_alone_is_read_by_it() -> None:
    assert product_text("Lamp", "") == "Lamp"


def test_a_product_is_read_without_details_where_none_were_loaded() -> None:
    shelf = make_shelf([LAMPS])
    assert product_text_at(shelf.catalogue, 0) == "Item 0 | brand: Acme"


def test_details_are_the_fields_that_say_what_a_thing_is() -> None:
    attributes = {
        "color": "red",
        "condition": "new",
        "google_product_category": "Home > Lighting",
        "product_type": "Lamps",
        "product_detail": "General:shade:glass, frosted,General:height:30.0,Power:dimmable:True",
    }
    assert key_details(attributes) == "color: red; shade: glass, frosted"


def test_where_a_feed_files_a_product_is_not_read() -> None:
    assert not key_details({"google_product_category": "Lamps", "product_type": "Lamps"})


def test_details_without_any_form_are_passed_over() -> None:
    assert not key_details({"product_detail": "handmade"})
    assert not key_details({})
