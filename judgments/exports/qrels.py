"""Judgments as TREC's qrels: what people think in sum, for programs that score rankings."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from statistics import median_low

from judgments.exports.fields import told
from taxonomy.exports import TrecNames


def judgments_as_qrels() -> Iterator[str]:
    """Yield TREC's `page 0 offer grade` lines: the annotators' median, of two the lower."""
    names = TrecNames()
    rows = told(("category_id", "offer_id", "retailer", "grade"))
    for (page, offer, retailer), group in itertools.groupby(rows, key=lambda row: row[:3]):
        grade = median_low(row[3] for row in group)
        yield f"{page} 0 {names.written(offer, retailer)} {grade}\n"
