"""What the shop shows: which page run a page is published with, and every act that decided it."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import User
from django.db import models
from django.db.models.functions import Coalesce, Now

from ranking.models.runs import PageRun, Run
from taxonomy.models import Category


class Listing(models.Model):
    """What the shop is told of one page, whole: written once, known by its content.

    Equal rankings share one, so that a page which did not change keeps its address in every cache.
    """

    digest = models.CharField(max_length=64, primary_key=True)  # of `body` before it was packed
    body = models.BinaryField()  # packed JSON: products with positions and offers, and facets
    products = models.PositiveIntegerField()  # shown
    first = models.JSONField(default=list)  # ids of the first ten, to say how much changed
    made_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.digest[:12]


class Cause(models.TextChoices):
    RUN = "run", "a run"
    HAND = "hand", "rules by hand"
    ROLL_BACK = "roll back", "a roll-back"
    ENDED = "ended", "a rule whose time was over"


class Release(models.Model):
    """One act of publishing: who let which pages show something else, when and why.

    Append-only. Of two who publish at once the second collides on `based_on`.
    """

    # Made when the form was, so that a second click finds the first one's release.
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    cause = models.CharField(max_length=10, choices=Cause.choices)
    run = models.ForeignKey(
        Run, null=True, blank=True, on_delete=models.PROTECT, related_name="releases"
    )
    # A roll-back shows again what was shown after that release.
    back_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    based_on = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    gate = models.JSONField(default=dict, blank=True)  # what it said when a run was published
    against_gate = models.BooleanField(default=False)  # somebody published though it was shut
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(db_default=Now())
    note = models.CharField(max_length=500, blank=True)
    # "pages" that it spoke of and "changed" of them; ids of those that keep what they showed:
    # "failed", "cancelled", "empty", "switched_off".
    figures = models.JSONField(default=dict, blank=True)
    # Ids of pages that show nothing any more: a roll-back to before they were first published.
    withdrawn = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            # Of the first release too, which is based on none.
            models.UniqueConstraint(Coalesce("based_on", 0), name="releases_one_after_another")
        ]

    def __str__(self) -> str:
        return f"Release {self.pk}"


class Publication(models.Model):
    """What one page shows from a release on, until a later one says otherwise. Append-only."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="publications")
    page = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="publications")
    page_run = models.ForeignKey(PageRun, on_delete=models.PROTECT, related_name="publications")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="publications")
    before = models.ForeignKey(  # what the page showed until then
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # How alike the first ten are to those before, 0 to 1 (Jaccard); None: it showed nothing.
    overlap = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("release", "page"), name="a_page_once_in_a_release")
        ]
        indexes = [models.Index(fields=("page", "-id"), name="publications_of_a_page")]

    def __str__(self) -> str:
        return f"{self.page} in {self.release}"


class Shown(models.Model):
    """The pointer: which publication counts for a page now. Moved with its release, in one
    transaction."""

    page = models.OneToOneField(
        Category, primary_key=True, on_delete=models.PROTECT, related_name="shown"
    )
    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.page_id}: {self.publication_id}"
