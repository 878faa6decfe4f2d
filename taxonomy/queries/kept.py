"""Figures of the whole tree: worked out once, and again only when the rows have changed."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Generic, TypeVar
from uuid import uuid4

from django.core.cache import cache
from django.db.models import Count, Max, Q

from taxonomy.models import Category, CategoryChange, Filing, Import

RECENT = 300  # seconds that something is kept at most, though nothing has changed
Value = TypeVar("Value")


class Kept(Generic[Value]):
    """What was worked out last, kept in this process under the version it was made of.

    The cache holds only a token of the version: to read all names of the tree back from there
    at each letter typed would cost more than to search them.
    """

    def __init__(self, name: str, work: Callable[[], Value]) -> None:
        self._name, self._work = name, work
        self._kept: tuple[str, Value] | None = None

    def at(self, version: str) -> Value:
        """Return the value for the version of the rows."""
        token = cache.get_or_set(f"{self._name}-{version}", lambda: uuid4().hex, RECENT)
        kept = self._kept
        if kept is None or kept[0] != token:
            kept = self._kept = (str(token), self._work())
        return kept[1]


def tree_version() -> str:
    """Return what changes whenever the tree, or what is filed in it, does."""
    newest = [
        rows.aggregate(newest=Max("id"))["newest"]
        for rows in (Filing.objects, Import.objects, CategoryChange.objects)
    ]
    categories = Category.objects.aggregate(
        all=Count("id"), pages=Count("id", filter=Q(is_page=True)), retired=Count("retired_at")
    )
    return version_of(*newest, *categories.values())


def version_of(*parts: object) -> str:
    """Return what stands for all of the parts, short enough for the key of any cache."""
    return sha256("-".join(map(str, parts)).encode()).hexdigest()
