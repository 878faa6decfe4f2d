"""Start, cancel and resume a run. The rows are the truth; the broker only rings the doorbell."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from judgments.models import Judgment
from judgments.queries.truth import rule_now
from ranking.actions.ledger import settle
from ranking.models import Kind, PageRun, Run, State
from ranking.queries.base import base_for
from ranking.queries.known import pipeline_digest
from ranking.queries.learned import adopted
from ranking.queries.rules import rules_now
from ranking.queries.stale import stale_pages
from taxonomy.doorbell import ringing
from taxonomy.models import Category, Revision

logger = logging.getLogger(__name__)

CANDIDATES_PER_PLACE = 25 / 6  # 200 candidates for the 48 places of a page
SEED = 20240501


class NothingToRank(Exception):
    """No page is switched on, or none is stale, so there is nothing to rank."""


class NotAPage(Exception):
    """Some of the ids are no active page; the message names them."""


class NotABranch(Exception):
    """There is no such category, or it is retired; the message names it."""


class AlreadyFinished(Exception):
    """The run has ended, so there is nothing to cancel."""


def start_run(
    *,
    pages: Iterable[int] | None = None,
    branch: int | None = None,
    stale: bool = False,
    incremental: bool = False,
    by: User | None = None,
    token: uuid.UUID | None = None,
    here: bool = False,
) -> Run:
    """Return a new run of the given pages, of those of a branch of the tree, or of all active
    ones, after ringing for a worker.

    `stale` takes of them only those whose ranking does not know something that was said since.
    `incremental` builds on the newest run that it can: what that learned is kept, and pages of
    which nothing has changed are carried over; where there is none, `settings["anew"]` says why.
    The same `token` again returns the first run; `here` rings for nobody, since the caller works
    on it. Raises NothingToRank, NotAPage and NotABranch.
    """
    now = {"started_by": by, "as_of": timezone.now(), "settings": _settings_now()}
    with transaction.atomic():
        run, new = Run.objects.get_or_create(token=token or uuid.uuid4(), defaults=now)
        if not new:
            return run
        ids = _page_ids(pages, branch, stale=stale)
        _scope(run, ids, branch, incremental=incremental)
        PageRun.objects.bulk_create([PageRun(run=run, page_id=pk) for pk in ids], batch_size=1000)
        if not here:
            transaction.on_commit(partial(ring, run.pk))
    return run


def cancel_run(run: Run, *, by: User | None) -> Run:
    """Ask the run to stop: pages not begun are cancelled now, those at work when they end.

    Raises AlreadyFinished.
    """
    with transaction.atomic():
        asked = Run.objects.unfinished().filter(pk=run.pk)
        if not asked.update(cancel_requested_at=timezone.now()):
            raise AlreadyFinished(f"Run {run.pk} has already ended.")
        run.page_runs.filter(state=State.WAITING).update(state=State.CANCELLED)
    logger.info("run %s: cancel asked for by %s", run.pk, by)
    settle(run.pk)
    run.refresh_from_db()
    return run


def resume_run(run: Run, *, only_failed: bool = False, here: bool = False) -> Run:
    """Put an ended run's failed and cancelled pages back to work, or the failed ones alone, and
    ring for a worker.

    A run that has not ended is only rung for.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run.pk)
        if run.is_finished:
            _reopen(run, (State.FAILED,) if only_failed else (State.FAILED, State.CANCELLED))
        if not here:
            transaction.on_commit(partial(ring, run.pk))
    return run


def _reopen(run: Run, states: tuple[State, ...]) -> None:
    again = run.page_runs.filter(state__in=states)
    to_rank = again.update(state=State.WAITING, tries=0, error="", lease_until=None)
    if not to_rank and not run.can_be_measured_again:
        return
    run.state = State.RUNNING if run.prepared_at else State.WAITING
    run.tries, run.error = 0, ""
    run.cancel_requested_at = run.finished_at = run.measured_at = None
    fields = ["state", "tries", "error", "cancel_requested_at", "finished_at", "measured_at"]
    run.save(update_fields=fields)


def ring(run_id: int) -> None:
    """Tell the workers that the run has work; if the broker is dead, the sweeper rings later."""
    from ranking.tasks import work_on_run

    with ringing(f"run {run_id} waits"):
        work_on_run.delay(run_id)


def _scope(run: Run, pages: list[int], branch: int | None, *, incremental: bool) -> None:
    """Note which branch the run ranks, and which run it builds on, or why on none."""
    run.branch_id = branch
    if incremental:
        run.base, why = base_for(run.settings, pages, run.as_of)
        run.settings |= {"anew": why} if why else {}
    run.save(update_fields=["branch", "base", "settings"])


def _page_ids(pages: Iterable[int] | None, branch: int | None, *, stale: bool) -> list[int]:
    active = set(_pages_of(branch).values_list("id", flat=True))
    wanted = active if pages is None else set(pages)
    if strangers := sorted(wanted - active):
        listed = ", ".join(map(str, strangers[:10]))
        raise NotAPage(f"Not an active page: {listed}.")
    if not wanted:
        raise NothingToRank("No page is switched on yet. Activate some pages first.")
    if stale:
        wanted &= set(stale_pages().values_list("id", flat=True))
        if not wanted:
            raise NothingToRank("No page is stale: their rankings know all that was said.")
    return sorted(wanted)


def _pages_of(branch: int | None) -> QuerySet[Category]:
    """The active pages, of a branch those at it and below."""
    pages = Category.objects.pages()
    if branch is None:
        return pages
    top = Category.objects.live().filter(pk=branch).first()
    if top is None:
        raise NotABranch(f"There is no category {branch}.")
    below = pages.filter(lineage__startswith=top.lineage)
    if not below.exists():
        raise NothingToRank(f"No page is switched on in {top.name}.")
    return below


def candidates_now() -> int:
    """Return how many products a run that begins now looks at on each page."""
    return round(settings.SEESTOCKS_PAGE_SIZE * CANDIDATES_PER_PLACE)


def _settings_now() -> dict[str, object]:
    judgment = Judgment.objects.aggregate(newest=Max("id"))["newest"]
    revision = Revision.objects.aggregate(newest=Max("id"))["newest"]
    return {
        "encoder": settings.SEESTOCKS_ENCODER,
        "encoder_weights": settings.SEESTOCKS_ENCODER_WEIGHTS,
        "page_size": settings.SEESTOCKS_PAGE_SIZE,
        "candidates": candidates_now(),
        "judgments_until": judgment or 0,
        "wrong_shown": settings.SEESTOCKS_WRONG_SHOWN,
        "reranker": _adopted(Kind.RERANKER),
        "blend": _adopted(Kind.BLEND),
        "truth": rule_now().as_settings(),
        "rules": rules_now(),
        "discriminators_until": revision or 0,
        "seed": SEED,
        "pipeline": pipeline_digest(),
    }


def _adopted(kind: Kind) -> int | None:
    """The version that runs use now; None: do without it, or learn it in the run."""
    training = adopted(kind)
    return training.pk if training else None
