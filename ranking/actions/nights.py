"""Nights: begin one, see what came of it, and say what shall happen in them."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from ranking.actions.notify import tell
from ranking.actions.publish import (
    GateShut,
    NothingToPublish,
    PublishedMeanwhile,
    publish_run,
)
from ranking.actions.runs import NothingToRank, start_run
from ranking.models import Event, Night, NightPlan, Run, State
from ranking.queries.gate import RIGHT, gate, gate_comparison
from ranking.queries.releases import roll_back_in_force
from ranking.queries.shown import newest_release

logger = logging.getLogger(__name__)

TASK = "ranking.tasks.begin_night"
HOUR, MINUTE = 2, 0  # until somebody says otherwise


class PlanRefused(Exception):
    """The plan cannot be kept; the message says why."""


def night_plan() -> NightPlan:
    """Return the one plan, made when it is first asked for: switched off."""
    if plan := NightPlan.objects.select_related("task__crontab").first():
        return plan
    with transaction.atomic():
        task, _ = PeriodicTask.objects.get_or_create(
            name="night", defaults={"task": TASK, "crontab": _at(HOUR, MINUTE), "enabled": False}
        )
        return NightPlan.objects.get_or_create(task=task)[0]


def change_plan(
    *,
    hour: int,
    minute: int,
    on: bool,
    publishes: bool,
    bound: float,
    drop: float,
    mails: Sequence[str],
    by: User | None,
) -> NightPlan:
    """Say when nights begin, in the shop's time zone, and what may follow without anybody.

    `bound` and `drop` are shares of right products among the first ten, 0 to 1. Raises PlanRefused.
    """
    if not (0 <= bound <= 1 and 0 <= drop <= 1):
        raise PlanRefused("The bounds lie between 0 and 100 percent.")
    wrong = [mail for mail in mails if not _is_mail(mail)]
    if wrong:
        raise PlanRefused(f"{wrong[0]} is no mail address.")
    plan = night_plan()
    with transaction.atomic():
        plan.task.crontab, plan.task.enabled = _at(hour, minute), on
        plan.task.save()  # the beat reads it again
        plan.publishes, plan.bound, plan.drop = publishes, bound, drop
        plan.mails = list(dict.fromkeys(mails))
        plan.changed_by, plan.changed_at = by, timezone.now()
        plan.save()
    return plan


def begin_night(day: date | None = None) -> Night | None:
    """Begin the night of that day, today in the shop's time zone unless told: an incremental run
    of all pages. None where it has begun already.

    Where another run is at work, or there is no page, the night is passed over and says so.
    """
    day = day or timezone.localdate()
    try:
        with transaction.atomic():
            night = Night.objects.create(day=day)
            _start(night)
    except IntegrityError:
        return None
    return night


def settle_nights() -> None:
    """See what came of the nights whose runs have ended; a night is settled once."""
    for night in Night.objects.filter(settled_at=None).select_related("run").order_by("id"):
        if night.run and night.run.is_finished:
            _settle(night, night.run)


def _start(night: Night) -> None:
    if at_work := Run.objects.unfinished().order_by("-id").first():
        _end(night, f"Passed over: run {at_work.pk} was still at work.")
        return
    try:
        night.run = start_run(incremental=True)
        night.save(update_fields=["run"])
    except NothingToRank as error:
        _end(night, f"Passed over: {error}")


def _settle(night: Night, run: Run) -> None:
    """Write and tell how the night came out, unless it cannot be told yet."""
    plan = night_plan()
    if run.state != State.DONE:
        why = run.error or f"Run {run.pk} {run.state}."
        _tell(night, Event.NIGHT_FAILED, f"The night’s run did not come to its end. {why}"[:300])
        return
    said = gate(run)
    if not said.is_measured and _is_under_way(run):
        return
    if not said.is_open:
        _tell(night, Event.GATE_SHUT, f"Run {run.pk} is not published by itself.", said.reasons)
        return
    waits = f"Run {run.pk} passes the gate and waits for somebody to publish it"
    if not plan.publishes:
        _end(night, f"{waits}.")
    elif back := roll_back_in_force():
        _end(night, f"{waits}: release {back.pk} rolled back what was published last.")
    else:
        _publish(night, run)


def _publish(night: Night, run: Run) -> None:
    newest = newest_release()
    based_on = newest.pk if newest else None
    try:
        release = publish_run(run, by=None, token=_token(night), based_on=based_on)
    except NothingToPublish:
        _end(night, f"Run {run.pk} changes nothing that the shop shows.")
    except GateShut as error:
        _tell(night, Event.GATE_SHUT, f"Run {run.pk} is not published by itself.", error.reasons)
    except PublishedMeanwhile:
        logger.info("night of %s: somebody else publishes; it is tried again", night.day)
    else:
        _end(night, f"Run {run.pk} passed the gate and was published: release {release.pk}.")


def _tell(night: Night, event: Event, text: str, reasons: Sequence[str] = ()) -> None:
    with transaction.atomic():
        if _end(night, " ".join([text, *reasons])[:300]):
            _say(night, event, text, reasons=list(reasons))


def _end(night: Night, outcome: str) -> bool:
    """Settle the night with this outcome, and tell if the quality fell; False when another worker
    has."""
    mine = Night.objects.filter(pk=night.pk, settled_at=None)
    with transaction.atomic():
        ended = mine.update(outcome=outcome[:300], settled_at=timezone.now())
        night.refresh_from_db()
        if ended and night.run and (fell := _fell(night.run, night_plan())):
            _say(night, Event.SCORE_DROP, fell)
    return bool(ended)


def _say(night: Night, event: Event, text: str, **more: object) -> None:
    payload = {"run": night.run_id, "text": text, "at": timezone.now().isoformat()}
    tell(event, payload | more, night_plan().mails)


def _is_under_way(run: Run) -> bool:
    comparison = gate_comparison(run)
    return comparison is not None and not comparison.is_finished


def _fell(run: Run, plan: NightPlan) -> str:
    """A sentence when the whole shop is worse than what is published by more than the plan's
    drop, and nothing otherwise or when that is not known."""
    comparison = gate_comparison(run)
    if comparison is None or comparison.state != State.DONE:
        return ""
    gained = comparison.figures["sides"][-1].get("against_first", {}).get(RIGHT, {})
    if not gained.get("pages") or gained["mean"] >= -plan.drop:
        return ""
    points = 100 * -gained["mean"]
    return (
        f"Of the first ten products {points:.1f} percentage points fewer are right in run {run.pk} "
        f"than in what is published, on {gained['pages']} judged pages."
    )


def _token(night: Night) -> uuid.UUID:
    """The same for every try, so that a night publishes once."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"night of {night.day} of run {night.run_id}")


def _at(hour: int, minute: int) -> CrontabSchedule:
    """The schedule of every night at that time. Raises PlanRefused."""
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        raise PlanRefused("The time lies between 0:00 and 23:59.")
    schedule: CrontabSchedule = CrontabSchedule.objects.get_or_create(
        hour=str(hour),
        minute=str(minute),
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone=settings.TIME_ZONE,
    )[0]
    return schedule


def _is_mail(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True
