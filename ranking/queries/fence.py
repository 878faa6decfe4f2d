"""The products between two siblings, as the workbench shows them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Abs

from ranking.models import ConfusedPair, FenceProduct
from ranking.queries.verdicts import verdicts
from taxonomy.models import Category, Product, Revision, RevisionState

SHOWN = 24  # products on each side


@dataclass(frozen=True)
class Standing:
    """A product near the fence; log-odds above 0 put it on the first's side.

    `then` is where texts that are not saved would put it, None when none are asked about;
    `truth` is what people say: True for the first, False for the second.
    """

    product: Product
    today: float
    then: float | None
    truth: bool | None

    @property
    def moves(self) -> bool:
        return self.then is not None and (self.today > 0) != (self.then > 0)

    @property
    def sure_today(self) -> float:
        """How likely the side that it stands on today is, 0.5 to 1."""
        return sureness(self.today)

    @property
    def sure_then(self) -> float:
        return sureness(self.then or 0.0)

    @property
    def verdict(self) -> str:
        """What people's words make of it: "right", "wrong" or "unjudged", after the move if any."""
        if self.truth is None:
            return "unjudged"
        side = self.today if self.then is None else self.then
        return "right" if (side > 0) == self.truth else "wrong"


@dataclass(frozen=True)
class Fence:
    """The two sides: how many products stand on each today, and those to show."""

    first_count: int
    second_count: int
    first: list[Standing]
    second: list[Standing]
    errors: int  # judged products that stand on the wrong side today
    judged: int

    @property
    def products(self) -> int:
        return self.first_count + self.second_count


def sureness(margin: float) -> float:
    """Return the probability of the likelier side, 0.5 to 1."""
    return 1 / (1 + math.exp(-min(abs(margin), 30.0)))


def fence_rows(pair: ConfusedPair) -> QuerySet[FenceProduct]:
    """Return the products between a pair's siblings, the nearest to the fence first."""
    near = pair.fence.annotate(away=Abs(F("margin"))).order_by("away", "product")
    return near.select_related("product__retailer")


def standings(pair: ConfusedPair, rows: Sequence[FenceProduct]) -> list[Standing]:
    """Return rows of a pair's fence with what people say of them."""
    said = verdicts([row.product_id for row in rows])
    first, second = pair.first_id, pair.second_id
    return [
        Standing(row.product, row.margin, None, said.side(row.product_id, first, second))
        for row in rows
    ]


def fence_today(pair: ConfusedPair) -> Fence:
    """Return the products between a pair's siblings as its run saw them, the nearest first."""
    rows = fence_rows(pair)
    first, second = rows.filter(margin__gt=0), rows.filter(margin__lte=0)
    shown = standings(pair, [*first[:SHOWN], *second[:SHOWN]])
    return Fence(
        first.count(),
        second.count(),
        [one for one in shown if one.today > 0],
        [one for one in shown if one.today <= 0],
        pair.errors,
        pair.judged,
    )


def measured_before_its_texts(first: Category, second: Category) -> bool:
    """Whether a text between the two went live after the run whose products are shown."""
    pair = ConfusedPair.objects.select_related("run").filter(first=first, second=second).first()
    if pair is None:
        return False
    newer = Revision.objects.filter(
        state=RevisionState.LIVE,
        id__gt=pair.run.settings.get("discriminators_until") or 0,
        discriminator__category__in=(first, second),
        discriminator__sibling__in=(first, second),
    )
    return newer.exists()


def fence_then(answer: dict[str, Any]) -> Fence:
    """Return the products of a preview's answer, those that would change sides first."""
    rows = [*answer["first"], *answer["second"]]
    products = Product.objects.select_related("retailer").in_bulk([row[0] for row in rows])
    first, second = (
        [_standing(products[row[0]], row) for row in answer[side] if row[0] in products]
        for side in ("first", "second")
    )
    on_first, on_second = answer["sides"]["today"]
    return Fence(on_first, on_second, first, second, answer["errors_before"], answer["judged"])


def _standing(product: Product, row: list[float]) -> Standing:
    _, today, then, truth = row
    return Standing(product, today, then, None if truth == 0 else truth > 0)


def siblings_or_none(first: int, second: int) -> tuple[Category, Category] | None:
    """Return two live siblings, the lower id first, or None when they are not."""
    # Compared one by one, since a number that no column holds equals none, but cannot be in a list.
    rows = Category.objects.live().filter(Q(pk=first) | Q(pk=second))
    found = {one.pk: one for one in rows}
    if len(found) < 2 or found[first].parent_id != found[second].parent_id:
        return None
    return found[min(first, second)], found[max(first, second)]
