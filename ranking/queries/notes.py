"""What people wrote about runs."""

from __future__ import annotations

from django.db.models import QuerySet

from ranking.models import Run, RunNote


def notes_of(run: Run) -> QuerySet[RunNote]:
    """Return what was written about the run, the oldest first."""
    return run.notes.select_related("author").order_by("id")
