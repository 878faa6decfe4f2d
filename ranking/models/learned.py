"""What is learned from judgments, version by version, and which version runs use."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ranking.models.jobs import Job

LEFT_OUT = "left out"  # in `chosen`: the stage did not earn its place


class Kind(models.TextChoices):
    RERANKER = "reranker", "cross-encoder"
    BLEND = "blend", "blend"


class Training(Job):
    """One version of a model: how it was learned, what it chose, and where its files are."""

    kind = models.CharField(max_length=10, choices=Kind.choices)
    # What won on pages kept apart: a kind of loss or of blend, or LEFT_OUT.
    chosen = models.CharField(max_length=40, blank=True)
    # Names below SEESTOCKS_DATA/models, and what is needed to use them.
    made = models.JSONField(default=dict, blank=True)
    # For people: data, seeds, and how it did on pages it had not seen.
    card = models.JSONField(default=dict, blank=True)

    objects: ClassVar[models.Manager[Training]] = models.Manager()

    class Meta(Job.Meta):
        indexes = [models.Index(fields=("kind", "-id"), name="versions_by_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Adoption(models.Model):
    """Somebody's word on which version runs use from now on; the newest of a kind counts.

    Append-only: going back is another word. Two who decide at once collide on `based_on`.
    """

    kind = models.CharField(max_length=10, choices=Kind.choices)
    # None: no version. Runs do without the cross-encoder, and learn the blend themselves.
    training = models.ForeignKey(
        Training, null=True, blank=True, on_delete=models.PROTECT, related_name="adoptions"
    )
    based_on = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("based_on",), name="one_after_another"),
            models.UniqueConstraint(
                fields=("kind",), condition=Q(based_on=None), name="one_first_adoption"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.training or 'none'}"
