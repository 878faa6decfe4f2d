"""Answer why a product is not on a page: how near it came, and what would bring it in.

For workers: loads arrays, and ranks the page again with each change.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import asdict, replace
from time import perf_counter
from typing import Any

import numpy as np
from django.utils import timezone

from ranking.models import PreviewState, WhyNot
from ranking.pipeline.data import PageRanking
from ranking.pipeline.options import Options
from ranking.pipeline.profile import Profile, profile
from ranking.pipeline.why_not import WayIn, candidates_needed, nearness, way_in
from ranking.queries.inputs import Snapshot, snapshot

logger = logging.getLogger(__name__)

WIDEST = 5  # times the candidates: farther products are not worth ranking all between for
FAILED = "It could not be worked out; the worker's log says more."
NOT_IN_THE_RUN = "The run that ranked this page does not know the product: it is newer."
UNREADABLE = "What run {run} ranked with cannot be read any more: rank the page again, then ask."
NO_PAGE = "The page is no longer in the tree."


def answer_why_not(question_id: int) -> None:
    """Answer a question that waits; a second bell for it finds nothing to do."""
    waiting = WhyNot.objects.filter(pk=question_id, state=PreviewState.WAITING)
    asked = waiting.select_related("page_run__run").first()
    if asked is None:
        return
    try:
        found = _answer(asked)
    except Exception:
        logger.exception("question %s could not be answered", question_id)
        found = {"state": PreviewState.FAILED, "error": FAILED}
    waiting.update(answered_at=timezone.now(), **found)


def _answer(asked: WhyNot) -> dict[str, Any]:
    began, run = perf_counter(), asked.page_run.run
    try:
        inputs = snapshot(run.pk, str(run.token))
    except (OSError, ValueError) as error:  # as where what it learned was deleted, or is too old
        logger.warning("what run %s learned cannot be read: %s", run.pk, error)
        return {"state": PreviewState.FAILED, "error": UNREADABLE.format(run=run.pk)}
    catalogue = inputs.shelf.catalogue
    row = int(catalogue.rows(np.array([asked.product_id], np.int64))[0])
    if row < 0:
        return {"state": PreviewState.FAILED, "error": NOT_IN_THE_RUN}
    try:
        about = profile(asked.page_run.page_id, inputs.shelf, inputs.judged)
    except KeyError:
        return {"state": PreviewState.FAILED, "error": NO_PAGE}
    answer = worked_out(inputs, about, row)
    seconds = round(perf_counter() - began, 3)
    return {"state": PreviewState.DONE, "answer": answer | {"seconds": seconds}}


def worked_out(inputs: Snapshot, about: Profile, row: int) -> dict[str, Any]:
    """Return how near the product at this row of the catalogue came to the page, and the ways in,
    as JSON: those with fewest changes first."""
    page, options = about.page, inputs.options_of(about.page)
    today = _again(inputs, page, options)
    ways = sorted(_ways(inputs, about, row), key=lambda way: (len(way["changes"]), way["place"]))
    product = int(inputs.shelf.catalogue.ids[row])
    before = {one.product for one in today.shown} | {product}
    for way in ways:
        way["others"] = len(set(way.pop("shown")) - before)
    return {
        "nearness": [asdict(one) for one in nearness(about, row, inputs.shelf, options)],
        "needed": candidates_needed(about, row, inputs.shelf),
        "candidates": options.candidates,
        "products": len(inputs.shelf.catalogue),
        "ways": ways,
    }


def _ways(inputs: Snapshot, about: Profile, row: int) -> Iterator[dict[str, Any]]:
    """The ways in that were tried and do bring it in: with other bounds, and filed here."""
    options, needed = inputs.options_of(about.page), candidates_needed(about, row, inputs.shelf)
    if needed is not None and needed <= WIDEST * options.candidates:
        wider = replace(options, candidates=max(options.candidates, needed))
        if way := _way_in(inputs, about.page, row, wider):
            yield _words(way, options)
    if row not in about.filed:
        refiled = inputs.shelf.refiled(np.array([row], np.int64), about.page)
        elsewhere = replace(inputs, shelf=refiled)
        if way := _way_in(elsewhere, about.page, row, options):
            yield _words(way, options, filed=True)


def _way_in(inputs: Snapshot, page: int, row: int, options: Options) -> WayIn | None:
    def again(told: Options) -> PageRanking:
        return _again(inputs, page, told)

    return way_in(row, inputs.shelf.catalogue, options, again, inputs.detector)


def _again(inputs: Snapshot, page: int, options: Options) -> PageRanking:
    return next(replace(inputs, options=options, told={}, before={}).rank([page]))


def _words(way: WayIn, before: Options, *, filed: bool = False) -> dict[str, Any]:
    """The way as JSON: each change with what it was, and what comes of all together."""
    was, then = asdict(before), asdict(way.options)
    changes: dict[str, Any] = {
        name: [was[name], then[name]] for name in then if then[name] != was[name]
    }
    if filed:
        changes["filed"] = [False, True]
    return {
        "changes": changes,
        "place": way.row.position,
        "confidence": way.row.confidence,
        "shown": [one.product for one in way.ranking.shown],
    }
