"""What speaks for the children of a parent, for mining suggestions. For workers: loads numpy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ranking.learning.suggestions import NOBODY, Child, Family, Products
from ranking.pipeline.data import Bools, Ints, Judged
from ranking.pipeline.disambiguate import Head, Siblings
from ranking.pipeline.disambiguate.stage import is_uncertain
from ranking.pipeline.shelf import Shelf
from taxonomy.models import Category, Product
from taxonomy.queries import attribute_lines

ENOUGH = 8  # known products from which on nothing is guessed
MOST = 2_000  # known products that are counted per child, drawn evenly from more
NEAREST = 4_000  # products looked at per child beside them
DETAILS = ("product_detail", "product_type", "product_highlight", "material", "pattern")


def family(
    parent: int, shelf: Shelf, judged: Judged, head: Head, also: Sequence[int] = ()
) -> Family:
    """Return the parent's children in use, and those of `also`, with what speaks for each.

    That is what is surely filed or judged right there; for a child with too few of these, what
    is near it, filed nowhere, and clearly stands on its side. What stands on the fence comes
    with them. Equal inputs give equal families.
    """
    siblings = Siblings.of(parent, shelf, judged, also)
    known = [_sample(each.known) for each in siblings.profiles]
    near = _filed_nowhere_near(siblings)
    rows = np.concatenate([*known, near])
    places = [*range(len(known)), NOBODY]
    belongs = np.repeat(places, [*map(len, known), len(near)])
    logits = siblings.logits(rows, head)
    fence = is_uncertain(logits, head)
    guessed = (belongs == NOBODY) & ~fence & _wanting(known)[logits.argmax(axis=1)]
    return Family(
        children=_children(siblings.ids),
        products=_products(rows, shelf),
        belongs=np.where(guessed, logits.argmax(axis=1), belongs),
        known=belongs != NOBODY,
        fence=fence,
    )


def _wanting(known: Sequence[Ints]) -> Bools:
    """Which children have too few known products."""
    return np.array([len(rows) < ENOUGH for rows in known], bool)


def _filed_nowhere_near(siblings: Siblings) -> Ints:
    """The rows nearest to a child by text or by picture that nobody has filed or judged."""
    shelf, profiles = siblings.shelf, siblings.profiles
    by_text = shelf.text.rows(np.stack([each.text for each in profiles]), NEAREST)
    by_picture = shelf.picture.rows(np.stack([each.picture for each in profiles]), NEAREST)
    near = np.unique(np.concatenate([*by_text, *by_picture]))
    near = near[shelf.filed[near] < 0]
    return np.setdiff1d(near, np.concatenate([each.known for each in profiles]))


def _sample(rows: Ints) -> Ints:
    """At most MOST of the rows, evenly."""
    if len(rows) <= MOST:
        return rows
    evenly: Ints = rows[np.linspace(0, len(rows) - 1, MOST).astype(np.int64)]
    return evenly


def _children(ids: Ints) -> list[Child]:
    found = Category.objects.in_bulk(ids.tolist())
    below = Category.objects.live().filter(parent__in=found).order_by("name", "id")
    names: dict[int, list[str]] = {pk: [] for pk in found}
    for category in below:
        if category.parent_id is not None:
            names[category.parent_id].append(category.name)
    return [Child(pk, found[pk].name, names[pk]) for pk in ids.tolist()]


def _products(rows: Ints, shelf: Shelf) -> Products:
    ids = shelf.catalogue.ids[rows].tolist()
    said = dict(_said(ids))
    return Products(
        titles=[shelf.catalogue.titles[row] for row in rows.tolist()],
        details=[said[pk][1] for pk in ids],
        brands=[shelf.catalogue.brands[row] for row in rows.tolist()],
        retailers=[said[pk][0] for pk in ids],
    )


def _said(ids: Sequence[int]) -> Iterator[tuple[int, tuple[str, list[str]]]]:
    """Each product's retailer and details, in slices that any database takes."""
    for start in range(0, len(ids), 500):
        rows = Product.objects.filter(pk__in=ids[start : start + 500]).select_related("retailer")
        for product in rows.only("attributes", "retailer__name"):
            yield product.pk, (product.retailer.name, list(_details(product)))


def _details(product: Product) -> Iterable[str]:
    for name, lines in attribute_lines(product):
        if name.replace(" ", "_") in DETAILS:
            yield from lines if name == "product detail" else (f"{name}: {line}" for line in lines)
