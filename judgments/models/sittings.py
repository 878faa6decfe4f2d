"""A person at work in one tab, and each key they pressed, in order. Answers are append-only."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from judgments.models.judgments import Grade
from judgments.models.people import Annotator
from taxonomy.models import Category


class View(models.TextChoices):
    FOCUS = "focus", "one at a time"
    GRID = "grid", "a page's products at once"
    CONTRAST = "contrast", "one or the other"


class Sitting(models.Model):
    """One tab of one person, and the queue that it works through in batches."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    annotator = models.ForeignKey(Annotator, on_delete=models.CASCADE, related_name="sittings")
    view = models.CharField(max_length=10, choices=View.choices, default=View.FOCUS)
    # What it asks for: all that is empty asks for anything.
    campaign = models.ForeignKey(
        "judgments.Campaign", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    branch = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # "later" or "cannot_tell": goes through what this person put aside.
    aside = models.CharField(max_length=12, blank=True)
    batch = models.PositiveSmallIntegerField(default=50)  # answers, then a pause
    # The number of the last answer that arrived: the next must be one more.
    sequence = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-started_at",)

    def __str__(self) -> str:
        return f"{self.annotator}, {self.get_view_display()}"


class AnswerKind(models.TextChoices):
    GRADE = "grade", "grade"
    FIRST = "first", "on the page"  # of two siblings
    SECOND = "second", "on the sibling"
    NEITHER = "neither", "on neither"
    CANNOT_TELL = "cannot_tell", "cannot tell"
    LATER = "later", "later"
    UNDO = "undo", "taken back"


class CannotTell(models.TextChoices):
    PICTURE = "picture", "the picture is missing or shows too little"
    TEXT = "text", "the title or text says too little"
    LANGUAGE = "language", "I do not know the language"
    UNKNOWN = "unknown", "I do not know such products"
    GUIDELINE = "guideline", "the guideline does not say"
    OTHER = "other", "something else"


class Answer(models.Model):
    """One submission of a sitting: what was pressed on which seat, when, and how long it took."""

    sitting = models.ForeignKey(Sitting, on_delete=models.CASCADE, related_name="answers")
    sequence = models.PositiveIntegerField()  # from 1, without gaps
    # Made in the browser when the key was pressed: a repeat finds the first one's row.
    token = models.UUIDField(unique=True)
    seat = models.ForeignKey("judgments.Seat", on_delete=models.CASCADE, related_name="answers")
    kind = models.CharField(max_length=12, choices=AnswerKind.choices)
    grade = models.PositiveSmallIntegerField(null=True, blank=True, choices=Grade.choices)
    belongs_to = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=12, blank=True, choices=CannotTell.choices)
    note = models.CharField(max_length=300, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    # Why it counts for nothing, in a sentence; what was said is kept all the same.
    refused = models.CharField(max_length=200, blank=True)
    undoes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by"
    )
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("sitting", "sequence")
        constraints = [
            models.UniqueConstraint(fields=("sitting", "sequence"), name="a_sequence_once")
        ]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.kind} {self.grade if self.grade is not None else ''}"
