"""Files that name who takes whose place: old_id,new_id."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from taxonomy.imports.lines import Lines, opened
from taxonomy.imports.rejects import Reject, Unreadable
from taxonomy.imports.tables import read_table


@dataclass(frozen=True, slots=True)
class Succession:
    """One line: the category `new` takes the place of `old`."""

    line: int
    old: int
    new: int


def read_successors(path: Path) -> list[Succession]:
    """Return the lines of a CSV with the columns old_id and new_id; raises `Unreadable`.

    One bad line refuses the file: who takes whose place is not to be done by halves.
    """
    found: dict[int, Succession] = {}
    with opened(path) as stream:
        for row in read_table(Lines(stream), ("old_id", "new_id")):
            if isinstance(row, Reject):
                raise Unreadable(str(row))
            ids = [row.fields[name].strip() for name in ("old_id", "new_id")]
            if not all(text.isascii() and text.isdigit() and len(text) < 19 for text in ids):
                raise Unreadable(f"Line {row.line}: An id is made of digits.")
            one = Succession(row.line, *map(int, ids))
            first = found.setdefault(one.old, one)
            if first is not one:
                raise Unreadable(
                    f"Line {one.line}: Category {one.old} stands already on line {first.line}."
                )
    return list(found.values())
