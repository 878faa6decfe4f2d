"""Retailers, their products, and where these are filed."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from taxonomy.models.categories import Category


class Retailer(models.Model):
    """A shop whose feed we read."""

    name = models.CharField(max_length=200, unique=True)
    made_up = models.BooleanField(default=False)  # the demo's; marked wherever it is shown

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class PictureState(models.TextChoices):
    NONE = "none", "no picture"
    WAITING = "waiting", "waiting to be fetched"
    READY = "ready", "ready"
    FAILED = "failed", "could not be used"


class Product(models.Model):
    """One retailer's listing, known by (retailer, offer id)."""

    # No index of its own: that of the constraint begins with it, and SQLite, which knows no
    # better, would read all of a retailer's products to find a few of them.
    retailer = models.ForeignKey(
        Retailer, on_delete=models.PROTECT, related_name="products", db_index=False
    )
    offer_id = models.CharField(max_length=100)
    title = models.CharField(max_length=1000)
    description = models.TextField(blank=True)
    brand = models.CharField(max_length=200, blank=True)
    gtin = models.CharField(max_length=14, blank=True, db_index=True)
    mpn = models.CharField(max_length=100, blank=True)
    link = models.CharField(max_length=2000, blank=True)
    price = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)  # ISO 4217
    availability = models.CharField(max_length=20, blank=True)
    attributes = models.JSONField(default=dict, blank=True)  # the feed's other fields, as written
    image_link = models.CharField(max_length=2000, blank=True)  # as the feed gave it
    # Where the checked picture lies below the folder of pictures, named by its content.
    picture = models.CharField(max_length=100, blank=True)
    picture_state = models.CharField(
        max_length=10, choices=PictureState.choices, default=PictureState.NONE
    )
    picture_note = models.CharField(max_length=300, blank=True)
    # A worker fetches the picture until then; the claim of one that died lapses.
    picture_lease_until = models.DateTimeField(null=True, blank=True)
    # Of all that the feed says; an equal one means an unchanged row.
    fingerprint = models.CharField(max_length=32)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    unseen_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("retailer", "offer_id"), name="one_offer_per_retailer"),
            models.CheckConstraint(
                condition=Q(price=None) | Q(price__gte=0), name="price_is_not_negative"
            ),
        ]
        indexes = [
            models.Index(
                fields=("picture_state",),
                condition=Q(picture_state="waiting"),
                name="pictures_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.title


class FilingSource(models.TextChoices):
    FEED = "feed", "feed"
    PERSON = "person", "person"
    MODEL = "model", "model"


class Filing(models.Model):
    """The category a product is assigned to, by whom and how surely.

    A feed's and a model's filing is their latest word; what people say is kept, every word.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="filings")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="filings")
    source = models.CharField(max_length=10, choices=FilingSource.choices)
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    confidence = models.FloatField(default=1.0)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("product", "source"),
                condition=~Q(source="person"),
                name="one_filing_per_machine",
            ),
            models.CheckConstraint(
                condition=Q(confidence__gte=0, confidence__lte=1), name="filing_confidence_in_0_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} in {self.category_id} by {self.source}"
