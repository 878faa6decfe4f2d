"""Finding categories by their names in any locale."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django.core.cache import cache

from taxonomy.models import Category, CategoryName
from taxonomy.queries.tree import RECENT, tree_version


@dataclass(frozen=True)
class Found:
    """A category that a search found, and the name that matched when it is not its own."""

    category: Category
    other_name: str


def search(text: str, limit: int = 60) -> list[Found]:
    """Return the categories whose name in any locale, or whose path, holds all of the words.

    Case and accents do not matter. Names that are the text come first, then those that begin
    with it, then those with a word that does. A number finds the category with that id.
    """
    wanted = fold(text)
    if not wanted:
        return []
    best: dict[int, tuple[int, int, str]] = {}
    for pk, name, folded_name, folded_path in _names():
        rank = _rank(wanted, str(pk), folded_name, folded_path)
        if rank is not None:
            best[pk] = min(best.get(pk, (9, 0, "")), (rank, len(folded_path), name))
    order = sorted(best, key=lambda pk: (*best[pk][:2], pk))[:limit]
    categories = Category.objects.in_bulk(order)
    found = [(categories[pk], best[pk][2]) for pk in order if pk in categories]
    return [Found(one, "" if name == one.name else name) for one, name in found]


def fold(text: str) -> str:
    """Return the text as searches compare it: no case, no accents, single spaces."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())


def _rank(wanted: str, number: str, name: str, path: str) -> int | None:
    if wanted in (number, name):
        return 0
    if name.startswith(wanted):
        return 1
    if f" {wanted}" in name:
        return 2
    if wanted in name:
        return 3
    words = wanted.split()
    if all(word in name for word in words):
        return 4
    return 5 if all(word in path for word in words) else None


def _names() -> list[tuple[int, str, str, str]]:
    key = f"names-{tree_version()}"
    found: list[tuple[int, str, str, str]] | None = cache.get(key)
    if found is None:
        own = Category.objects.order_by().values_list("id", "name", "path")
        other = CategoryName.objects.values_list("category", "name", "path")
        found = [
            (pk, name, fold(name), fold(path)) for pk, name, path in own.union(other, all=True)
        ]
        cache.set(key, found, RECENT)
    return found
