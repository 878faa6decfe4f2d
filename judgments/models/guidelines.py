"""How to judge, branch by branch, every word of every author kept."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.db.models.functions import Coalesce, Now

from judgments.models.judgments import Grade
from taxonomy.models import Category, Product


class Guideline(models.Model):
    """The place of a guideline: a branch, or the whole tree. The nearest above a page counts."""

    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="guidelines"
    )

    class Meta:
        constraints = [
            # No category is a value here: the whole tree has one guideline too.
            models.UniqueConstraint(Coalesce("category", 0), name="one_guideline_per_branch")
        ]

    def __str__(self) -> str:
        return str(self.category) if self.category else "The whole tree"


class GuidelineState(models.TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"


class GuidelineQuerySet(models.QuerySet["GuidelineRevision"]):
    def live(self, until: int | None = None) -> GuidelineQuerySet:
        """Return each guideline's newest live revision; with `until`, as of that revision's id."""
        counted = self.filter(state=GuidelineState.LIVE)
        if until is not None:
            counted = counted.filter(id__lte=until)
        newer = counted.filter(guideline=models.OuterRef("guideline")).order_by("-id")
        return counted.filter(id=models.Subquery(newer.values("id")[:1]))


class GuidelineRevision(models.Model):
    """One version, in Markdown, never changed: making a draft live or restoring appends another.

    The newest live revision counts; an empty one withdraws the guideline, and the one of the
    branch above counts again.
    """

    guideline = models.ForeignKey(Guideline, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()  # from 1; two editors collide on it
    text = models.TextField(blank=True, max_length=10_000)
    state = models.CharField(max_length=10, choices=GuidelineState.choices)
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    note = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager[GuidelineRevision]] = GuidelineQuerySet.as_manager()

    class Meta:
        ordering = ("guideline", "-number")
        constraints = [
            models.UniqueConstraint(fields=("guideline", "number"), name="a_guideline_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.guideline}, revision {self.number} ({self.state})"


class Example(models.Model):
    """A product that a revision of a guideline shows, with its grade and why."""

    revision = models.ForeignKey(
        GuidelineRevision, on_delete=models.CASCADE, related_name="examples"
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    grade = models.PositiveSmallIntegerField(choices=Grade.choices)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("revision", "-grade", "id")
        constraints = [
            models.UniqueConstraint(fields=("revision", "product"), name="an_example_once")
        ]

    def __str__(self) -> str:
        return f"{self.product} is {self.get_grade_display()}"
