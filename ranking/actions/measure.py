"""Measure which siblings a run confuses: the last piece of its work. For workers: loads arrays."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice

from django.db import transaction
from django.db.models import Q

from ranking.actions.fences import ROWS_AT_ONCE, Evidence, Fence, exposures, share_out, write_fences
from ranking.actions.ledger import (
    Cancelled,
    Interrupted,
    Lost,
    beat_run,
    finish_measuring,
)
from ranking.actions.suggest import suggest
from ranking.models import ConfusedPair, Run
from ranking.pipeline.confusion import Measured, Places, measure, parents_to_measure
from ranking.pipeline.data import NO_PARENT, Doubles, Ints
from ranking.pipeline.disambiguate import Siblings
from ranking.queries.inputs import Snapshot
from ranking.queries.verdicts import verdicts
from taxonomy.models import Filing, FilingSource

logger = logging.getLogger(__name__)

STAGE = "Measuring the confusion among siblings"
SUGGESTING = "Looking for lines that tell the most confused apart"
SUGGESTED = 50  # pairs for which that is done
DIGITS = 2  # of a model's confidence: whole percents are said, and a smaller change is none


def measure_confusion(
    run: Run, attempt: int, inputs: Snapshot, stopping: Callable[[], bool]
) -> None:
    """Write the confused pairs among the siblings of the run's pages, and where the model files.

    What earlier runs found among the same siblings is replaced, in one transaction. Of pages that
    were carried over what was found before stays. Raises Lost, Cancelled and Interrupted.
    """
    ranked = run.page_runs.filter(carried_from=None)
    pages = set(ranked.values_list("page", flat=True))
    shelf, places = inputs.shelf, Places.of(inputs.shelf)
    parents = parents_to_measure(shelf.tree, pages)
    evidence = Evidence(verdicts(until=run.settings["judgments_until"]), exposures())
    fences: list[Fence] = []
    for number, parent in enumerate(parents):
        beat_run(run.pk, attempt, STAGE, number, len(parents))
        if stopping():
            raise Interrupted
        if (measured := _measure_below(parent, inputs, places)) is None:
            continue
        for pair in measured.pairs:
            ids = shelf.catalogue.ids[pair.rows].tolist()
            fences.append(evidence.fence(run, parent, pair, ids))
        own = places.at(measured.rows, parent)
        ids = shelf.catalogue.ids[measured.rows[own]]
        file_by_model(ids, measured.likeliest[own], measured.probability[own])
    _suggest(run, attempt, fences, inputs)
    measured_here = Q() if set(shelf.tree.pages) <= pages else _among(parents)
    with transaction.atomic():
        ConfusedPair.objects.filter(measured_here).delete()
        write_fences(fences)
        share_out()
        finish_measuring(run.pk, attempt)


def _suggest(run: Run, attempt: int, fences: Sequence[Fence], inputs: Snapshot) -> None:
    """Have lines found for the heaviest pairs; without them the measuring is worth as much.

    A run that builds on another does so only for pairs that nobody has measured before.
    """
    heaviest = sorted((fence.pair for fence in fences), key=lambda pair: -pair.weight)
    known = set(ConfusedPair.objects.values_list("first", "second")) if run.base_id else set()
    pairs = [(pair.first_id, pair.second_id) for pair in heaviest[:SUGGESTED]]
    pairs = [pair for pair in pairs if pair not in known]
    beat = partial(beat_run, run.pk, attempt, SUGGESTING)
    try:
        suggest(pairs, inputs.shelf, inputs.judged, inputs.head, beat)
    except (Cancelled, Interrupted, Lost):
        raise
    except Exception:
        logger.exception("run %s: no lines could be suggested", run.pk)


def _measure_below(parent: int, inputs: Snapshot, places: Places) -> Measured | None:
    """The products below the parent among its children; None when nothing can be confused."""
    rows = places.below(parent)
    if not len(rows):
        return None
    siblings = Siblings.of(parent, inputs.shelf, inputs.judged)
    if len(siblings) < 2:
        return None
    return measure(siblings, rows, inputs.texts, inputs.head)


def file_by_model(products: Ints, categories: Ints, confidence: Doubles) -> None:
    """File each of N products where the model thinks it belongs, where that is something new.

    Only the model's own filings are touched. Its latest word replaces the one before.
    """
    said = zip(products.tolist(), categories.tolist(), confidence.tolist(), strict=True)
    while some := list(islice(said, ROWS_AT_ONCE)):
        now = {product: (category, round(sure, DIGITS)) for product, category, sure in some}
        mine = Filing.objects.filter(source=FilingSource.MODEL, product__in=now)
        known = {
            product: (category, sure)
            for product, category, sure in mine.values_list("product", "category", "confidence")
        }
        new = {product: word for product, word in now.items() if known.get(product) != word}
        with transaction.atomic():
            mine.filter(product__in=new.keys() & known.keys()).delete()
            Filing.objects.bulk_create(
                Filing(
                    product_id=product,
                    category_id=category,
                    confidence=sure,
                    source=FilingSource.MODEL,
                )
                for product, (category, sure) in new.items()
            )


def _among(parents: Sequence[int]) -> Q:
    """The pairs among the children of these parents."""
    among = Q(parent__in=[parent for parent in parents if parent != NO_PARENT])
    return among | Q(parent=None) if NO_PARENT in parents else among
