"""What happens at night by itself."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django_celery_beat.models import PeriodicTask

from ranking.models.runs import Run


class NightPlan(models.Model):
    """The one plan of the nights: when a run starts, and what may follow without anybody.

    The hour itself is the periodic task's, which the beat reads.
    """

    task = models.OneToOneField(PeriodicTask, on_delete=models.PROTECT, related_name="+")
    publishes = models.BooleanField(default=False)  # what passes the gate
    # How much worse, in right products among the first ten, a top-level branch may be.
    bound = models.FloatField(default=0.01)
    drop = models.FloatField(default=0.02)  # of the quality, from which on somebody is told
    mails = models.JSONField(default=list, blank=True)  # addresses that are told
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(bound__gte=0, bound__lte=1, drop__gte=0, drop__lte=1),
                name="bounds_in_0_1",
            )
        ]

    def __str__(self) -> str:
        return f"Nights: {self.task}"


class Night(models.Model):
    """One night of the plan: its run, and how it came out, for people in the morning."""

    day = models.DateField(unique=True)  # of the shop's time zone: a night begins once
    run = models.OneToOneField(  # None: another run was at work, or there was nothing to rank
        Run, null=True, blank=True, on_delete=models.CASCADE, related_name="night"
    )
    began_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True)  # a plain sentence

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"Night of {self.day}"
