"""Suggestions of the owner's choice: from a file, or from a service at an address.

Both are off unless set. What comes is data and never trusted: each line is checked as what people
type is, and what cannot be used is told of and left out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from ranking.models import SuggestionSource
from taxonomy.actions.discriminators import BadText, checked_lines
from taxonomy.imports.lines import Lines, opened
from taxonomy.imports.rejects import Reject, Unreadable, restored
from taxonomy.imports.tables import read_table
from taxonomy.models import Category

COLUMNS = ("category_id", "sibling_id", "text")
MOST = 12  # lines for one direction of a pair
BYTE_LIMIT = 4 << 20
SECONDS = 30.0

Pair = tuple[int, int]
Written = tuple[str, dict[str, str]]  # where a line stands, and its fields


@dataclass
class Supplied:
    """Lines by category and sibling, and a sentence for each that could not be used."""

    lines: dict[Pair, list[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


Supplier = Callable[[Sequence[Pair]], Supplied]


def suppliers() -> Iterator[tuple[SuggestionSource, Supplier]]:
    """Yield what is set to supply lines for (category, sibling) pairs; each raises Unreadable."""
    if file := settings.SEESTOCKS_SUGGESTIONS_FILE:
        yield SuggestionSource.FILE, lambda pairs: of_file(Path(file), pairs)
    if address := settings.SEESTOCKS_SUGGESTIONS_URL:
        yield SuggestionSource.ENDPOINT, lambda pairs: of_service(address, pairs)


def of_file(path: Path, pairs: Sequence[Pair]) -> Supplied:
    """Return the lines that a CSV (category_id, sibling_id, text) has for these pairs.

    Raises Unreadable.
    """
    with opened(path) as stream:
        return _checked(_rows(Lines(stream)), pairs)


def of_service(address: str, pairs: Sequence[Pair]) -> Supplied:
    """Return the lines that the service answers for these pairs.

    It is sent `{"pairs": [{"category": {"id", "name", "path"}, "sibling": {…}}]}` and answers
    `{"suggestions": [{"category_id", "sibling_id", "text"}]}`. The address is the
    administrator's, who may well mean a host of their own network. Raises Unreadable.
    """
    try:
        answer = json.loads(_answer(address, {"pairs": _asked(pairs)}))
        rows = [_fields(row) for row in answer["suggestions"]]
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreadable(f"The service of suggestions did not answer: {error}.") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Unreadable(
            "The service of suggestions answers something else than JSON of suggestions."
        ) from error
    return _checked(((f"Suggestion {n}", row) for n, row in enumerate(rows, 1)), pairs)


def _rows(lines: Lines) -> Iterator[Written]:
    for row in read_table(lines, required=COLUMNS):
        where = f"Line {row.line}"
        if isinstance(row, Reject):
            yield f"{where}: {row.reason}", {}
        else:
            yield where, {name: restored(row.fields[name]) for name in COLUMNS}


def _fields(row: Any) -> dict[str, str]:
    return {name: str(row[name]) for name in COLUMNS}


def _checked(rows: Iterable[Written], pairs: Sequence[Pair]) -> Supplied:
    """What the rows say of the pairs; what they say of others is not asked for."""
    supplied, wanted = Supplied(), set(pairs)
    for where, fields in rows:
        if not fields:
            supplied.faults.append(where)
            continue
        try:
            pair, line = _parsed(fields)
        except (BadText, ValueError) as fault:
            supplied.faults.append(f"{where}: {fault}")
            continue
        known = supplied.lines.setdefault(pair, []) if pair in wanted else []
        if len(known) < MOST and line not in known:
            known.append(line)
    return supplied


def _parsed(fields: dict[str, str]) -> tuple[Pair, str]:
    """The pair that a row is about, and its line. Raises ValueError and BadText."""
    ids = [fields[name].strip() for name in COLUMNS[:2]]
    if not all(one.isascii() and one.isdigit() and len(one) < 19 for one in ids):
        raise ValueError(f"“{' and '.join(ids)[:100]}” are no two categories' ids.")
    lines = checked_lines(fields["text"])
    if len(lines) != 1:
        raise ValueError("The text must be one line.")
    return (int(ids[0]), int(ids[1])), lines[0]


def _asked(pairs: Sequence[Pair]) -> list[dict[str, dict[str, object]]]:
    known = Category.objects.in_bulk({one for pair in pairs for one in pair})
    told: dict[int, dict[str, object]] = {
        pk: {"id": pk, "name": one.name, "path": one.path} for pk, one in known.items()
    }
    return [{"category": told[first], "sibling": told[second]} for first, second in pairs]


def _answer(address: str, question: object) -> bytes:
    ends = time.monotonic() + SECONDS
    content = bytearray()
    with (
        httpx.Client(timeout=10) as client,
        client.stream("POST", address, json=question) as response,
    ):
        response.raise_for_status()
        for part in response.iter_bytes():
            content += part
            if len(content) > BYTE_LIMIT or time.monotonic() > ends:
                raise Unreadable("The service of suggestions sends too much, or too slowly.")
    return bytes(content)
