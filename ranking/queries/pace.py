"""How fast a run goes, and for how long it still will."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone

from ranking.models import Run, State
from ranking.queries.ledger import Progress, progress

WINDOW = timedelta(minutes=2)  # the pace is that of the last pages, not of the whole run


@dataclass(frozen=True)
class Pace:
    """How far a run is, how fast it goes, and how many seconds are left at that pace."""

    pages: Progress
    per_minute: float | None
    seconds_left: float | None
    seconds: float | None  # from its start to its end or until now


def pace(run: Run) -> Pace:
    """Return how far the run is and how fast it goes; None for what cannot be told yet."""
    now = timezone.now()
    pages = progress(run)
    recent = run.page_runs.aggregate(
        n=Count("id", filter=Q(state=State.DONE, finished_at__gte=now - WINDOW)),
        began=Min("started_at", filter=Q(state=State.DONE, finished_at__gte=now - WINDOW)),
    )
    per_second = _rate(recent["n"], recent["began"], now)
    left = pages.pages - pages.settled
    at_work = not run.is_finished
    return Pace(
        pages=pages,
        per_minute=per_second * 60 if per_second and at_work else None,
        seconds_left=left / per_second if per_second and at_work else None,
        seconds=((run.finished_at or now) - run.as_of).total_seconds(),
    )


def _rate(done: int, began: datetime | None, now: datetime) -> float | None:
    if not done or began is None:
        return None
    return done / max((now - began).total_seconds(), 0.5)
