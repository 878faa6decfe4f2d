"""How far judgments agree, as it was measured: a worker measures, pages show."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import User
from django.db import models
from django.db.models.functions import Now

from judgments.models.people import Annotator
from taxonomy.models import Category


class Measurement(models.Model):
    """One measuring of all judgments up to one of them. The newest finished one is shown."""

    judgments_until = models.PositiveBigIntegerField()
    asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    asked_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)  # scopes measured
    total = models.PositiveIntegerField(default=0)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # What key presses, repeats and gold told by then: see queries/work.py.
    work = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"Measurement {self.pk}"


class Scope(models.TextChoices):
    ALL = "all", "everything"
    BRANCH = "branch", "branch"
    PAGE = "page", "page"
    PERSON = "person", "person"
    PAIR = "pair", "two people"


class Agreement(models.Model):
    """How far people agree in one scope: a coefficient with its interval, or why there is none.

    Krippendorff's ordinal alpha of all who judged there, of a person the alpha with all others;
    of two people, Cohen's kappa with quadratic weights. 1 is complete, 0 what chance gives.
    """

    measurement = models.ForeignKey(
        Measurement, on_delete=models.CASCADE, related_name="agreements"
    )
    scope = models.CharField(max_length=10, choices=Scope.choices)
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    annotator = models.ForeignKey(
        Annotator, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    other = models.ForeignKey(
        Annotator, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    coefficient = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)  # 95 % interval, by bootstrap over items
    high = models.FloatField(null=True, blank=True)
    items = models.PositiveIntegerField()  # judged by two or more
    judgments = models.PositiveIntegerField()
    undefined = models.CharField(max_length=300, blank=True)  # why, in a sentence

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=("measurement", "scope"), name="agreements_by_scope")]

    def __str__(self) -> str:
        return f"{self.scope}: {self.coefficient}"
