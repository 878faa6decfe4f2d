"""What was done to the tree and said about it: updates, each node's changes, comments."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import models
from django.db.models.functions import Now

from taxonomy.models.categories import Category


class UpdateState(models.TextChoices):
    FETCHING = "fetching", "being fetched"
    FAILED = "failed", "could not be fetched"
    DRAFT = "draft", "draft"
    APPLIED = "applied", "applied"
    UNDONE = "undone", "undone"


class TreeUpdate(models.Model):
    """A file of the tree that was looked at, applied as one, and perhaps undone.

    (fetching ─► failed, or) draft ─► applied ─► undone. What it changed are its `changes`;
    undoing puts back what each of them says was before.
    """

    source = models.CharField(max_length=500)  # the file's name or address
    version = models.CharField(max_length=50, blank=True)  # as Google's header says
    # The file itself, below the folder of trees, named by its content.
    file = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=UpdateState.choices, default=UpdateState.DRAFT)
    # Retired category's id → the id of the one that takes its place.
    successors = models.JSONField(default=dict, blank=True)
    # Retired categories of which the shop's own children go along to the successor.
    along = models.JSONField(default=list, blank=True)
    figures = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=500, blank=True)  # why it could not be fetched
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    made_at = models.DateTimeField(db_default=Now())
    applied_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.source} ({self.state})"

    @property
    def title(self) -> str:
        """What the version is called: as Google's header says, or a file of the shop's own."""
        if self.version:
            return f"Google's of {self.version}"
        return "Google's newest" if not self.file else "The shop's own"

    @property
    def file_name(self) -> str:
        """The source without the folders, or the address, that it lies in."""
        return self.source.rstrip("/").rpartition("/")[2]


class ChangeKind(models.TextChoices):
    ADDED = "added", "added"
    RENAMED = "renamed", "renamed"
    MOVED = "moved", "moved"
    RETIRED = "retired", "retired"
    RESTORED = "restored", "restored"
    DISPLAY_NAME = "display name", "given another name on screen"
    PAGE = "page", "page switched"
    REFILED = "refiled", "products refiled"
    SUCCESSOR = "successor", "given a successor"


class CategoryChange(models.Model):
    """One thing that was done to a category, kept for ever: by whom, when, from what to what."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=20, choices=ChangeKind.choices)
    # The fields that changed, by name, as they were and as they became.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    update = models.ForeignKey(
        TreeUpdate, null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    note = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("category", "-id"), name="history_of_a_category")]

    def __str__(self) -> str:
        return f"{self.category} {self.kind}"


class Comment(models.Model):
    """What somebody said about a category."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField(max_length=4000)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.author} on {self.category}"
