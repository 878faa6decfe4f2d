"""A file of judgments in any of the formats → its rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any

from judgments.imports.opinions import COLUMNS
from judgments.imports.qrels import read_qrels
from taxonomy.imports.json_lines import read_json_lines
from taxonomy.imports.lines import Lines, Progress, opened, unwatched
from taxonomy.imports.rejects import Reject, restored
from taxonomy.imports.rows import Row
from taxonomy.imports.tables import read_table

FORMATS = ("csv", "jsonl", "qrels", "parquet")
_ENDINGS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".qrels": "qrels",
    ".parquet": "parquet",
}
QRELS = "qrels"  # who said what stands in a file that names nobody


def format_of(file: Path) -> str:
    """Return the format that a file's name tells, .gz left out; "csv" when it tells none."""
    name = file.with_suffix("") if file.suffix.lower() == ".gz" else file
    return _ENDINGS.get(name.suffix.lower(), "csv")


@contextmanager
def judgment_rows(
    file: Path, *, form: str = "", annotator: str = QRELS, progress: Progress = unwatched
) -> Iterator[Iterator[Row | Reject]]:
    """Open a file and give its rows, which are read as they are asked for.

    `form` is one of FORMATS, by default what the name tells. Of qrels, `annotator` said it all.
    A row of Parquet has its number for a line. Raises `Unreadable`.
    """
    form = form or format_of(file)
    if form == "parquet":
        from judgments.imports.parquet import read_parquet  # loads pyarrow

        yield read_parquet(file, progress)
        return
    with opened(file, progress) as stream:
        yield _rows(stream, form, annotator)


def _rows(stream: BufferedReader[Any], form: str, annotator: str) -> Iterator[Row | Reject]:
    lines = Lines(stream)
    if form == "jsonl":
        return read_json_lines(lines)
    if form == "qrels":
        return read_qrels(lines, annotator)
    return map(_restored, read_table(lines, required=COLUMNS))


def _restored(row: Row | Reject) -> Row | Reject:
    """Take the apostrophes off that keep a spreadsheet from running a formula."""
    if isinstance(row, Reject):
        return row
    return Row(row.line, {name: restored(text) for name, text in row.fields.items()}, row.raw)
