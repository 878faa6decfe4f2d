"""Telling a feed's format by its content, and reading it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from taxonomy.imports.json_lines import read_json_lines
from taxonomy.imports.lines import Lines
from taxonomy.imports.rejects import Reject, Unreadable
from taxonomy.imports.rows import Row
from taxonomy.imports.tables import read_table
from taxonomy.imports.xml_items import read_items


def read_feed(stream: io.BufferedReader[Any]) -> Iterator[Row | Reject]:
    """Yield a feed's rows and what of it cannot be one, in order, holding one at a time.

    Raises `Unreadable` where the feed as a whole cannot be read, be it in its middle.
    """
    start = stream.peek(4096).lstrip()
    if start.startswith(b"<"):
        return read_items(stream)
    if start.startswith(b"["):
        raise Unreadable("The file is one JSON array; a feed has one object a line (JSON Lines).")
    if start.startswith(b"{"):
        return read_json_lines(Lines(stream))
    return read_table(Lines(stream), required=("id", "title"))
