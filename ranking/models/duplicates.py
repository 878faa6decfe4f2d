"""Which listings are offers of the same product, found before pages are ranked."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from taxonomy.models import Product


class ComparedOffer(models.Model):
    """A product as it was last compared with the others, and the group that it came to."""

    product = models.OneToOneField(
        Product, primary_key=True, on_delete=models.CASCADE, related_name="compared"
    )
    fingerprint = models.CharField(max_length=32)  # of all that is compared
    # Id of the lowest product of its group: its own when nothing is the same.
    group = models.PositiveBigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.product_id} in {self.group}"


class OfferMatch(models.Model):
    """Two offers that are taken for the same product, and what speaks for it."""

    # The lower id first, so that a pair is one row.
    first = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    chance = models.FloatField()  # that they are the same, 0 to 1
    why = models.CharField(max_length=200)  # "same GTIN", "4 of 5 words and the model number"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("first", "second"), name="a_match_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="lower_offer_first"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} is {self.second_id}"
