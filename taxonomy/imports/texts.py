"""A CSV of texts that tell siblings apart: its rows, checked as far as one row goes.

Unlike feeds such files come from our own export or from a spreadsheet, and their texts run over
lines; so quotes are read as they are written, and never guessed at.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, TypeVar

from taxonomy.exports import csv_line
from taxonomy.imports.fields import category_number, past_moment
from taxonomy.imports.lines import LINE_LIMIT, Lines
from taxonomy.imports.rejects import Reject, Unreadable, restored
from taxonomy.imports.rows import Row, field_name
from taxonomy.models import RevisionState

REQUIRED = ("category_id", "sibling_id", "text")
DELIMITERS = ",;\t"
Value = TypeVar("Value")


class BadRow(Exception):
    """A row that cannot be kept: the field at fault, and why in a sentence."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class Said:
    """A row: what makes a product the category rather than the sibling; nothing is looked up."""

    row: Row
    category_id: int
    sibling_id: int | None
    text: str
    live: bool
    note: str
    author: str  # a login; empty where the file does not say
    made_at: datetime | None


def read_texts(stream: BinaryIO) -> Iterator[Row | Reject]:
    """Yield the rows below the header; raises `Unreadable` if that lacks a required column."""
    lines = _Decoded(stream)
    header = _header(lines)
    reader = csv.reader(lines, delimiter=lines.delimiter, strict=True)
    while True:
        first = lines.number + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Reject(first, _sentence(first, error))
            continue
        if len(values) == len(header):
            yield Row(first, dict(zip(header, values, strict=True)), csv_line(values))
        elif values:
            reason = f"The row has {len(values)} fields; the header has {len(header)}."
            yield Reject(first, reason, raw=csv_line(values))


def parse_text(row: Row) -> Said:
    """Return what the row says; raises `BadRow` with the first thing that is wrong.

    A leading apostrophe that keeps a spreadsheet from running a formula is taken off.
    """
    fields = {name: restored(value) for name, value in row.fields.items()}
    state = fields.get("state", "").strip() or RevisionState.LIVE
    if state not in RevisionState.values:
        raise BadRow("state", f"A text is live or draft; “{state}” is neither.")
    sibling = fields["sibling_id"].strip()
    return Said(
        row=row,
        category_id=_read("category_id", fields["category_id"].strip(), category_number),
        sibling_id=_read("sibling_id", sibling, category_number) if sibling else None,
        text=fields["text"],
        live=state == RevisionState.LIVE,
        note=fields.get("note", ""),
        author=fields.get("author", "").strip(),
        made_at=_read("made_at", fields.get("made_at", "").strip(), past_moment),
    )


class _Decoded:
    """The lines as text, their ends kept; what is no UTF-8 becomes what no text may hold."""

    def __init__(self, stream: BinaryIO) -> None:
        self._lines = Lines(stream)
        self.number = 0
        self.delimiter = ","

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.number, line = next(self._lines)
        return line[:LINE_LIMIT].decode(errors="surrogateescape") + "\n"


def _header(lines: _Decoded) -> list[str]:
    for line in lines:
        if line.strip():
            lines.delimiter = max(DELIMITERS, key=line.count)
            names = next(csv.reader([line], delimiter=lines.delimiter))
            break
    else:
        raise Unreadable("The file is empty.")
    header = [field_name(name) for name in names]
    for name in REQUIRED:
        if name not in header:
            reason = f"The header on line {lines.number} names no column “{name}”."
            raise Unreadable(reason)
    if len(set(header)) < len(header):
        raise Unreadable(f"The header on line {lines.number} names a column twice.")
    return header


def _sentence(line: int, error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return f"A quote that opens in the row on line {line} is never closed."
    if "field limit" in str(error):
        return "A field of this row is far too long."
    return f"The quotes of the row on line {line} do not close as they should."


def _read(field: str, text: str, reads: Callable[[str], Value]) -> Value:
    try:
        return reads(text)
    except ValueError as error:
        raise BadRow(field, str(error)) from error
