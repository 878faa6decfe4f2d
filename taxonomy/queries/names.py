"""All that categories are called: in every locale, and on the shop's own screens."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, Max

from taxonomy.models import Category, CategoryName
from taxonomy.queries.kept import Kept, tree_version, version_of

WORD = re.compile(r"\w+")


class Name(NamedTuple):
    """One name of one category, as written, and with its path as searches compare it."""

    category: int
    written: str
    folded: str
    path: str


@dataclass(frozen=True)
class Names:
    """Every name, and every word of them once."""

    all: list[Name]
    words: list[str]


def names() -> Names:
    """Return every name of every category; read once, and again when the tree has changed."""
    other = CategoryName.objects.aggregate(newest=Max("id"), all=Count("id"))
    return _names.at(version_of(tree_version(), *other.values()))


def fold(text: str) -> str:
    """Return the text as searches compare it: no case, no accents, single spaces."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())


def _read() -> Names:
    own = Category.objects.order_by().values_list("id", "name", "path")
    shown = Category.objects.exclude(display_name="").values_list("id", "display_name", "path")
    other = CategoryName.objects.values_list("category", "name", "path")
    found = [
        Name(pk, name, fold(name), fold(path))
        for rows in (own, shown, other)
        for pk, name, path in rows.iterator()
    ]
    words = {word for name in found for word in WORD.findall(name.folded)}
    return Names(found, sorted(words))


_names = Kept("names", _read)
