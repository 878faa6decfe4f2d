"""The formats of feeds, and what people and programs make of them."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.imports import lines as lines_module
from taxonomy.imports.feeds import read_feed
from taxonomy.imports.lines import Lines
from taxonomy.imports.prices import BadPrice, parse_price
from taxonomy.imports.rejects import Reject, neutralised, restored
from taxonomy.imports.rows import Row, field_name


def read(text: str | bytes) -> list[Row | Reject]:
    content = text if isinstance(text, bytes) else text.encode()
    return list(read_feed(io.BufferedReader(io.BytesIO(content))))


def titles(text: str | bytes) -> list[str]:
    """Return the titles, and for what is set aside the line and reason."""
    return [row.fields["title"] if isinstance(row, Row) else str(row) for row in read(text)]


RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
<item>
  <g:id>1</g:id><title>Lamp &amp; shade</title><link>http://s/1</link>
  <g:image_link>http://s/1.jpg</g:image_link>
  <g:additional_image_link>a</g:additional_image_link>
  <g:additional_image_link>b</g:additional_image_link>
  <g:shipping><g:country>DE</g:country><g:price>5.00 EUR</g:price></g:shipping>
</item>
<item><g:id>2</g:id><g:title><![CDATA[<b>Chair]]></g:title><title>Not this</title></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<title>Shop</title>
<entry><id>urn:1</id><g:id>1</g:id><title>Lamp</title><summary>Bright</summary>
<link href="http://s/1"/></entry></feed>"""


def test_rss_items_are_rows_with_googles_fields_first() -> None:
    first, second = read(RSS)
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert first.line == 3
    assert first.fields == {
        "id": "1",
        "title": "Lamp & shade",
        "link": "http://s/1",
        "image_link": "http://s/1.jpg",
        "additional_image_link": "a,b",
        "shipping": "DE:5.00 EUR",
    }
    assert second.fields == {"id": "2", "title": "<b>Chair"}


def test_atom_entries_are_rows() -> None:
    (entry,) = read(ATOM)
    assert isinstance(entry, Row)
    assert entry.fields == {
        "id": "1",
        "title": "Lamp",
        "description": "Bright",
        "link": "http://s/1",
    }


def test_a_bad_byte_in_xml_costs_one_item() -> None:
    broken = RSS.encode().replace(b"Lamp", b"L\xe4mp\x0b")
    first, second = read(broken)
    assert isinstance(first, Reject)
    assert (first.line, first.field) == (3, "title")
    assert "broken encoding" in first.reason
    assert isinstance(second, Row)


@pytest.mark.parametrize("forbidden", ["\x01", "\ufffe", "\uffff"])
def test_a_character_that_xml_forbids_costs_one_item(forbidden: str) -> None:
    items = f"<item><title>a{forbidden}</title></item><item><title>b</title></item>"
    first, second = titles(f"<rss><channel>{items}</channel></rss>")
    assert "cannot be read" in first
    assert second == "b"


def test_xml_in_a_declared_encoding_is_read_in_it() -> None:
    latin = '<?xml version="1.0" encoding="iso-8859-1"?><rss><item><title>é</title></item></rss>'
    assert titles(latin.encode("latin-1")) == ["é"]


def test_json_lines_keep_numbers_as_they_are_written() -> None:
    (row,) = read('{"id": 7, "Image Link": "x", "price": 49.90, "sizes": ["S", 2], "new": true}\n')
    assert isinstance(row, Row)
    assert row.fields == {
        "id": "7",
        "image_link": "x",
        "price": "49.90",
        "sizes": "S,2",
        "new": "yes",
    }


@pytest.mark.parametrize("line", ["{", "[]", "3", '{"a": ' + "[" * 100_000, '{"id": }'])
def test_a_line_that_is_no_json_object_is_set_aside(line: str) -> None:
    good = '{"title": "Lamp"}'
    first, bad, last = titles(f"{good}\n{line}\n{good}")
    assert (first, last) == ("Lamp", "Lamp")
    assert bad.startswith("Line 2: ")


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_is_read_by_its_own_delimiter_and_line_ends(delimiter: str, end: str) -> None:
    rows = (["id", "title", "x"], ["1", '"a ""b"""', ""], ["2", "c", "d"])
    assert titles(end.join(map(delimiter.join, rows))) == ['a "b"', "c"]


