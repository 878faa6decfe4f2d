"""Confusion among all children of one parent, as a map of heat."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from ranking.models import ConfusedPair
from taxonomy.models import Category

SHOWN = 18  # children on the map; the quieter ones are folded away
LEVELS = 5


@dataclass(frozen=True)
class Cell:
    """Two children: the pair if it is confused, and how hot it is from 0 to LEVELS."""

    row: Category
    column: Category
    pair: ConfusedPair | None
    level: int


@dataclass(frozen=True)
class Row:
    """A child with its cells against the children before it."""

    number: int
    category: Category
    products: int  # on its fences
    cells: list[Cell]


@dataclass(frozen=True)
class Heat:
    """The lower half of the map, confused children beside each other, and what is not on it."""

    rows: list[Row]
    folded: list[ConfusedPair]  # pairs with a child that is not on the map, heaviest first
    quiet: list[Category]  # children in no confused pair


def heat_among(parent: Category | None) -> Heat:
    """Return the confusion among the parent's live children, or among the roots for None."""
    children = {one.pk: one for one in Category.objects.live().filter(parent=parent)}
    found = ConfusedPair.objects.filter(parent=parent, weight__gt=0)
    pairs = [
        pair
        for pair in found.order_by("-weight", "first_id", "second_id")
        if pair.first_id in children and pair.second_id in children
    ]
    weights: dict[int, dict[int, float]] = defaultdict(dict)
    for pair in pairs:
        weights[pair.first_id][pair.second_id] = pair.weight
        weights[pair.second_id][pair.first_id] = pair.weight
    order = _in_a_row(weights)[:SHOWN]
    by_ids = {(pair.first_id, pair.second_id): pair for pair in pairs}
    hottest = pairs[0].weight if pairs else 1.0
    rows = [
        Row(
            number + 1,
            children[pk],
            sum(pair.products for pair in pairs if pk in (pair.first_id, pair.second_id)),
            [_cell(children[pk], children[other], by_ids, hottest) for other in order[:number]],
        )
        for number, pk in enumerate(order)
    ]
    quiet = [one for pk, one in children.items() if pk not in weights]
    folded = [pair for pair in pairs if not {pair.first_id, pair.second_id} <= set(order)]
    return Heat(rows, folded, sorted(quiet, key=lambda one: one.path))


def _in_a_row(weights: dict[int, dict[int, float]]) -> list[int]:
    """The children so that confused ones stand together: each is followed by the one, of those
    left, that it is most confused with; or else by the most confused one left."""
    left = dict.fromkeys(sorted(weights, key=lambda pk: (-sum(weights[pk].values()), pk)))
    order: list[int] = []
    while left:
        beside = weights[order[-1]] if order else {}
        near = [pk for pk in left if pk in beside]
        chosen = max(near, key=lambda pk: (beside[pk], -pk)) if near else next(iter(left))
        order.append(chosen)
        del left[chosen]
    return order


def _cell(
    row: Category, column: Category, pairs: dict[tuple[int, int], ConfusedPair], hottest: float
) -> Cell:
    pair = pairs.get((min(row.pk, column.pk), max(row.pk, column.pk)))
    level = max(1, round(LEVELS * (pair.weight / hottest) ** 0.5)) if pair else 0
    return Cell(row, column, pair, level)
