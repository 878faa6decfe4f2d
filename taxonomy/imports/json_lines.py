"""JSON Lines: one object a line → rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from taxonomy.imports.lines import BadText, Lines, shown, text_of
from taxonomy.imports.rejects import Reject
from taxonomy.imports.rows import Row, field_name


def read_json_lines(lines: Lines) -> Iterator[Row | Reject]:
    """Yield a row for each line that holds an object."""
    for number, line in lines:
        if not line.strip():
            continue
        try:
            text = text_of(line)
            yield Row(number, _fields(text), text)
        except BadText as fault:
            yield Reject(number, str(fault), "", fault.column, shown(line))


def _fields(text: str) -> dict[str, str]:
    try:
        # Numbers stay as they are written: 49.90 is not 49.9.
        value = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        reason = f"The line is not JSON at character {error.colno}: {error.msg}."
        raise BadText(reason, error.colno) from error
    except RecursionError as error:
        raise BadText("The line nests JSON too deeply.") from error
    if not isinstance(value, dict):
        raise BadText("The line is not a JSON object.")
    return {field_name(name): _written(value) for name, value in value.items()}


def _written(value: Any) -> str:
    """Return a value as a feed's table would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, list) and not any(isinstance(part, list | dict) for part in value):
        return ",".join(_written(part) for part in value)
    return json.dumps(value, ensure_ascii=False)
