"""Measure how far people agree: rows first, then a bell. A worker measures, pages show."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from judgments.models import Agreement, Measurement
from judgments.queries.agreement import (
    blind_words,
    finished_measurements,
    measurement_is_due,
    measurement_under_way,
    newest_judgment,
    repeated,
)
from judgments.queries.work import AllWork, all_work
from taxonomy.doorbell import ringing
from taxonomy.models import Category

logger = logging.getLogger(__name__)

KEPT = 5  # measurements that came to an end
MOST_ATTEMPTS = 3  # then it is given up: what killed three workers would kill the next
GAVE_UP = "It was begun three times, and no worker came to its end."
CANCELLED = "It was stopped."


class Lost(Exception):
    """Another worker has taken the measurement over, or somebody has stopped it."""


def ask_for_measurement(*, by: User | None = None) -> Measurement:
    """Return a measurement of all judgments so far, after ringing for a worker.

    While somebody waits for one already, that one is returned.
    """
    with transaction.atomic():
        waiting = measurement_under_way()
        if waiting is None:
            waiting = Measurement.objects.create(judgments_until=newest_judgment(), asked_by=by)
        transaction.on_commit(partial(ring_for_measurement, waiting.pk))
    return waiting


def cancel_measurement(measurement: Measurement) -> None:
    """Stop a measurement: at once while no worker has it, else when its worker looks up."""
    now = timezone.now()
    mine = Measurement.objects.filter(pk=measurement.pk, finished_at=None)
    mine.update(cancel_requested_at=now)
    mine.filter(free()).update(finished_at=now, error=CANCELLED, lease_until=None)


def sweep_measurements() -> None:
    """Ring for what no worker holds, and ask for a measurement when one is due."""
    waiting = Measurement.objects.filter(free(), finished_at=None)
    for pk in waiting.values_list("id", flat=True):
        ring_for_measurement(pk)
    if measurement_is_due():
        ask_for_measurement()


def ring_for_measurement(pk: int) -> None:
    """Tell a worker that there is something to measure; with a dead broker, that waits."""
    from judgments.tasks import measure_agreement

    with ringing(f"measurement {pk} waits"):
        measure_agreement.delay(pk)


def free() -> Q:
    """What no worker holds."""
    return Q(lease_until=None) | Q(lease_until__lt=timezone.now())


def measure(pk: int) -> None:
    """Measure what is asked for, unless another worker does. For workers: loads arrays."""
    attempt = _claim(pk)
    if attempt is None:
        return
    try:
        found = _measured(pk, attempt)
        _finish(pk, attempt, found, all_work())
    except Lost:
        _held(pk, attempt).update(finished_at=timezone.now(), error=CANCELLED, lease_until=None)
    except Exception as error:
        logger.exception("measurement %s", pk)
        why = f"It could not be measured: {error}"[:300]
        _held(pk, attempt).update(finished_at=timezone.now(), error=why, lease_until=None)


def _claim(pk: int) -> int | None:
    """The number of the attempt under which this worker measures; None when it is not free."""
    waiting = Measurement.objects.filter(free(), pk=pk, finished_at=None)
    spent = waiting.filter(attempt__gte=MOST_ATTEMPTS)
    spent.update(finished_at=timezone.now(), error=GAVE_UP, lease_until=None)
    if not waiting.update(attempt=F("attempt") + 1, done=0, lease_until=_lease()):
        return None
    return Measurement.objects.values_list("attempt", flat=True).get(pk=pk)


def _measured(pk: int, attempt: int) -> list[Agreement]:
    """The rows of all that is measured. Raises Lost."""
    from judgments.agreement.scopes import parts
    from judgments.agreement.words import Words

    until = Measurement.objects.values_list("judgments_until", flat=True).get(pk=pk)
    lineages = dict(Category.objects.values_list("id", "lineage"))
    todo = parts(Words.of(blind_words(until).iterator(5_000)), lineages, repeated(until))
    found = []
    for number, part in enumerate(todo):
        if number % 20 == 0:
            _beat(pk, attempt, number, len(todo))
        found.append(part.agreement(pk))
    return found


def _beat(pk: int, attempt: int, done: int, total: int) -> None:
    mine = _held(pk, attempt).filter(cancel_requested_at=None)
    if not mine.update(done=done, total=total, lease_until=_lease()):
        raise Lost


def _finish(pk: int, attempt: int, found: list[Agreement], work: AllWork) -> None:
    """Write the rows and end the measurement, unless it was lost or stopped meanwhile."""
    with transaction.atomic():
        mine = _held(pk, attempt).filter(cancel_requested_at=None)
        ended = {"finished_at": timezone.now(), "lease_until": None, "work": work.as_json()}
        if not mine.update(done=len(found), total=len(found), **ended):
            raise Lost
        Agreement.objects.bulk_create(found, batch_size=500)
        for old in finished_measurements()[KEPT:]:
            old.delete()


def _held(pk: int, attempt: int) -> QuerySet[Measurement]:
    return Measurement.objects.filter(pk=pk, attempt=attempt, finished_at=None)


def _lease() -> datetime:
    return timezone.now() + timedelta(seconds=settings.SEESTOCKS_LEASE_SECONDS)
