"""Runs, their pages, and the ranking each page came to."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from taxonomy.models import Category, Product


class State(models.TextChoices):
    WAITING = "waiting", "waiting"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


FINISHED = (State.DONE, State.FAILED, State.CANCELLED)


class RunQuerySet(models.QuerySet["Run"]):
    def unfinished(self) -> RunQuerySet:
        """Return the runs that still have work to do."""
        return self.exclude(state__in=FINISHED)


class Run(models.Model):
    """One background ranking of some pages.

    waiting ─► running (prepare: encode, learn the blend; then its pages; then measure the
    confusion among siblings) ─► done, failed or cancelled. `settings` and `as_of` are fixed at
    the start: a run that is interrupted and goes on ends in the same rankings.
    """

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    started_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    # Made when the form was, so that a second click finds the first one's run.
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    # The moment whose judgments and freshness the run sees.
    as_of = models.DateTimeField()
    # Encoder, page size, candidates, seed, newest judgment: all that decides the result
    # besides the catalogue.
    settings = models.JSONField(default=dict)
    # How the signals were blended: learned from how many judgments, or the default.
    blend = models.JSONField(default=dict)

    # The run before it, whose models it keeps and whose unchanged pages it carries over; None:
    # everything is learned and ranked anew.
    base = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    branch = models.ForeignKey(  # whose pages it ranks; None: all, or those that were named
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    # When, after its last page, the confusion among siblings was measured.
    measured_at = models.DateTimeField(null=True, blank=True)
    # When the products of its pages were let go, as those of old runs are; its figures stay.
    thinned_at = models.DateTimeField(null=True, blank=True)

    # Preparing, and measuring, is done by one worker at a time; the others wait for it.
    prepared_at = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)  # since the run was started or resumed
    lease_until = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=100, blank=True)
    stage_done = models.PositiveIntegerField(default=0)
    stage_total = models.PositiveIntegerField(default=0)

    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects: ClassVar[models.Manager[Run]] = RunQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        permissions = [("cancel_run", "Can cancel a run")]

    def __str__(self) -> str:
        return f"Run {self.pk}"

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

    @property
    def can_be_measured_again(self) -> bool:
        """Whether its confusion was to be measured when it was cancelled or could not go on."""
        stopped = self.state == State.CANCELLED or bool(self.error)
        return stopped and self.prepared_at is not None and self.measured_at is None


class PageRunQuerySet(models.QuerySet["PageRun"]):
    def holders(self) -> models.QuerySet[PageRun, int]:
        """Return the ids of the page runs that have these ones' products."""
        return self.values_list(Coalesce("carried_from", "id"), flat=True)


class PageRun(models.Model):
    """A run's part for one page; the row that a worker claims.

    A claim raises `attempt`, which never falls; results are written only while it is still
    one's own, so that a worker that slept past its lease cannot write over its successor.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="page_runs")
    page = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="page_runs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempt = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)  # since the run was started or resumed
    lease_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    error = models.TextField(blank=True)
    # Of everything the result depends on: equal inputs, equal ranking.
    input_hash = models.CharField(max_length=64, blank=True)
    # Of what is known before a page is ranked; where it is as in the base run, the page is
    # carried over.
    known_hash = models.CharField(max_length=64, blank=True)
    # The page run, never itself carried over, that has the products: nothing had changed.
    carried_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="carried"
    )
    # What the shop would be told, before rules by hand.
    listing = models.ForeignKey(
        "ranking.Listing", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    shown = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    # Plain sentence when a rule had to be relaxed so that the page is not empty.
    relaxed = models.CharField(max_length=200, blank=True)

    objects: ClassVar[models.Manager[PageRun]] = PageRunQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("run", "page"), name="one_part_per_page")]
        indexes = [
            models.Index(fields=("run", "state"), name="parts_by_state"),
            models.Index(fields=("page", "-id"), condition=Q(state="done"), name="done_by_page"),
        ]

    def __str__(self) -> str:
        return f"{self.page} in run {self.run_id}"

    @property
    def holder(self) -> int:
        """The id of the page run that has the products: its own, unless it was carried over."""
        return self.carried_from_id or self.pk

    @property
    def ranked(self) -> models.QuerySet[RankedProduct]:
        """Its products, wherever they stand."""
        return RankedProduct.objects.filter(page_run=self.holder)


class RankedProduct(models.Model):
    """What became of one candidate on one page: its position, or why it was removed."""

    page_run = models.ForeignKey(PageRun, on_delete=models.CASCADE, related_name="products")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="rankings")
    position = models.PositiveIntegerField(null=True, blank=True)  # from 1; null when removed
    removed_by = models.CharField(max_length=40, blank=True)  # the rule's name
    why = models.CharField(max_length=300)  # one plain sentence: why here, or why removed
    # The offer of the same product that is shown in its place.
    duplicate_of = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # What rules moved it, in their order: {"rule", "reason", "places": up is positive}.
    moves = models.JSONField(default=list, blank=True)
    score = models.FloatField()
    # Calibrated probability that a person would grade the product 2 or 3.
    confidence = models.FloatField()
    # Calibrated probabilities that the product belongs on another page, and that it is not right
    # on this one for whatever reason; null in runs of before they were known.
    misfiled = models.FloatField(null=True, blank=True)
    chance_wrong = models.FloatField(null=True, blank=True)
    # What is odd about it among the page's products: name → how odd, 0 to 1.
    oddities = models.JSONField(default=dict, blank=True)
    signals = models.JSONField(default=dict)  # name → value; null where it is unknown
    # What each signal added to the score; together with "base" they sum to it.
    contributions = models.JSONField(default=dict)

    class Meta:
        ordering = ("page_run", "position", "id")
        constraints = [
            models.UniqueConstraint(fields=("page_run", "product"), name="a_product_once_per_page"),
            models.UniqueConstraint(fields=("page_run", "position"), name="a_position_once"),
            models.CheckConstraint(
                condition=Q(position=None, removed_by__gt="") | Q(position__gte=1, removed_by=""),
                name="shown_or_removed",
            ),
            models.CheckConstraint(
                condition=Q(confidence__gte=0, confidence__lte=1), name="confidence_in_0_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position or self.removed_by}: {self.product}"
