"""Runs and releases held against each other, and what people say of runs."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.db.models.functions import Now

from ranking.models.jobs import Job
from ranking.models.runs import Run


class Comparison(Job):
    """Two or more sides held against each other page by page, as a worker measured them.

    `settings["sides"]` names them, the one that is held against first: {"run": ID}, {"release":
    ID}, or {"published": true} for what pages showed at the moment it was measured.
    """

    run = models.ForeignKey(  # whose gate it is: made when the run ended
        Run, null=True, blank=True, on_delete=models.CASCADE, related_name="comparisons"
    )
    figures = models.JSONField(default=dict, blank=True)
    # One list a side, of its pages: large, so read only where pages are looked at.
    by_page = models.JSONField(default=list, blank=True)

    objects: ClassVar[models.Manager[Comparison]] = models.Manager()

    class Meta(Job.Meta):
        pass

    def __str__(self) -> str:
        return f"Comparison {self.pk}"


class RunNote(models.Model):
    """What somebody wrote about a run. Append-only."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    text = models.CharField(max_length=1000)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.text
