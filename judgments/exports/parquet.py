"""Judgments as Parquet, a batch at a time. Loads pyarrow: for commands alone."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from judgments.exports.fields import FIELDS, told

BATCH = 10_000  # rows of a row group, which are in memory at a time
_TYPES = {
    "category_id": pa.int64(),
    "grade": pa.int8(),
    "belongs_to": pa.int64(),
    "made_at": pa.timestamp("us", tz="UTC"),
    "seconds": pa.float64(),
    "simulated": pa.bool_(),
    "revisions_until": pa.int64(),
    "withdrawn": pa.bool_(),
}


def write_parquet(file: Path, fields: Sequence[str] = FIELDS, *, history: bool = False) -> None:
    """Write the judgments, their texts as strings; what is not known is null. Raises OSError."""
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in fields])
    rows = told(fields, history=history)
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while batch := list(itertools.islice(rows, BATCH)):
            columns = zip(*(map(_plain, row) for row in batch), strict=True)
            arrays = [pa.array(*pair) for pair in zip(columns, schema.types, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value
