"""Files that were read."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from taxonomy.models.products import Retailer


class ImportKind(models.TextChoices):
    TAXONOMY = "taxonomy", "taxonomy"
    PRODUCTS = "products", "products"
    JUDGMENTS = "judgments", "judgments"
    TEXTS = "texts", "texts"


class Import(models.Model):
    """One file that was read: its figures, and where the rows that were set aside lie."""

    kind = models.CharField(max_length=10, choices=ImportKind.choices)
    source = models.CharField(max_length=500)  # the file's name or address
    retailer = models.ForeignKey(Retailer, null=True, blank=True, on_delete=models.PROTECT)
    # Of a taxonomy: which names it gave, and the version in Google's header, if there was one.
    locale = models.CharField(max_length=20, blank=True)
    version = models.CharField(max_length=50, blank=True)
    figures = models.JSONField(default=dict)  # as --json prints them
    # The CSV of rejected rows, below the folder of rejects; empty when all rows were good.
    rejects = models.CharField(max_length=100, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__gte=F("started_at")), name="import_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} from {self.source}"

    @property
    def file_name(self) -> str:
        """The source without the folders, or the address, that it lies in."""
        return self.source.rstrip("/").rpartition("/")[2]
