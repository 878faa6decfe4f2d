"""Why a product is not on a page: what somebody asked, and what a worker found."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import User
from django.db import models
from django.db.models.functions import Now

from ranking.models.confusion import PreviewState
from ranking.models.runs import PageRun
from taxonomy.models import Product


class WhyNot(models.Model):
    """How near a product came to a page, and the smallest changes that would bring it in.

    Answered by a worker, which ranks the page again with each change; kept for a while.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True)
    page_run = models.ForeignKey(PageRun, on_delete=models.CASCADE, related_name="questions")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
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
        verbose_name_plural = "questions why not"

    def __str__(self) -> str:
        return f"Why {self.product} is not in {self.page_run}"
