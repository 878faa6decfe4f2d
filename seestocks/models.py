"""What people call their tokens for programs."""

from __future__ import annotations

from django.db import models


class TokenName(models.Model):
    """The name of a token, by which its person knows which program has it."""

    token = models.OneToOneField(
        "knox.AuthToken", on_delete=models.CASCADE, primary_key=True, related_name="called"
    )
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name