def test_a_quoted_field_may_run_over_lines_and_blank_ones() -> None:
    assert titles('id,title\n1,"two\n\nlines"\n\n2,one\n') == ["two\n\nlines", "one"]


def test_quotes_that_quote_nothing_stand_for_themselves() -> None:
    text = 'id\ttitle\tx\n1\t"Best" lamp\t\n2\t"17 inch\t\n3\t19"\t\n4\t"\t\n'
    assert titles(text) == ['"Best" lamp', '"17 inch', '19"', '"']


def test_a_quote_that_never_closes_costs_its_own_line_alone() -> None:
    rows = "".join(f"{n},Lamp {n}\n" for n in range(500))
    read_titles = titles(f'id,title\n0,"a, b\n{rows}')
    assert read_titles[0] == "Line 2: A quote that opens on line 2 is not closed as it should be."
    assert read_titles[1:] == [f"Lamp {n}" for n in range(500)]


def test_an_open_quote_does_not_swallow_the_row_whose_quote_would_close_it() -> None:
    text = 'id,title,x\n1,"a, b,\n2,"c, d",\n3,e,\n'
    assert titles(text)[1:] == ["c, d", "e"]
    assert titles(text)[0].startswith("Line 2: A quote")


def test_broken_encoding_inside_a_field_that_runs_over_lines_is_named_where_it_is() -> None:
    (bad, good) = titles(b'id,title\n1,"two\nl\xe4nes"\n2,one\n')
    assert bad == "Line 2: On line 3: The text is not UTF-8 at character 2 (broken encoding)."
    assert good == "one"


def test_a_line_without_end_is_never_held_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "LINE_LIMIT", 100)
    long, good = titles(b"id,title\n1," + b"x" * 5_000 + b"\n2,Lamp\n")
    assert long == "Line 2: The line is longer than 100 bytes."
    assert good == "Lamp"


def test_a_bomb_is_read_in_passing(tmp_path: Path) -> None:
    bomb = gzip.compress(b"id,title\n1," + b"x" * 30_000_000 + b"\n2,Lamp")
    (tmp_path / "feed").write_bytes(bomb)
    with lines_module.opened(tmp_path / "feed") as stream:
        sizes = [len(line) for _, line in Lines(stream)]
    assert max(sizes) <= lines_module.LINE_LIMIT + 1
    assert len(sizes) == 3


@pytest.mark.parametrize(
    "written",
    ["image_link", "Image Link", "g:image_link", "IMAGE-LINK", "imageLink", " image link "],
)
def test_a_field_is_known_however_its_name_is_written(written: str) -> None:
    assert field_name(written) == "image_link"


@given(st.text("'=+-@\t\rab1", max_size=6))
def test_neutralised_text_runs_no_formula_and_can_be_restored(text: str) -> None:
    safe = neutralised(text)
    assert safe[:1] not in tuple("=+-@\t\r")
    assert restored(safe) == text


@given(st.text(max_size=12))
def test_no_text_breaks_the_reading_of_prices(text: str) -> None:
    try:
        amount, currency = parse_price(text)
    except BadPrice:
        return
    assert amount >= 0
    assert text.endswith(f" {currency}")


def quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"'


def rows_of(text: str) -> Iterator[list[str]]:
    for row in read(text):
        assert isinstance(row, Row), row
        yield list(row.fields.values())


@given(
    st.lists(
        st.lists(st.text('ab"\t; \n', max_size=6), min_size=3, max_size=3), min_size=1, max_size=6
    )
)
def test_a_fully_quoted_table_is_read_back_as_it_was(rows: list[list[str]]) -> None:
    text = "\n".join(["id,title,x", *(",".join(map(quoted, row)) for row in rows)])
    assert list(rows_of(text)) == rows
