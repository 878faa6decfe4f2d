"""What people decide about pages: rules for a branch of the tree, and single products by hand."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from ranking.models.confusion import PreviewState
from taxonomy.models import Category, Product


class RulesState(models.TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"


class BranchRules(models.Model):
    """One revision of what a branch asks of its pages beyond what it inherits. Append-only.

    The newest live revision of a branch counts; what it does not name comes from the nearest
    branch above that does, then from the shop's own, then from the defaults.
    """

    branch = models.ForeignKey(  # None: the whole shop
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="rules"
    )
    values = models.JSONField(default=dict, blank=True)  # name of an option → value
    state = models.CharField(max_length=10, choices=RulesState.choices)
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    note = models.CharField(max_length=500, blank=True)
    # The revision that its author saw: two who edit at once collide on it.
    based_on = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "rules of branches"
        constraints = [
            # Of the shop's own and of the first revisions too, which name no row.
            models.UniqueConstraint(
                Coalesce("branch", 0), Coalesce("based_on", 0), name="rules_one_after_another"
            )
        ]
        indexes = [models.Index(fields=("branch", "-id"), name="rules_by_branch")]

    def __str__(self) -> str:
        return f"Rules of {self.branch or 'the shop'}"


class RulesPreview(models.Model):
    """What rules that are not live would change on a branch's pages.

    Answered by a worker, kept for a while.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True)
    branch = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    values = models.JSONField(default=dict, blank=True)
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
        return f"Preview of rules of {self.branch or 'the shop'}"


class HandKind(models.TextChoices):
    PIN = "pin", "pin"
    BOOST = "boost", "boost"
    BURY = "bury", "bury"
    HIDE = "hide", "hide"


class Strength(models.TextChoices):
    WEAK = "weak", "a little"
    MEDIUM = "medium", "clearly"
    STRONG = "strong", "strongly"


class HandState(models.TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"
    DISCARDED = "discarded", "discarded"
    ENDED = "ended", "ended"


class HandRule(models.Model):
    """Somebody's word on one product of one page: draft ─► live ─► ended, or discarded.

    Laid over the ranking after all other rules. At most one draft and one live rule a product and
    page: a draft that goes live ends the one before it.
    """

    page = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="hand_rules")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="hand_rules")
    kind = models.CharField(max_length=10, choices=HandKind.choices)
    place = models.PositiveIntegerField(null=True, blank=True)  # of a pin, from 1
    strength = models.CharField(max_length=10, choices=Strength.choices, blank=True)
    until = models.DateTimeField(null=True, blank=True)  # None: until somebody ends it
    note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=HandState.choices, default=HandState.DRAFT)
    # Made when the form was, so that a second click finds the first one's rule.
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    author = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(db_default=Now())
    live_at = models.DateTimeField(null=True, blank=True)
    # Who ended or discarded it; nobody when its time was over.
    closed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("page", "product"), condition=Q(state="draft"), name="one_draft_by_hand"
            ),
            models.UniqueConstraint(
                fields=("page", "product"), condition=Q(state="live"), name="one_live_by_hand"
            ),
            models.CheckConstraint(
                condition=Q(kind="pin", place__gte=1) | (~Q(kind="pin") & Q(place=None)),
                name="pins_have_a_place",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("boost", "bury"), strength__gt="")
                | (~Q(kind__in=("boost", "bury")) & Q(strength="")),
                name="boosts_and_buries_have_a_strength",
            ),
        ]
        indexes = [
            models.Index(fields=("page", "state"), name="hand_rules_of_a_page"),
            models.Index(fields=("until",), condition=Q(state="live"), name="hand_rules_that_end"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.product} on {self.page}"

    @property
    def words(self) -> str:
        """What it asks for: "Pin to 3", "Boost clearly", "Hide"."""
        if self.kind == HandKind.PIN:
            return f"Pin to {self.place}"
        return f"{self.kind.capitalize()} {self.get_strength_display()}".strip()
