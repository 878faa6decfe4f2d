"""Categories, their names per locale, retailers, products, filings and imports."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

FIRST_SHOP_ID = 900_000  # ids below belong to Google


class CategoryQuerySet(models.QuerySet["Category"]):
    def live(self) -> CategoryQuerySet:
        """Return the categories that are not retired."""
        return self.filter(retired_at=None)

    def pages(self) -> CategoryQuerySet:
        """Return the live categories that are switched on to be ranked."""
        return self.live().filter(is_page=True)

    def under(self, category: Category) -> CategoryQuerySet:
        """Return the category itself and everything below it."""
        return self.filter(lineage__startswith=category.lineage)


class Category(models.Model):
    """A node of the tree. Its primary key is Google's number, or the shop's from 900000 up."""

    id = models.PositiveBigIntegerField(primary_key=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    name = models.CharField(max_length=255)
    # Names from the root, joined by " > ", as Google writes them.
    path = models.CharField(max_length=2000)
    # Ids from the root, each between slashes ("/412/422/"): a subtree is a prefix.
    lineage = models.CharField(max_length=500, db_index=True)
    is_page = models.BooleanField(default=False, db_index=True)
    added_at = models.DateTimeField(db_default=Now())
    retired_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Category]] = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "categories"
        ordering = ("path", "id")

    def __str__(self) -> str:
        return self.name

    @property
    def is_shops_own(self) -> bool:
        return self.id >= FIRST_SHOP_ID

    @property
    def lineage_ids(self) -> list[int]:
        """The ids from the root down to this category."""
        return [int(part) for part in self.lineage.strip("/").split("/")]

    @property
    def ancestor_names(self) -> list[str]:
        """The names from the root down to the parent."""
        return self.path.split(" > ")[:-1]


class CategoryName(models.Model):
    """What a category is called in one locale; the home locale's name is on the category."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="names")
    locale = models.CharField(max_length=20)
    name = models.CharField(max_length=255)
    path = models.CharField(max_length=2000)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("category", "locale"), name="one_name_per_locale")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.locale})"


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


class ImportKind(models.TextChoices):
    TAXONOMY = "taxonomy", "taxonomy"
    PRODUCTS = "products", "products"
    JUDGMENTS = "judgments", "judgments"


class Import(models.Model):
    """One file that was read: its figures, and where the rows that were set aside lie."""

    kind = models.CharField(max_length=10, choices=ImportKind.choices)
    source = models.CharField(max_length=500)  # the file's name or address
    retailer = models.ForeignKey(Retailer, null=True, blank=True, on_delete=models.PROTECT)
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
