"""How good the ranking is, stage by stage, as it was measured: a worker measures, pages show."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ranking.models.jobs import Job


class Evaluation(Job):
    """One measuring of every stage against judgments. The newest finished one is shown."""

    figures = models.JSONField(default=dict, blank=True)

    objects: ClassVar[models.Manager[Evaluation]] = models.Manager()

    class Meta(Job.Meta):
        pass

    def __str__(self) -> str:
        return f"Evaluation {self.pk}"
