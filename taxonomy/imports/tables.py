"""TSV and CSV: lines → rows, with quotes as people and programs really write them.

A field that begins with a quote ends at the next lone one and may run over lines. Many feeds
quote nothing and mean a quote at a field's beginning as an inch or a name; so a line whose
quotes do not close, or are followed by text, is taken as it stands when it then has the right
number of fields. A quote left open never swallows more than its own line.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator

from taxonomy.imports.lines import BadText, Lines, shown, text_of
from taxonomy.imports.rejects import Reject, Unreadable
from taxonomy.imports.rows import KNOWN, Row, field_name

DELIMITERS = "\t,;"
RUN_LIMIT = 200  # lines that one quoted field may run over
RUN_BYTES = 1 << 18


class _OpenQuote(Exception):
    """A quoted field goes on behind the end of the text."""


def read_table(lines: Lines, required: Iterable[str]) -> Iterator[Row | Reject]:
    """Yield the rows below the header; raises `Unreadable` if that lacks a required column."""
    for number, line in lines:
        if line.strip():
            header, delimiter = _header(number, line, required)
            break
    else:
        raise Unreadable("The file is empty.")
    table = _Table(header, delimiter, lines)
    for number, line in lines:
        if line.strip():
            yield table.row(number, line)


def _header(number: int, line: bytes, required: Iterable[str]) -> tuple[list[str], str]:
    try:
        text = text_of(line)
        delimiter = max(DELIMITERS, key=text.count)
        names = [field_name(name) for name in _split(text, delimiter)]
    except (BadText, _OpenQuote, csv.Error) as error:
        raise Unreadable(f"Line {number}, the header, cannot be read: {error}") from error
    missing = [name for name in required if name not in names]
    if missing:
        raise Unreadable(f"The header on line {number} names no column “{missing[0]}”.")
    once = {*KNOWN.values(), *required}
    twice = [name for name, count in Counter(names).items() if count > 1 and name in once]
    if twice:
        raise Unreadable(f"The header on line {number} names the column “{twice[0]}” twice.")
    return names, delimiter


def _split(text: str, delimiter: str) -> list[str]:
    """Split strictly: what follows a closing quote must be a delimiter or the end."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise _OpenQuote from error
        raise


class _Table:
    """The lines below a header, a row at a time."""

    def __init__(self, header: list[str], delimiter: str, lines: Lines) -> None:
        self._header, self._delimiter, self._lines = header, delimiter, lines

    def row(self, number: int, line: bytes) -> Row | Reject:
        """Return the row that begins on this line, taking the lines that belong to it."""
        try:
            text = text_of(line)
            values = self._values(text, line, number)
        except BadText as fault:
            return Reject(number, str(fault), "", fault.column, shown(line))
        if len(values) != len(self._header):
            reason = f"The row has {len(values)} fields; the header has {len(self._header)}."
            return Reject(number, reason, raw=text)
        return Row(number, self._fields(values), text)

    def _fields(self, values: list[str]) -> dict[str, str]:
        fields: dict[str, str] = {}
        for name, value in zip(self._header, values, strict=True):
            # A column may stand twice, as additional_image_link does.
            fields[name] = (
                f"{fields[name]},{value}"
                if fields.get(name) and value
                else (value or fields.get(name, ""))
            )
        return fields

    def _values(self, text: str, line: bytes, number: int) -> list[str]:
        try:
            values = _split(text, self._delimiter)
        except csv.Error:
            return text.split(self._delimiter)  # quotes that quote nothing
        except _OpenQuote:
            return self._literal_or_run(text, line, number)
        if len(values) != len(self._header):
            literal = text.split(self._delimiter)
            return literal if len(literal) == len(self._header) else values
        return values

    def _literal_or_run(self, text: str, line: bytes, number: int) -> list[str]:
        """Tell a lone quote from a field that runs on: by what the next line looks like."""
        literal = text.split(self._delimiter)
        fits = len(literal) == len(self._header)
        following = self._lines.peek()
        if fits and (following is None or self._is_row(following)):
            return literal
        values = self._run((number, line))
        if values is None and not fits:
            raise BadText(f"A quote that opens on line {number} is not closed as it should be.")
        return literal if values is None else values

    def _run(self, first: tuple[int, bytes]) -> list[str] | None:
        """Return the fields of a row that runs over lines, or None, all lines put back."""
        taken = [first]
        for following in self._lines:
            taken.append(following)
            if b'"' in following[1]:
                try:
                    values = _split("\n".join(_loosely(line) for _, line in taken), self._delimiter)
                except _OpenQuote:
                    pass
                except csv.Error:
                    break
                else:
                    return self._closed(values, taken)
            if len(taken) > RUN_LIMIT or sum(len(line) for _, line in taken) > RUN_BYTES:
                break
        self._lines.put_back(taken[1:])
        return None

    def _closed(self, values: list[str], taken: list[tuple[int, bytes]]) -> list[str] | None:
        """Return the fields if the lines are one row; a row of its own is never swallowed."""
        right = len(values) == len(self._header)
        if not right and any(self._is_row(line) for _, line in taken[1:]):
            self._lines.put_back(taken[1:])
            return None
        for number, line in taken:
            try:
                text_of(line)
            except BadText as fault:
                raise BadText(f"On line {number}: {fault}", fault.column) from fault
        return values

    def _is_row(self, line: bytes) -> bool:
        """Say whether a line could be a row by itself."""
        return _loosely(line).count(self._delimiter) == len(self._header) - 1


def _loosely(line: bytes) -> str:
    return line.decode(errors="replace")
