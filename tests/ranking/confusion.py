"""Confused siblings for tests, without a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ranking.models import ConfusedPair, FenceProduct, Run, Suggestion
from taxonomy.models import Category, Product
from tests.ranking.rankings import make_run


def make_pair(
    first: Category,
    second: Category,
    fence: Mapping[Product, float] | None = None,
    **fields: Any,
) -> ConfusedPair:
    """Return two siblings as confused; `fence` has log-odds for the one with the lower id."""
    low, high = sorted((first, second), key=lambda one: one.pk)
    standing = fence or {}
    run = fields.pop("run", None) or Run.objects.first() or make_run()
    values = {"weight": 1.0, "share": 1.0, "exposure": 0.0, "judged": 0, "errors": 0}
    values |= {"disagreement": 0.0, "products": len(standing), "closeness": float(len(standing))}
    pair = ConfusedPair.objects.create(
        run=run, parent=low.parent, first=low, second=high, **(values | fields)
    )
    for product, margin in standing.items():
        FenceProduct.objects.create(pair=pair, product=product, before=margin, margin=margin)
    return pair


def make_suggestion(category: Category, sibling: Category, text: str = "in pots") -> Suggestion:
    """Return an open suggestion."""
    return Suggestion.objects.create(
        category=category, sibling=sibling, text=text, source="titles", evidence={}
    )
