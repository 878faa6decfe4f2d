"""Finished rankings for tests of what people see, without a pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from ranking.models import PageRun, RankedProduct, Run, State
from taxonomy.models import Category, Product

SIGNALS = {"text_fit": 5.25, "picture_fit": None, "words": 0.5}
CONTRIBUTIONS = {"base": -0.5, "text_fit": 1.75, "picture_fit": 0.0, "words": -0.25}


def make_run(state: str = State.DONE, **fields: Any) -> Run:
    """Return a run that began now, and has ended unless its state says otherwise."""
    now = timezone.now()
    ended = {"finished_at": now} if state not in (State.WAITING, State.RUNNING) else {}
    return Run.objects.create(state=state, **({"as_of": now, "prepared_at": now} | ended | fields))


def make_page_run(page: Category, run: Run | None = None, **fields: Any) -> PageRun:
    """Return a page's part in a run, done unless `state` says otherwise."""
    now = timezone.now()
    ended = {"started_at": now, "finished_at": now, "seconds": 0.4, "attempt": 1}
    values = {"state": State.DONE} | (ended if fields.get("state") != State.WAITING else {})
    return PageRun.objects.create(run=run or make_run(), page=page, **(values | fields))


def make_ranking(
    page: Category,
    shown: Sequence[Product] = (),
    removed: Sequence[Product] = (),
    run: Run | None = None,
    **fields: Any,
) -> PageRun:
    """Return a page's ranking: `shown` in that order, and `removed` as too unsure."""
    page_run = make_page_run(page, run, shown=len(shown), removed=len(removed), **fields)
    rows = [_row(page_run, product, place) for place, product in enumerate(shown, start=1)]
    rows += [_row(page_run, product, None) for product in removed]
    RankedProduct.objects.bulk_create(rows)
    return page_run


def _row(page_run: PageRun, product: Product, place: int | None) -> RankedProduct:
    return RankedProduct(
        page_run=page_run,
        product=product,
        position=place,
        removed_by="" if place else "minimum confidence",
        why="title and description fit"
        if place
        else "Confidence 21 % is below the 35 % asked for.",
        score=1.0,
        confidence=max(0.5, 0.95 - 0.01 * place) if place else 0.21,
        signals=SIGNALS,
        contributions=CONTRIBUTIONS,
    )
