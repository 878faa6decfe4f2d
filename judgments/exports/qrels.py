"""Judgments as TREC's qrels: what people think in sum, for programs that score rankings."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from judgments.exports.fields import CHUNK, in_order
from judgments.queries import current_judgments
from judgments.truth import Word, whole_median_of
from taxonomy.exports import TrecNames


def judgments_as_qrels() -> Iterator[str]:
    """Yield TREC's `page 0 offer grade` lines: what was decided, else the annotators' median.

    Of two middle grades the lower.
    """
    names = TrecNames()
    rows = in_order(current_judgments()).values_list(
        *("page", "product__offer_id", "product__retailer__name"),
        *("annotator", "grade", "source", "id"),
    )
    for (page, offer, retailer), group in itertools.groupby(
        rows.iterator(chunk_size=CHUNK), key=lambda row: row[:3]
    ):
        grade = whole_median_of([Word(*row[3:]) for row in group])
        yield f"{page} 0 {names.written(offer, retailer)} {grade}\n"
