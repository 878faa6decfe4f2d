"""The texts that tell siblings apart, every word of every author kept."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from taxonomy.models.categories import Category


class Discriminator(models.Model):
    """The place of a text: what makes a product `category` rather than `sibling`.

    Without a sibling it is about the category alone. What it says is in its revisions.
    """

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="discriminators")
    sibling = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("category", "sibling"), name="one_text_per_pair"),
            models.UniqueConstraint(
                fields=("category",), condition=Q(sibling=None), name="one_text_alone"
            ),
            models.CheckConstraint(
                condition=Q(sibling=None) | ~Q(sibling=F("category")), name="no_sibling_of_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} rather than {self.sibling}" if self.sibling else str(self.category)


class RevisionState(models.TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"


class RevisionQuerySet(models.QuerySet["Revision"]):
    def live(self, until: int | None = None) -> RevisionQuerySet:
        """Return the newest live revision of each text; with `until`, as of that revision's id."""
        counted = self.filter(state=RevisionState.LIVE)
        if until is not None:
            counted = counted.filter(id__lte=until)
        newer = counted.filter(discriminator=models.OuterRef("discriminator")).order_by("-id")
        return counted.filter(id=models.Subquery(newer.values("id")[:1]))


class Revision(models.Model):
    """One version of a text, never changed: making a draft live or restoring appends another.

    Each line of the text is one way to say it. The newest live revision counts; an empty one
    withdraws the text. A newer draft beside it waits for being made live.
    """

    discriminator = models.ForeignKey(
        Discriminator, on_delete=models.PROTECT, related_name="revisions"
    )
    number = models.PositiveIntegerField()  # from 1; two editors of one text collide on it
    text = models.TextField(blank=True, max_length=2000)
    state = models.CharField(max_length=10, choices=RevisionState.choices)
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    note = models.CharField(max_length=300, blank=True)
    # Where its lines came from, when from suggestions: line → source and evidence.
    origin = models.JSONField(default=dict, blank=True)
    made_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager[Revision]] = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ("discriminator", "-number")
        constraints = [
            models.UniqueConstraint(fields=("discriminator", "number"), name="a_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.discriminator}, revision {self.number} ({self.state})"

    @property
    def lines(self) -> list[str]:
        """The ways to say it: its lines without blank ones."""
        return [line.strip() for line in self.text.splitlines() if line.strip()]
