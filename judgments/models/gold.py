"""Products whose grade is known, to see how carefully people judge."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from judgments.models.judgments import Grade
from taxonomy.models import Category, Product


class GoldState(models.TextChoices):
    PROPOSED = "proposed", "proposed"
    ACTIVE = "active", "in use"
    DISMISSED = "dismissed", "dismissed"


class Gold(models.Model):
    """What a product is known to be on a page. Silent, or as training, which tells at once."""

    page = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    grade = models.PositiveSmallIntegerField(choices=Grade.choices)
    explanation = models.CharField(max_length=300, blank=True)  # told after a training item
    training = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=GoldState.choices, default=GoldState.PROPOSED)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "gold"
        constraints = [
            # What was dismissed stays as it was; a new word on the same product stands beside it.
            models.UniqueConstraint(
                fields=("page", "product"), condition=~Q(state="dismissed"), name="gold_once"
            ),
            models.CheckConstraint(condition=Q(grade__lte=3), name="gold_in_0_to_3"),
        ]

    def __str__(self) -> str:
        return f"{self.product} on {self.page} is {self.get_grade_display()}"
