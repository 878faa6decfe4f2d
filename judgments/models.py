"""Annotators and their judgments. Judgments are never changed: a later one supersedes."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from taxonomy.models import Category, Product


class Annotator(models.Model):
    """A person who judges, with or without a login here; or a simulated one, marked as such."""

    name = models.CharField(max_length=150, unique=True)
    user = models.OneToOneField(User, null=True, blank=True, on_delete=models.SET_NULL)
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name} (simulated)" if self.simulated else self.name


class Grade(models.IntegerChoices):
    WRONG = 0, "wrong"
    RELATED = 1, "related"
    ACCEPTABLE = 2, "acceptable"
    EXACT = 3, "exact"


class JudgmentSource(models.TextChoices):
    ANNOTATOR = "annotator", "annotator"
    IMPORTED = "imported", "imported"
    SIMULATED = "simulated", "simulated"


class Judgment(models.Model):
    """One person's grade of one product for one page and, apart from it, where it belongs."""

    page = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="judgments")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="judgments")
    annotator = models.ForeignKey(Annotator, on_delete=models.PROTECT, related_name="judgments")
    grade = models.PositiveSmallIntegerField(choices=Grade.choices)
    belongs_to = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.CharField(max_length=10, choices=JudgmentSource.choices)
    # The newest revision of any discriminator when it was made: those live by then were its
    # guideline. Unknown for judgments from elsewhere.
    revisions_until = models.PositiveBigIntegerField(null=True, blank=True)
    # Made when the form or the row was, so that a repeat is known as one.
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=("page", "product", "annotator", "id"), name="latest_word")]
        constraints = [models.CheckConstraint(condition=Q(grade__lte=3), name="grade_in_0_to_3")]

    def __str__(self) -> str:
        return f"{self.annotator}: {self.product} on {self.page} is {self.get_grade_display()}"
