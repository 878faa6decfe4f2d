"""Parquet → rows, a batch at a time. Loads pyarrow: for commands and workers alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from judgments.imports.opinions import COLUMNS
from taxonomy.imports.lines import Progress
from taxonomy.imports.rejects import Unreadable
from taxonomy.imports.rows import Row, field_name

BATCH = 10_000  # rows that are in memory at a time


def read_parquet(file: Path, progress: Progress) -> Iterator[Row]:
    """Yield the rows, numbered from 1; `progress` gets a share of the file's bytes for each batch.

    Raises `Unreadable` for what is no Parquet, or lacks a column that judgments need.
    """
    try:
        with pq.ParquetFile(file) as table:
            names = [field_name(name) for name in table.schema_arrow.names]
            if missing := [name for name in COLUMNS if name not in names]:
                raise Unreadable(f"The file has no column “{missing[0]}”.")
            yield from _rows(table, names, file.stat().st_size, progress)
    except OSError as error:
        raise Unreadable(f"{file} cannot be read: {error.strerror or error}.") from error
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise Unreadable(f"{file.name} is no Parquet file, or is damaged.") from error


def _rows(table: Any, names: list[str], size: int, progress: Progress) -> Iterator[Row]:
    number, total = 0, max(table.metadata.num_rows, 1)
    for batch in table.iter_batches(BATCH):
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            number += 1
            fields = dict(zip(names, map(_written, values), strict=True))
            yield Row(number, fields, json.dumps(fields, ensure_ascii=False))
        progress(size * batch.num_rows // total)


def _written(value: Any) -> str:
    """Return a value as a table of text would have it; whole floats, as they come of gaps, too."""
    if value is None or value != value:  # NaN alone is not itself
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
