"""Reads of products, of where they are filed, and of the files they came with."""

from __future__ import annotations

import re

from django.db.models import Count, Exists, OuterRef, QuerySet

from taxonomy.models import Category, Filing, FilingSource, Import, Product

DETAIL_BEGINS = re.compile(",(?=[^,:]+:[^,:]+:)")


def filed_products(category: Category) -> QuerySet[Product]:
    """Return the products that feeds or people filed in the category or below it."""
    below = Category.objects.under(category).values("id")
    filed = Filing.objects.exclude(source=FilingSource.MODEL).filter(category__in=below)
    return (
        Product.objects.filter(pk__in=filed.values("product"))
        .select_related("retailer")
        .order_by("id")
    )


def attribute_lines(product: Product) -> list[tuple[str, list[str]]]:
    """Return what else a feed says, in people's words: "product detail", one detail a line."""
    return [
        (name.replace("_", " "), _details(str(value)) if name == "product_detail" else [str(value)])
        for name, value in product.attributes.items()
    ]


def unfiled_products() -> int:
    """Return how many products neither a feed nor a person has filed anywhere."""
    filed = Filing.objects.exclude(source=FilingSource.MODEL).filter(product=OuterRef("pk"))
    return Product.objects.filter(~Exists(filed)).count()


def products_by_picture_state() -> dict[str, int]:
    """Return how many products stand how with their picture."""
    states = Product.objects.order_by().values_list("picture_state")
    return dict(states.annotate(n=Count("id")))


def recent_imports() -> QuerySet[Import]:
    """Return the imports, newest first, with their retailers."""
    return Import.objects.select_related("retailer").order_by("-id")


def _details(value: str) -> list[str]:
    # Google's "section:name:value", several joined by commas; the values may hold commas too.
    parts = DETAIL_BEGINS.split(value)
    return [": ".join(part.split(":", 2)[1:]) if part.count(":") > 1 else part for part in parts]
