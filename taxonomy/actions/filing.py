"""What a feed files its products under, and what people do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User

from taxonomy.imports.trees import STEP
from taxonomy.models import Category, CategoryName, Filing, FilingSource, Product


class CategoryWords:
    """The live categories by every word that a feed may use: id, path, path in any locale.

    What a feed still files under a retired category lands on the one that took its place.
    """

    def __init__(self) -> None:
        live = Category.objects.live()
        names = CategoryName.objects.order_by("-category_id").values_list("category_id", "path")
        succeeded = Category.objects.filter(successor__retired_at=None).exclude(successor=None)
        succeeded = succeeded.exclude(retired_at=None).order_by("-id")
        self._landing = dict(succeeded.values_list("id", "successor_id"))
        self._landing |= {identity: identity for identity in live.values_list("id", flat=True)}
        # What is live counts before what was retired, the home locale's paths before others,
        # and among equal paths the lower id: the last one stays.
        self._by_path = {
            _folded(path): self._landing[identity]
            for identity, path in [
                *names.exclude(category__retired_at=None).filter(category__in=succeeded),
                *succeeded.values_list("id", "path"),
                *names.filter(category__retired_at=None),
                *live.order_by("-id").values_list("id", "path"),
            ]
        }

    def find(self, written: str) -> int | None:
        """Return the id of the category that is meant, or None if the tree has none such."""
        if written.isascii() and written.isdigit() and len(written) < 19:
            return self._landing.get(int(written))
        return self._by_path.get(_folded(written))


def _folded(path: str) -> str:
    return " > ".join(step.strip() for step in STEP.split(path)).casefold()


def file_by_feed(wanted: Iterable[tuple[int, int | None]], now: datetime) -> None:
    """Make each product's feed filing the given category, or none; equal ones stay untouched.

    `wanted` pairs product ids with category ids.
    """
    by_product = dict(wanted)
    filings = Filing.objects.filter(source=FilingSource.FEED, product__in=by_product)
    before = dict(filings.values_list("product_id", "category_id"))
    changed = {
        product: category
        for product, category in by_product.items()
        if before.get(product) != category
    }
    filings.filter(product__in=before.keys() & changed.keys()).delete()
    Filing.objects.bulk_create(
        Filing(product_id=product, category_id=category, source=FilingSource.FEED, made_at=now)
        for product, category in changed.items()
        if category is not None
    )


class RetiredCategory(Exception):
    """Nothing is filed under a category that is not in the tree any more."""


def file_by_hand(product: Product, category: Category, *, by: User | None) -> Filing:
    """Return somebody's word that the product belongs in the category: from the next run on it
    counts before the feed's. The words before it are kept. Raises RetiredCategory."""
    if category.retired_at is not None:
        raise RetiredCategory(f"{category.name} is not in the tree any more.")
    return Filing.objects.create(
        product=product, category=category, source=FilingSource.PERSON, author=by
    )
