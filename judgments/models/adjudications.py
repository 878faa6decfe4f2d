"""Where people disagreed: what was decided, and why they had."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.db.models.functions import Now

from judgments.models.guidelines import Guideline
from judgments.models.judgments import Judgment
from taxonomy.models import Category, Discriminator, Product


class Cause(models.TextChoices):
    HARD = "hard", "the product is hard to tell"
    GAP = "gap", "the guideline leaves it open"
    SLIP = "slip", "somebody slipped"


class AdjudicationQuerySet(models.QuerySet["Adjudication"]):
    def standing(self) -> AdjudicationQuerySet:
        """Return those that nobody took back, and after which nobody was asked again."""
        return self.filter(taken_back_at=None, asked_again_at=None)


class Adjudication(models.Model):
    """A decision about one product on one page. Its judgment, when there is one, settles it.

    A gap names the text that leaves it open. When that text has a newer live revision, those
    who judged are asked again, and the decision, made by what the text said before, counts no
    more. The newest that stands is the one that counts.
    """

    page = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=5, choices=Cause.choices)
    note = models.CharField(max_length=500, blank=True)
    judgment = models.OneToOneField(
        Judgment, null=True, blank=True, on_delete=models.PROTECT, related_name="adjudication"
    )
    guideline = models.ForeignKey(
        Guideline, null=True, blank=True, on_delete=models.PROTECT, related_name="gaps"
    )
    discriminator = models.ForeignKey(
        Discriminator, null=True, blank=True, on_delete=models.PROTECT, related_name="gaps"
    )
    # The newest revision of that text then, live or not; 0 while there was none.
    revision = models.PositiveIntegerField(default=0)
    asked_again_at = models.DateTimeField(null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    made_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager[Adjudication]] = AdjudicationQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("page", "product"), name="adjudications_of_a_pair")]

    def __str__(self) -> str:
        return f"{self.product} on {self.page}: {self.get_cause_display()}"
