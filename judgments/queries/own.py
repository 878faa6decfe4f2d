"""What people see of their own work: how much, how fast, and how far others say the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.utils import timezone

from judgments.models import Agreement, Annotator, Answer, Scope
from judgments.queries.agreement import finished_measurements
from judgments.queries.work import LABELS

RECENT = 200  # labels from which the pace is told
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class OwnWork:
    """One person's labels, the median of the seconds that the newest took, and their agreement.

    The agreement is Krippendorff's alpha with all who judged the same, as it was measured last.
    """

    today: int
    week: int
    seconds: float | None
    agreement: Agreement | None


def own_work(annotator: Annotator) -> OwnWork:
    """Return what this person did; four queries."""
    now = timezone.now()
    morning = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    labels = Answer.objects.filter(
        sitting__annotator=annotator, kind__in=LABELS, refused="", undone_by=None
    )
    timed = labels.filter(seconds__isnull=False).order_by("-id")
    seconds: Iterator[float | None] = timed.values_list("seconds", flat=True)[:RECENT].iterator()
    known = [one for one in seconds if one is not None]
    return OwnWork(
        today=labels.filter(made_at__gte=morning).count(),
        week=labels.filter(made_at__gte=now - WEEK).count(),
        seconds=median(known) if known else None,
        agreement=_agreement_of(annotator),
    )


def _agreement_of(annotator: Annotator) -> Agreement | None:
    newest = finished_measurements().values("pk")[:1]
    return Agreement.objects.filter(
        measurement__in=newest, scope=Scope.PERSON, annotator=annotator
    ).first()
