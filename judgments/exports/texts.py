"""Judgments as CSV, for people and spreadsheets, and as JSON Lines, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from judgments.exports.fields import FIELDS, told
from taxonomy.exports import csv_line
from taxonomy.imports.rejects import neutralised


def judgments_as_csv(fields: Sequence[str] = FIELDS, *, history: bool = False) -> Iterator[str]:
    """Yield the lines of a CSV that `import_judgments` reads back; the first names the fields."""
    yield csv_line(fields)
    for row in told(fields, history=history):
        yield csv_line(map(_cell, row))


def judgments_as_json_lines(
    fields: Sequence[str] = FIELDS, *, history: bool = False
) -> Iterator[str]:
    """Yield an object a line: numbers are numbers, what is not known is null, times are ISO."""
    for row in told(fields, history=history):
        said = dict(zip(fields, row, strict=True))
        yield json.dumps(said, ensure_ascii=False, default=_plain) + "\n"


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else ""
    if value is None:
        return ""
    return neutralised(value) if isinstance(value, str) else _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
