"""Categories, and their names per locale."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

FIRST_SHOP_ID = 900_000  # ids below belong to Google
HOME_LOCALE = "en-US"  # its names are the categories' own


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
    # What the shop calls one of Google's nodes on screen; empty for its own name.
    display_name = models.CharField(max_length=255, blank=True)
    # Names from the root, joined by " > ", as Google writes them.
    path = models.CharField(max_length=2000)
    # Ids from the root, each between slashes ("/412/422/"): a subtree is a prefix.
    lineage = models.CharField(max_length=500, db_index=True)
    is_page = models.BooleanField(default=False, db_index=True)
    added_at = models.DateTimeField(db_default=Now())
    retired_at = models.DateTimeField(null=True, blank=True)
    # Where what was filed in a retired category belongs now.
    successor = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="predecessors"
    )

    objects: ClassVar[models.Manager[Category]] = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "categories"
        ordering = ("path", "id")

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The name to show: the shop's word for it, or else its own."""
        return self.display_name or self.name

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
