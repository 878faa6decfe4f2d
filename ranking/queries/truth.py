"""A file that says where products belong, read and not kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from judgments.imports import BadOpinion, Products
from taxonomy.imports.fields import category_number
from taxonomy.imports.lines import Lines, opened, unwatched
from taxonomy.imports.offers import UNSTORABLE
from taxonomy.imports.rejects import Reject, restored
from taxonomy.imports.rows import Row
from taxonomy.imports.tables import read_table
from taxonomy.models import Category

COLUMNS = ("offer_id", "category_id")
BATCH = 1_000
NAMED = 20  # bad lines that are told


@dataclass(frozen=True)
class Belonging:
    """A checked row: the category that an offer belongs to."""

    line: int
    offer_id: str
    retailer: str  # empty where the file does not say
    category: int


def truth_in(
    file: str | Path, under: Category | None, tell: Callable[[str], object]
) -> dict[int, int]:
    """Return the category of each product in a CSV, plain or gzip, by the product's id.

    With `under`, only of what belongs below that category. Lines that cannot be read, name an
    unknown product or category, or name a product again are told of and left out. Raises
    `Unreadable`.
    """
    live = set(Category.objects.live().values_list("id", flat=True))
    below = live if under is None else _below(under)
    truth: dict[int, int] = {}
    left_out: list[str] = []
    with opened(Path(file), unwatched) as stream:
        rows = read_table(Lines(stream), required=COLUMNS)
        while batch := list(islice(rows, BATCH)):
            good = list(_checked(batch, live, left_out))
            products = Products(good)
            for row in good:
                try:
                    product = products.find(row)
                except BadOpinion as fault:
                    left_out.append(f"line {row.line}: {fault}")
                    continue
                if product in truth:
                    left_out.append(f"line {row.line}: “{row.offer_id}” was named before.")
                elif row.category in below:
                    truth[product] = row.category
    if left_out:
        tell("\n".join([f"{len(left_out)} lines were left out:", *left_out[:NAMED]]))
    return truth


def _below(category: Category) -> set[int]:
    below = Category.objects.live().under(category).exclude(pk=category.pk)
    return set(below.values_list("id", flat=True))


def _checked(rows: list[Row | Reject], live: set[int], left_out: list[str]) -> Iterator[Belonging]:
    for row in rows:
        try:
            yield _belonging(row, live)
        except ValueError as fault:
            left_out.append(f"line {row.line}: {fault}")


def _belonging(row: Row | Reject, live: set[int]) -> Belonging:
    """The row, checked; raises ValueError with a sentence."""
    if isinstance(row, Reject):
        raise ValueError(row.reason)
    texts = {name: restored(value).strip() for name, value in row.fields.items()}
    if any(UNSTORABLE.search(text) for text in texts.values()):
        raise ValueError("The text holds a character that cannot be stored.")
    for name in COLUMNS:
        if not texts.get(name):
            raise ValueError(f"The {name} is missing.")
    category = category_number(texts["category_id"])
    if category not in live:
        raise ValueError(f"There is no category {category}.")
    return Belonging(row.line, texts["offer_id"], texts.get("retailer", ""), category)
