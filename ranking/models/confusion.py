"""Which siblings are confused, which products stand between them, and texts that may help."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from ranking.models.runs import Run
from taxonomy.models import Category, Product

ERROR = 2.0  # a judged error weighs as much as two products right on the fence
GRADES_APART = 3.0  # the largest spread that grades from 0 to 3 can have


class ConfusedPairs(models.QuerySet["ConfusedPair"]):
    """Pairs as a run measured them, which the tree may have left behind since."""

    def standing(self) -> ConfusedPairs:
        """Return those whose two are live siblings to this day."""
        beside = Q(first__parent=F("second__parent"))
        roots = Q(first__parent=None, second__parent=None)
        return self.filter(beside | roots, first__retired_at=None, second__retired_at=None)


class ConfusedPair(models.Model):
    """Two siblings with products on the fence between them, as the newest measuring run saw it.

    A pair without weight was opened by somebody, though no run found it confused.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="confused_pairs")
    parent = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    # The lower id first, so that a pair is one row.
    first = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")
    products = models.PositiveIntegerField()  # on the fence
    # Each product's closeness to the fence, from 0 to 1 right on it, summed; and the same times
    # how well pages show it: 1 for a first place.
    closeness = models.FloatField(default=0.0)
    exposure = models.FloatField()
    judged = models.PositiveIntegerField()  # of them, judged by people
    errors = models.PositiveIntegerField()  # of the judged, on the wrong side
    disagreement = models.FloatField()  # among annotators about them: mean spread of grades
    weight = models.FloatField()  # what the work list is ordered by
    share = models.FloatField()  # of all pairs' weight, 0 to 1

    objects = ConfusedPairs.as_manager()

    class Meta:
        ordering = ("-weight", "first", "second")
        constraints = [
            models.UniqueConstraint(fields=("first", "second"), name="a_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="lower_id_first"),
        ]

    def __str__(self) -> str:
        return f"{self.first} or {self.second}"

    @property
    def terms(self) -> dict[str, float]:
        """What the weight is the sum of, by what speaks for the pair."""
        return {
            "products": self.closeness,
            "exposure": self.exposure,
            "errors": ERROR * self.errors,
            "disagreement": self.judged * self.disagreement / GRADES_APART,
        }


class FenceProduct(models.Model):
    """A product that stands on the fence between two siblings."""

    pair = models.ForeignKey(ConfusedPair, on_delete=models.CASCADE, related_name="fence")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="fences")
    # Log-odds for the pair's first rather than its second: without its texts, and with those
    # that were live.
    before = models.FloatField()
    margin = models.FloatField()

    class Meta:
        ordering = ("pair", "id")
        constraints = [
            models.UniqueConstraint(fields=("pair", "product"), name="once_on_each_fence")
        ]

    def __str__(self) -> str:
        return f"{self.product} between {self.pair}"


class SuggestionSource(models.TextChoices):
    TITLES = "titles", "words of titles"
    ATTRIBUTES = "attributes", "products' details"
    TREE = "tree", "the tree"
    FILE = "file", "a file"
    ENDPOINT = "endpoint", "a service"


class SuggestionState(models.TextChoices):
    OPEN = "open", "open"
    ACCEPTED = "accepted", "accepted"
    DISMISSED = "dismissed", "dismissed"


class Suggestion(models.Model):
    """A line that may help to tell a category from its sibling, and where it came from."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="suggestions")
    sibling = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    text = models.CharField(max_length=500)
    source = models.CharField(max_length=10, choices=SuggestionSource.choices)
    # What speaks for it; for words: each with how often it stands on both sides.
    evidence = models.JSONField(default=dict, blank=True)
    strength = models.FloatField(default=0.0)  # the strongest is shown first
    state = models.CharField(
        max_length=10, choices=SuggestionState.choices, default=SuggestionState.OPEN
    )
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    decided_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-strength", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("category", "sibling", "text"), name="a_suggestion_once"
            ),
            models.UniqueConstraint(
                fields=("category", "text"), condition=Q(sibling=None), name="a_suggestion_alone"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class PreviewState(models.TextChoices):
    WAITING = "waiting", "waiting"
    DONE = "done", "done"
    FAILED = "failed", "failed"


class Preview(models.Model):
    """What two texts that are not saved would change; answered by a worker, kept for a while."""

    token = models.UUIDField(default=uuid.uuid4, unique=True)
    first = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")
    first_text = models.TextField(blank=True, max_length=2000)
    second_text = models.TextField(blank=True, max_length=2000)
    state = models.CharField(
        max_length=10, choices=PreviewState.choices, default=PreviewState.WAITING
    )
    answer = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE)
    asked_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"Preview of {self.first} or {self.second}"
