"""Carry pages over from the run that a run builds on: nothing has changed, so nothing is ranked."""

from __future__ import annotations

from django.db import transaction
from django.db.models import OuterRef, Subquery, Value
from django.utils import timezone

from ranking.actions.ledger import Claim, close_page, finish_preparation
from ranking.models import PageRun, Run, State
from ranking.models.runs import PageRunQuerySet

# What a page that is carried over has from the run before, besides its products.
SAME = ("input_hash", "known_hash", "listing", "shown", "removed", "relaxed")


def carry_all(run: Run, attempt: int, learned: dict[str, object]) -> None:
    """Carry over every page that the base ranked, and open the others to all workers.

    Where none is left the run has nothing to measure either. Raises Lost.
    """
    of_page = _ranked(run).filter(page=OuterRef("page"))
    same = {name: Subquery(of_page.values(name)[:1]) for name in SAME}
    now = timezone.now()
    with transaction.atomic():
        finish_preparation(run.pk, attempt, learned)
        known = _ranked(run).values("page")
        run.page_runs.filter(state=State.WAITING, page__in=known).update(
            state=State.DONE,
            carried_from=Subquery(of_page.holders()[:1]),
            started_at=now,
            finished_at=now,
            seconds=Value(0.0),
            **same,
        )
        if not run.page_runs.exclude(state=State.DONE).exists():
            Run.objects.filter(pk=run.pk).update(measured_at=now)


def carry_page(claim: Claim, run: Run, *, seconds: float) -> None:
    """Mark a claimed page done with what the base ranked. Raises Lost."""
    before = _ranked(run).get(page=claim.page)
    same = {name: getattr(before, name) for name in SAME}
    close_page(claim, state=State.DONE, carried_from_id=before.holder, seconds=seconds, **same)


def _ranked(run: Run) -> PageRunQuerySet:
    """The pages that the run's base ranked, and whose products are there."""
    done = PageRun.objects.filter(run=run.base_id, state=State.DONE, run__thinned_at=None)
    return done.exclude(known_hash="")
