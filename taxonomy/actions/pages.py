"""Switching categories on to be ranked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from taxonomy.actions.tree_rows import lock_tree
from taxonomy.imports.lines import BadText, Lines, opened, text_of, unwatched
from taxonomy.imports.rejects import Unreadable
from taxonomy.models import Category, CategoryChange, ChangeKind, Filing, FilingSource

ID = re.compile(r"([0-9]{1,18})(?:\s.*)?", re.DOTALL)
TOLD = 20  # unknown lines named one by one
Tell = Callable[[str], object]


@dataclass(frozen=True)
class PageFigures:
    """What switching on did: all live pages afterwards, the new ones, and unknown lines."""

    pages: int
    activated: int
    unknown: int


def activate_pages(
    source: str | Path | None = None,
    *,
    min_products: int | None = None,
    tell: Tell = unwatched,
) -> PageFigures:
    """Switch on the categories that a file names, or all that hold enough products.

    The file has an id at the beginning of each line, so that one in the taxonomy's format
    will do. With `min_products`, every live category is switched on of which the subtree,
    itself included, holds so many filed products that were in their retailer's latest feed.
    Nothing is ever switched off. Raises `Unreadable` when there is nothing to switch on.
    """
    if (source is None) == (min_products is None):
        raise ValueError("either a source or min_products")
    wanted, unknown = _named(Path(source)) if source is not None else (_filled(min_products), [])
    for sentence in unknown[:TOLD]:
        tell(sentence)
    if len(unknown) > TOLD:
        tell(f"… and {len(unknown) - TOLD:,} more.")
    if not wanted:
        raise Unreadable("No page was switched on: no live category is meant.")
    return PageFigures(
        activated=_switch_on(wanted),
        pages=Category.objects.pages().count(),
        unknown=len(unknown),
    )


@transaction.atomic
def _switch_on(wanted: set[int]) -> int:
    lock_tree()
    off = Category.objects.live().filter(is_page=False, id__in=wanted)
    ids = list(off.values_list("id", flat=True))
    off.update(is_page=True)
    was, now = {"is_page": False}, {"is_page": True}
    CategoryChange.objects.bulk_create(
        CategoryChange(category_id=pk, kind=ChangeKind.PAGE, before=was, after=now) for pk in ids
    )
    return len(ids)


def _named(path: Path) -> tuple[set[int], list[str]]:
    """Return the live categories that a file names, and a sentence for each line that fails."""
    live = set(Category.objects.live().values_list("id", flat=True))
    wanted: set[int] = set()
    unknown: list[str] = []
    with opened(path) as stream:
        for number, line in Lines(stream):
            try:
                text = text_of(line).replace("\u00a0", " ").strip()
            except BadText as fault:
                unknown.append(f"Line {number}: {fault}")
                continue
            match = ID.fullmatch(text)
            if match and int(match[1]) in live:
                wanted.add(int(match[1]))
            elif text and not text.startswith("#"):
                unknown.append(f"Line {number}: The tree has no live category “{text[:80]}”.")
    return wanted, unknown


def _filled(min_products: int | None) -> set[int]:
    """Return the live categories with at least so many seen products in their subtree."""
    filings = (
        Filing.objects.filter(product__unseen_since=None)
        .exclude(source=FilingSource.MODEL)
        .order_by("product_id")
        .values_list("product_id", "category__lineage")
    )
    counts: Counter[int] = Counter()
    last, above = None, set[int]()
    for product, lineage in filings.iterator():
        if product != last:
            last, above = product, set()
        new = {int(part) for part in lineage.strip("/").split("/")} - above
        counts.update(new)  # a product filed twice below a category is still one
        above |= new
    live = set(Category.objects.live().values_list("id", flat=True))
    return {identity for identity, count in counts.items() if count >= (min_products or 0)} & live
