"""Long work that somebody asks for and a worker does: what its row says at any moment."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.db.models.functions import Now

from ranking.models.runs import FINISHED, State


class Job(models.Model):
    """A row that a worker claims: waiting ─► running ─► done, failed or cancelled.

    A claim raises `attempt`, which never falls; what is written under an older one does not
    count. What is done by then lies in files, so that whoever goes on need not begin again.
    """

    # Made when the form was, so that a second click finds the first one's row.
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    asked_at = models.DateTimeField(db_default=Now())
    # Seed, newest judgment, encoder: all that decides the result besides the catalogue.
    settings = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempt = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)  # since it was asked for or resumed
    lease_until = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=100, blank=True)
    stage_done = models.PositiveIntegerField(default=0)
    stage_total = models.PositiveIntegerField(default=0)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects: ClassVar[models.Manager[Job]]

    class Meta:
        abstract = True
        ordering = ("-id",)

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED
