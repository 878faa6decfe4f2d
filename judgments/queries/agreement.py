"""What agreement is measured on, and what was measured last."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Max, OuterRef, QuerySet
from django.utils import timezone

from judgments.models import BLIND, Agreement, Judgment, Measurement, Purpose, Scope
from judgments.queries.judgments import COUNTS_FOR, blind_judgments, counting

ENOUGH_NEW = 200  # judgments after which it is measured anew by itself
OLD = timedelta(days=1)  # … or when it is so old and there is anything new
Word = tuple[int, int, int, int]  # page, product, annotator, grade


def blind_words(until: int | None = None) -> QuerySet[Judgment, Word]:
    """Return of each blind judgment the page that it counts for, product, annotator and grade."""
    words = counting(blind_judgments(until)).order_by("id")
    return words.values_list(COUNTS_FOR, "product", "annotator", "grade")


def repeated(until: int | None = None) -> list[tuple[int, int, int]]:
    """Return (annotator, grade before, grade again) of each planned repeat that was answered."""
    before = Judgment.objects.filter(
        source__in=BLIND,
        withdrawn=False,
        page=OuterRef("page"),
        product=OuterRef("product"),
        annotator=OuterRef("annotator"),
        id__lt=OuterRef("id"),
    ).exclude(seat__item__purpose=Purpose.REPEAT)
    again = blind_judgments(until).filter(seat__item__purpose=Purpose.REPEAT)
    latest = before.order_by("-id").values("grade")[:1]
    rows = again.annotate(before=latest).filter(before__isnull=False).order_by("id")
    return list(rows.values_list("annotator", "before", "grade"))


def newest_judgment() -> int:
    """Return the newest judgment's id; 0 while there is none."""
    return Judgment.objects.aggregate(newest=Max("id"))["newest"] or 0


def finished_measurements() -> QuerySet[Measurement]:
    """Return the measurements that came to an end with figures, newest first."""
    return Measurement.objects.filter(finished_at__isnull=False, error="").order_by("-id")


def measurement_under_way() -> Measurement | None:
    """Return the measurement that somebody waits for, if there is one."""
    return Measurement.objects.filter(finished_at=None).order_by("-id").first()


def newer_judgments(measurement: Measurement | None) -> int:
    """Return how many judgments a measurement has not seen."""
    until = measurement.judgments_until if measurement else 0
    return Judgment.objects.filter(id__gt=until).count()


def measurement_is_due() -> bool:
    """Whether enough was judged since the newest measurement, or it is old; never twice at once."""
    if measurement_under_way():
        return False
    newest = finished_measurements().first()
    new = newer_judgments(newest)
    old = newest is None or newest.asked_at < timezone.now() - OLD
    return new >= ENOUGH_NEW or (new > 0 and old)


def overall(measurement: Measurement) -> Agreement | None:
    """Return the agreement of everybody everywhere, as it was measured."""
    return measurement.agreements.filter(scope=Scope.ALL).first()


def agreements(measurement: Measurement, scope: Scope) -> QuerySet[Agreement]:
    """Return what was measured of each page, branch, person or pair of different people."""
    rows = measurement.agreements.filter(scope=scope)
    if scope == Scope.PAIR:
        rows = rows.exclude(annotator=F("other"))
    return rows.select_related("category", "annotator", "other")
