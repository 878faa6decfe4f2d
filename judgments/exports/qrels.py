"""Judgments as TREC's qrels: what people think in sum, for programs that score rankings."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from judgments.exports.fields import told
from judgments.truth import Word, whole_median_of
from taxonomy.exports import TrecNames


def judgments_as_qrels() -> Iterator[str]:
    """Yield TREC's `page 0 offer grade` lines: what was decided, else the annotators' median, of
    two the lower."""
    names = TrecNames()
    rows = told(("category_id", "offer_id", "retailer", "grade", "source", "made_at"))
    for (page, offer, retailer), group in itertools.groupby(rows, key=lambda row: row[:3]):
        grade = whole_median_of(
            [
                Word(annotator, grade, source, round(made_at.timestamp() * 1_000))
                for annotator, (*_, grade, source, made_at) in enumerate(group)
            ]
        )
        yield f"{page} 0 {names.written(offer, retailer)} {grade}\n"
