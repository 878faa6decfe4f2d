"""Who judges."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import models


class Annotator(models.Model):
    """A person who judges, with or without a login here; or a simulated one, marked as such."""

    name = models.CharField(max_length=150, unique=True)
    user = models.OneToOneField(User, null=True, blank=True, on_delete=models.SET_NULL)
    simulated = models.BooleanField(default=False)
    # The keys this person judges with, where they differ from the preset: action → key.
    keys = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name} (simulated)" if self.simulated else self.name
