"""A run's rankings, as files for other programs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.db.models import F, QuerySet

from ranking.models import RankedProduct, Run, State
from taxonomy.exports import TrecNames, csv_line
from taxonomy.imports.rejects import neutralised

COLUMNS = (
    *("page_id", "page", "position", "offer_id", "retailer", "title", "price", "currency"),
    *("score", "confidence", "removed_by", "why"),
)


def rankings_as_trec(run: Run) -> Iterator[str]:
    """Yield `page Q0 offer position score run` for every product shown.

    The score falls with the position, since programs that read this format order by it. Offers
    have the names that they have in the qrels of the judgments.
    """
    names = TrecNames()
    for row in _in_order(run).exclude(position=None).iterator(chunk_size=2_000):
        offer = names.of(row.product)
        place = row.position or 0
        page = row.page_run.page_id
        yield f"{page} Q0 {offer} {place} {1 / place:.6f} seestocks-run-{run.pk}\n"


def rankings_as_jsonl(run: Run) -> Iterator[str]:
    """Yield one JSON object per candidate, the removed ones too, with all that is known of it."""
    for row in _in_order(run).iterator(chunk_size=2_000):
        found = {
            "run": run.pk,
            "page_id": row.page_run.page_id,
            "page": row.page_run.page.path,
            "position": row.position,
            "offer_id": row.product.offer_id,
            "retailer": row.product.retailer.name,
            "title": row.product.title,
            "price": None if row.product.price is None else str(row.product.price),
            "currency": row.product.currency,
            "score": row.score,
            "confidence": row.confidence,
            "misfiled": row.misfiled,
            "chance_wrong": row.chance_wrong,
            "oddities": row.oddities,
            "removed_by": row.removed_by,
            "why": row.why,
            "signals": row.signals,
            "contributions": row.contributions,
        }
        yield json.dumps(found, ensure_ascii=False) + "\n"


def rankings_as_csv(run: Run) -> Iterator[str]:
    """Yield the lines of a CSV of all candidates; no spreadsheet runs its texts as formulas."""
    yield csv_line(COLUMNS)
    for row in _in_order(run).iterator(chunk_size=2_000):
        product = row.product
        yield csv_line(
            (
                row.page_run.page_id,
                neutralised(row.page_run.page.path),
                row.position or "",
                neutralised(product.offer_id),
                neutralised(product.retailer.name),
                neutralised(product.title),
                "" if product.price is None else product.price,
                product.currency,
                f"{row.score:.6f}",
                f"{row.confidence:.4f}",
                row.removed_by,
                neutralised(row.why),
            )
        )


def _in_order(run: Run) -> QuerySet[RankedProduct]:
    """The candidates of the pages that are done: shown by position, then removed by score."""
    done = run.page_runs.filter(state=State.DONE)
    rows = RankedProduct.objects.filter(page_run__in=done.holders())
    order = ("page_run__page_id", F("position").asc(nulls_last=True), "-score", "product_id")
    return rows.select_related("page_run__page", "product__retailer").order_by(*order)
