"""One page as two sides of a comparison show it, product beside product. Loads no arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from ranking.listings import told
from ranking.models import Comparison, HandRule, PageRun, Publication
from ranking.queries.lineup import lineup
from ranking.queries.sides import Side, kept_side
from taxonomy.models import Category, Product


@dataclass(frozen=True)
class Tile:
    """A product where one side shows it."""

    product: Product
    place: int
    other: int | None  # its place on the other side; None: not shown there

    @property
    def risen(self) -> int:
        """By how many places it stands higher on the side looked at than on the first."""
        return 0 if self.other is None else self.other - self.place

    @property
    def fallen(self) -> int:
        """By how many it stands lower."""
        return -self.risen


@dataclass(frozen=True)
class Column:
    """What one side shows."""

    side: Side
    tiles: list[Tile]
    is_kept: bool  # False: the run's products were let go since
    page_run: int | None

    @property
    def alone(self) -> int:
        """How many products it alone shows."""
        return sum(tile.other is None for tile in self.tiles)


@dataclass(frozen=True)
class Beside:
    """A page as the first side shows it, and as another does."""

    first: Column
    other: Column
    line: dict[str, Any]  # "jaccard", "change", "entered", "left", "right"
    has_new_rules: bool  # rules by hand went live or ended here since it was measured


def beside(comparison: Comparison, page: Category, of: int) -> Beside | None:
    """Return the page side by side; None where one of the two sides does not have it."""
    sides = comparison.by_page
    if not 0 < of < len(sides):
        return None
    lines = [_line(sides[number], page.pk) for number in (0, of)]
    if lines[0] is None or lines[1] is None:
        return None
    shown = [_products(line) for line in lines if line is not None]
    found = Product.objects.select_related("retailer").in_bulk({*shown[0], *shown[1]})
    kept = comparison.settings["sides"]
    return Beside(
        first=_column(kept[0], lines[0], shown[0], shown[1], found),
        other=_column(kept[of], lines[1], shown[1], shown[0], found),
        line=lines[1],
        has_new_rules=_has_new_rules(comparison, page),
    )


def _line(lines: Sequence[dict[str, Any]], page: int) -> dict[str, Any] | None:
    return next((line for line in lines if line["page"] == page), None)


def _products(line: Mapping[str, Any]) -> list[int]:
    """The products by place: of a publication as they were told, of a run with today's rules."""
    if line["publication"]:
        publication = Publication.objects.select_related("listing").get(pk=line["publication"])
        return [one["product"] for one in told(publication.listing)["products"]]
    part = PageRun.objects.filter(pk=line["page_run"]).first()
    if part is None:
        return []
    return [one.product.pk for one in lineup(part, "live") if one.place is not None]


def _column(
    said: Mapping[str, Any],
    line: Mapping[str, Any],
    products: Sequence[int],
    others: Sequence[int],
    found: Mapping[int, Product],
) -> Column:
    places = {product: place for place, product in enumerate(others, start=1)}
    return Column(
        side=kept_side(said),
        tiles=[
            Tile(found[product], place, places.get(product))
            for place, product in enumerate(products, start=1)
            if product in found
        ],
        is_kept=bool(products) or not line["shown"],
        page_run=line["page_run"],
    )


def _has_new_rules(comparison: Comparison, page: Category) -> bool:
    since = comparison.finished_at
    touched = Q(live_at__gt=since) | Q(closed_at__gt=since, live_at__isnull=False)
    return HandRule.objects.filter(touched, page=page).exists()
