"""The formats that go out over the web line by line. Parquet wants a worker's libraries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from judgments.exports.qrels import judgments_as_qrels
from judgments.exports.texts import judgments_as_csv, judgments_as_json_lines


@dataclass(frozen=True)
class Streamed:
    """One such format: what it is called, and its lines, the whole history's if asked."""

    label: str
    content_type: str
    lines: Callable[[bool], Iterator[str]]


STREAMED = {
    "csv": Streamed(
        "CSV", "text/csv; charset=utf-8", lambda history: judgments_as_csv(history=history)
    ),
    "jsonl": Streamed(
        "JSON Lines",
        "application/jsonl; charset=utf-8",
        lambda history: judgments_as_json_lines(history=history),
    ),
    # Medians: there is no history in them.
    "qrels": Streamed(
        "TREC qrels", "text/plain; charset=utf-8", lambda _history: judgments_as_qrels()
    ),
}
