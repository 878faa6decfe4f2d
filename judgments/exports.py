"""The judgments that count, as files for other programs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from statistics import median_low

from judgments.models import Judgment
from judgments.queries import current_judgments
from taxonomy.exports import TrecNames, csv_line
from taxonomy.imports.rejects import neutralised

COLUMNS = (
    *("category_id", "offer_id", "retailer", "annotator", "grade"),
    *("belongs_to", "made_at", "simulated"),
)


def judgments_as_csv() -> Iterator[str]:
    """Yield the lines of a CSV that `import_judgments` reads back, in an order that stays.

    Where it is known, a last column has the newest text that was the guideline: a number of
    this installation, which means nothing elsewhere and is not read back.
    """
    known = current_judgments().filter(revisions_until__isnull=False).exists()
    yield csv_line((*COLUMNS, *(["revisions_until"] if known else [])))
    for judgment in _in_order():
        yield csv_line(
            (
                judgment.page_id,
                neutralised(judgment.product.offer_id),
                neutralised(judgment.product.retailer.name),
                neutralised(judgment.annotator.name),
                judgment.grade,
                judgment.belongs_to_id or "",
                judgment.made_at.isoformat(),
                "yes" if judgment.annotator.simulated else "",
                *([_known(judgment.revisions_until)] if known else []),
            )
        )


def judgments_as_qrels() -> Iterator[str]:
    """Yield TREC's `page 0 offer grade` lines: the annotators' median, of two the lower."""
    names = TrecNames()
    for (page, _), group in itertools.groupby(
        _in_order(), key=lambda row: (row.page_id, row.product_id)
    ):
        judged = list(group)
        grade = median_low(judgment.grade for judgment in judged)
        yield f"{page} 0 {names.of(judged[0].product)} {grade}\n"


def _in_order() -> Iterator[Judgment]:
    rows = current_judgments().select_related("product__retailer", "annotator")
    order = ("page_id", "product__offer_id", "product__retailer__name", "annotator__name")
    return rows.order_by(*order).iterator(chunk_size=2_000)


def _known(number: int | None) -> object:
    return "" if number is None else number
