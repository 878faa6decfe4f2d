"""Small catalogues with a tree, for tests of the pipeline: arrays only, no database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ranking.pipeline.data import (
    NO_PARENT,
    NOTHING_JUDGED,
    UNFILED,
    Catalogue,
    Floats,
    Ints,
    Judged,
    Tree,
)
from ranking.pipeline.shelf import Shelf

WIDTH = 16  # dimensions
NOTHING = NOTHING_JUDGED

# A root, a parent with three children, a parent with one child.
TREE = {
    1: (NO_PARENT, "Home"),
    2: (1, "Lighting"),
    3: (2, "Table lamps"),
    4: (2, "Desk lamps"),
    5: (2, "Candles"),
    6: (1, "Bags"),
    7: (6, "Duffel bags"),
}
LAMPS, DESK_LAMPS, CANDLES, BAGS, DUFFEL_BAGS = 3, 4, 5, 6, 7


def unit(vectors: np.ndarray) -> Floats:
    """Return the rows with length 1."""
    units: Floats = (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)
    return units


def make_tree() -> Tree:
    """Return the seven categories above; each has a direction of its own."""
    ids = sorted(TREE)
    paths: dict[int, str] = {}
    for pk in ids:
        parent, name = TREE[pk]
        paths[pk] = f"{paths[parent]} > {name}" if parent in paths else name
    return Tree(
        ids=np.array(ids, np.int64),
        parents=np.array([TREE[pk][0] for pk in ids], np.int64),
        names=[TREE[pk][1] for pk in ids],
        paths=[paths[pk] for pk in ids],
        text=np.eye(len(ids), WIDTH, dtype=np.float32),
    )


def make_catalogue(belongs: list[int], *, noise: float = 0.5, seed: int = 0) -> Catalogue:
    """Return a product for each category id, near its direction, with nothing filed.

    Titles say the category's name in every second product.
    """
    count = len(belongs)
    random = np.random.default_rng(seed)
    names = [TREE[pk][1] for pk in belongs]
    centres = make_tree().text[[sorted(TREE).index(pk) for pk in belongs]]
    return Catalogue(
        ids=np.arange(100, 100 + count, dtype=np.int64),
        titles=[f"{name} {n}" if n % 2 else f"Item {n}" for n, name in enumerate(names)],
        descriptions=[""] * count,
        brands=["Acme"] * count,
        text=unit(centres + noise / 4 * random.normal(size=(count, WIDTH))).reshape(-1, WIDTH),
        picture=np.full((count, WIDTH), np.nan, np.float32),
        filed_under=np.full(count, UNFILED, np.int64),
        filing_confidence=np.zeros(count, np.float32),
        log_price=np.log(random.uniform(10, 20, count)),
        currencies=["EUR"] * count,
        days_unseen=np.zeros(count, np.float32),
        days_silent=np.zeros(count, np.float32),
        retailer=np.arange(1, count + 1),
        in_stock=np.ones(count, bool),
        group=np.arange(100, 100 + count),
    )


def make_shelf(belongs: list[int] | None = None, **changes: Any) -> Shelf:
    """Return a shelf of products that belong to these categories (12 of each leaf if not said),
    with fields of the catalogue changed."""
    everything = [pk for pk in (LAMPS, DESK_LAMPS, CANDLES, DUFFEL_BAGS) for _ in range(12)]
    catalogue = make_catalogue(everything if belongs is None else belongs)
    return Shelf(replace(catalogue, **changes), make_tree())


def judge(page: int, grades: dict[int, float]) -> Judged:
    """Return the grades of these products for the page."""
    return Judged(
        pages=np.full(len(grades), page, np.int64),
        products=np.array(list(grades), np.int64),
        grades=np.array(list(grades.values()), np.float64),
        annotators=np.ones(len(grades), np.int64),
        weights=np.ones(len(grades)),
        elsewhere=np.zeros(len(grades)),
    )


def shuffled(shelf: Shelf, order: Ints) -> Shelf:
    """Return the shelf with its products given other ids, so that they stand in another order.

    The product at `order[i]` becomes the i-th.
    """
    old = shelf.catalogue
    return Shelf(
        Catalogue(
            ids=old.ids,
            titles=[old.titles[n] for n in order],
            descriptions=[old.descriptions[n] for n in order],
            brands=[old.brands[n] for n in order],
            text=old.text[order],
            picture=old.picture[order],
            filed_under=old.filed_under[order],
            filing_confidence=old.filing_confidence[order],
            log_price=old.log_price[order],
            currencies=[old.currencies[n] for n in order],
            days_unseen=old.days_unseen[order],
            days_silent=old.days_silent[order],
            retailer=old.retailer[order],
            in_stock=old.in_stock[order],
            group=old.ids,
        ),
        shelf.tree,
    )
