"""Jobs: ask for one, cancel or resume it; and for workers: claim one, do a piece, finish.

The rows are the truth and the broker a doorbell, as with runs: see `ranking.actions.ledger`.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from ranking.actions.heartbeat import heartbeat
from ranking.actions.ledger import Cancelled, Interrupted, Lost
from ranking.models import FINISHED, Comparison, Evaluation, Job, State, Training
from taxonomy.doorbell import ringing

logger = logging.getLogger(__name__)

MAX_TRIES = 5
GAVE_UP = f"Its worker stopped {MAX_TRIES} times in the middle of it."
JOBS: tuple[type[Job], ...] = (Training, Evaluation, Comparison)

AnyJob = TypeVar("AnyJob", bound=Job)
Beat = Callable[[str, int, int], None]  # stage, done, total; raises Lost, Cancelled, Interrupted
# One piece of the work. It returns what to write when the job is done by it, and None when it
# has put what it did into files and there is more to do.
Piece = Callable[[AnyJob, Beat], dict[str, Any] | None]


class AlreadyFinished(Exception):
    """The job has ended, so there is nothing to cancel."""


def ask_for(
    model: type[AnyJob],
    *,
    by: User | None = None,
    token: uuid.UUID | None = None,
    here: bool = False,
    **fields: Any,
) -> AnyJob:
    """Return a new job, after ringing for a worker. The same `token` again returns the first one;
    `here` rings for nobody, since the caller works on it."""
    with transaction.atomic():
        job, new = model._default_manager.get_or_create(
            token=token or uuid.uuid4(), defaults={"asked_by": by, **fields}
        )
        if new and not here:
            transaction.on_commit(partial(ring, job))
    return job


def cancel(job: Job, *, by: User | None = None) -> None:
    """Ask a job to stop: at once while no worker has it, else when its worker looks up.

    Raises AlreadyFinished.
    """
    now, rows = timezone.now(), _rows(job)
    with transaction.atomic():
        if not rows.exclude(state__in=FINISHED).update(cancel_requested_at=now):
            raise AlreadyFinished(f"{job} has already ended.")
        unheld = rows.exclude(state__in=FINISHED).exclude(_held())
        unheld.update(state=State.CANCELLED, finished_at=now, lease_until=None, stage="")
    logger.info("%s: cancel asked for by %s", job, by)
    job.refresh_from_db()


def resume(job: Job, *, here: bool = False) -> None:
    """Put a failed or cancelled job back to work, with what it had done, and ring for a worker."""
    ended = _rows(job).filter(state__in=(State.FAILED, State.CANCELLED))
    anew = {"tries": 0, "error": "", "cancel_requested_at": None, "finished_at": None}
    with transaction.atomic():
        if ended.update(state=State.WAITING, **anew) and not here:
            transaction.on_commit(partial(ring, job))
    job.refresh_from_db()


def ring(job: Job) -> None:
    """Tell the workers of a job; if the broker is dead, the sweeper rings later."""
    from ranking.tasks import doorbell

    with ringing(f"{job} waits"):
        doorbell(type(job)).delay(type(job).__name__, job.pk)


def abandoned_jobs() -> list[Job]:
    """Return the unfinished jobs that no worker holds: their message was lost, or is late."""
    return [
        job
        for kind in JOBS
        for job in kind._default_manager.exclude(state__in=FINISHED).exclude(_held()).order_by("id")
    ]


def work(
    kind: type[AnyJob], pk: int, piece: Piece[AnyJob], stopping: Callable[[], bool] = lambda: False
) -> bool:
    """Do one piece of a job, if it is free to take, and return whether there is more to do.

    What the last piece returns is written in the transaction that marks the job done.
    """
    attempt = _claim(kind, pk)
    if attempt is None:
        return False
    mine = kind._default_manager.filter(pk=pk, attempt=attempt, state=State.RUNNING)
    try:
        with heartbeat(lambda: _keep(mine)):
            done = piece(kind._default_manager.get(pk=pk), partial(_beat, mine, stopping))
        _end(mine, done)
    except Cancelled:
        mine.update(state=State.CANCELLED, finished_at=timezone.now(), lease_until=None, stage="")
    except Interrupted:
        mine.update(lease_until=None, tries=F("tries") - 1)
    except Lost:
        logger.warning("%s %s was taken over by another worker", kind.__name__, pk)
    except Exception as error:
        logger.exception("%s %s", kind.__name__, pk)
        failed = {"state": State.FAILED, "error": str(error) or type(error).__name__}
        mine.update(finished_at=timezone.now(), lease_until=None, stage="", **failed)
    else:
        return done is None
    return False


def _claim(kind: type[Job], pk: int) -> int | None:
    """The attempt number under which this worker has the job; None when it is not free."""
    free = kind._default_manager.filter(pk=pk).exclude(state__in=FINISHED).exclude(_held())
    now = timezone.now()
    over = {"finished_at": now, "lease_until": None, "stage": ""}
    cancelled = free.filter(cancel_requested_at__isnull=False)
    cancelled.update(state=State.CANCELLED, **over)
    free.filter(tries__gte=MAX_TRIES).update(state=State.FAILED, error=GAVE_UP, **over)
    taken = {"attempt": F("attempt") + 1, "tries": F("tries") + 1, "lease_until": _lease()}
    if not free.update(state=State.RUNNING, **taken):
        return None
    return kind._default_manager.values_list("attempt", flat=True).get(pk=pk)


def _beat(
    mine: QuerySet[Any], stopping: Callable[[], bool], stage: str, done: int, total: int
) -> None:
    shown = {"stage": stage[:100], "stage_done": done, "stage_total": total}
    if not mine.update(lease_until=_lease(), **shown):
        raise Lost
    if mine.filter(cancel_requested_at__isnull=False).exists():
        raise Cancelled
    if stopping():
        raise Interrupted


def _keep(mine: QuerySet[Any]) -> None:
    mine.update(lease_until=_lease())


def _end(mine: QuerySet[Any], done: dict[str, Any] | None) -> None:
    """Write what the piece came to. Raises Lost."""
    if done is None:
        ended: dict[str, Any] = {"tries": 0}
    else:
        ended = {"state": State.DONE, "finished_at": timezone.now(), "stage": "", **done}
    if not mine.update(lease_until=None, **ended):
        raise Lost


def _rows(job: Job) -> QuerySet[Any]:
    return type(job)._default_manager.filter(pk=job.pk)


def _held() -> Q:
    return Q(lease_until__gte=timezone.now())


def _lease() -> datetime:
    return timezone.now() + timedelta(seconds=settings.SEESTOCKS_LEASE_SECONDS)
