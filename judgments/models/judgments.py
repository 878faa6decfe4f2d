"""Judgments. They are never changed: a later one supersedes, or takes back."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from judgments.models.people import Annotator
from taxonomy.models import Category, Product


class Grade(models.IntegerChoices):
    WRONG = 0, "wrong"
    RELATED = 1, "related"
    ACCEPTABLE = 2, "acceptable"
    EXACT = 3, "exact"


class JudgmentSource(models.TextChoices):
    ANNOTATOR = "annotator", "annotator"
    IMPORTED = "imported", "imported"
    SIMULATED = "simulated", "simulated"
    MERCHANDISER = "merchandiser", "merchandiser"
    ADJUDICATOR = "adjudicator", "adjudicator"


# Of these, each said what they thought without knowing what others did.
BLIND = (JudgmentSource.ANNOTATOR, JudgmentSource.IMPORTED, JudgmentSource.SIMULATED)


class Judgment(models.Model):
    """One person's grade of one product for one page and, apart from it, where it belongs."""

    page = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="judgments")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="judgments")
    annotator = models.ForeignKey(Annotator, on_delete=models.PROTECT, related_name="judgments")
    grade = models.PositiveSmallIntegerField(choices=Grade.choices)
    belongs_to = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Takes back what its annotator said before of this product on this page: nothing is left.
    withdrawn = models.BooleanField(default=False)
    source = models.CharField(max_length=12, choices=JudgmentSource.choices)
    # The place in a queue that it fills, when it came from one.
    seat = models.ForeignKey(
        "judgments.Seat", null=True, blank=True, on_delete=models.PROTECT, related_name="judgments"
    )
    # From the moment the product stood there to the key; unknown for judgments from elsewhere.
    seconds = models.FloatField(null=True, blank=True)
    # What it was based on; unknown for judgments from elsewhere. Of the discriminators, the
    # newest revision of any: those live by then counted.
    guideline = models.ForeignKey(
        "judgments.GuidelineRevision",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="judgments",
    )
    revisions_until = models.PositiveBigIntegerField(null=True, blank=True)
    # Made when the form or the row was, so that a repeat is known as one.
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=("page", "product", "annotator", "id"), name="latest_word")]
        constraints = [models.CheckConstraint(condition=Q(grade__lte=3), name="grade_in_0_to_3")]

    def __str__(self) -> str:
        return f"{self.annotator}: {self.product} on {self.page} is {self.get_grade_display()}"
