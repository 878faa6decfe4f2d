"""How far a run is, and which runs wait for a worker."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ranking.models import PageRun, Run, State


@dataclass(frozen=True)
class Progress:
    """How many of a run's pages are in which state."""

    pages: int
    waiting: int
    running: int
    done: int
    failed: int
    cancelled: int

    @property
    def settled(self) -> int:
        """Pages that need no more work."""
        return self.done + self.failed + self.cancelled


def progress(run: Run) -> Progress:
    """Return the run's pages by state."""
    counts = dict(run.page_runs.order_by().values_list("state").annotate(n=Count("id")))
    return Progress(
        pages=sum(counts.values()),
        **{state.value: counts.get(state.value, 0) for state in State},
    )


def claimable() -> Q:
    """Return what makes a page run free to take: never taken, or its worker's lease is over."""
    return Q(state=State.WAITING) | Q(state=State.RUNNING, lease_until__lt=timezone.now())


def held() -> Q:
    """Return what makes a row somebody's: its lease has not run out."""
    return Q(lease_until__gte=timezone.now())


def measurable() -> Q:
    """Return what makes a run ready to be measured: its pages are through, and nobody cancels."""
    parts = PageRun.objects.filter(run=OuterRef("pk"))
    at_work = parts.filter(state__in=(State.WAITING, State.RUNNING))
    ranked = Exists(parts.filter(state=State.DONE)) & ~Exists(at_work)
    return Q(ranked, prepared_at__isnull=False, measured_at=None, cancel_requested_at=None)


def abandoned_runs() -> QuerySet[Run]:
    """Return the unfinished runs that nobody is working on: their message was lost, or is late."""
    parts = PageRun.objects.filter(run=OuterRef("pk"))
    at_work = parts.filter(held(), state=State.RUNNING)
    return Run.objects.unfinished().exclude(held()).exclude(Exists(at_work)).order_by("id")
