"""Which listings are offers of the same product, and why we think so. Loads no arrays."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from ranking.models import ComparedOffer, OfferMatch
from taxonomy.models import Product

UNKNOWN = Decimal("Infinity")


@dataclass(frozen=True)
class SameProduct:
    """Another listing of a product."""

    product: Product
    chance: float | None  # that both are one, 0 to 1; None when only others of the group say so
    why: str  # what speaks for it: "same GTIN"

    @property
    def said(self) -> str:
        """How sure we are, and by what."""
        if self.chance is None:
            return f"By way of others: {self.why}."
        return f"{self.why[:1].upper()}{self.why[1:]}: {self.chance:.0%} sure."


def offers_of(product: Product) -> list[SameProduct]:
    """Return the other listings of the product: the cheapest first, those without a price last.

    Prices of another currency than the product's own come after those that can be compared.
    """
    group = ComparedOffer.objects.filter(product=product).values("group")
    others = (
        Product.objects.filter(compared__group__in=group)
        .exclude(pk=product.pk)
        .select_related("retailer")
        .defer("description", "attributes")
    )
    found = {one.pk: one for one in others}
    matches = OfferMatch.objects.filter(
        Q(first=product, second__in=found) | Q(second=product, first__in=found)
    )
    known = {
        match.second_id if match.first_id == product.pk else match.first_id: match
        for match in matches
    }
    same = [_same(one, known.get(one.pk)) for one in found.values()]
    return sorted(same, key=lambda one: _order(one.product, product.currency))


def _same(product: Product, match: OfferMatch | None) -> SameProduct:
    if match is None:
        return SameProduct(product, None, "another offer is the same as both")
    return SameProduct(product, match.chance, match.why)


def _order(product: Product, currency: str) -> tuple[bool, Decimal, int]:
    price = UNKNOWN if product.price is None else product.price
    return product.currency != currency, price, product.pk


def is_compared(product: Product) -> bool:
    """Return whether a run has held the product against the others."""
    return ComparedOffer.objects.filter(product=product).exists()
