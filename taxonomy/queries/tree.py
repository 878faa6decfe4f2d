"""Reads of the tree: its lines as they are folded out, its columns, and what is around a node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from taxonomy.models import Category
from taxonomy.queries.counts import Subtree, subtrees


@dataclass(frozen=True)
class Branch:
    """A category as a line of the tree; `branches` is None while it is folded."""

    category: Category
    subtree: Subtree
    has_children: bool
    branches: list[Branch] | None = None


@dataclass(frozen=True)
class Column:
    """The children of one category (of none: the roots), one of them perhaps opened."""

    parent: Category | None
    branches: list[Branch]
    opened: int | None


def branches(parent: Category | None, unfolded: list[int] | None = None) -> list[Branch]:
    """Return the lines below `parent` (the roots for None), with those in `unfolded` opened.

    Two queries a level, since `unfolded` is a way down the tree.
    """
    return _branches(parent, set(unfolded or []), subtrees())


def branch(category: Category, *, unfolded: bool) -> Branch:
    """Return one line of the tree, with those below it when it is unfolded."""
    figures = subtrees()
    return Branch(
        category,
        figures.get(category.pk, Subtree()),
        category.children.exists(),
        _branches(category, set(), figures) if unfolded else None,
    )


def columns(opened: Category | None) -> list[Column]:
    """Return the roots and what is below each category on the way down to the one opened."""
    way = [*ancestors(opened), opened] if opened else []
    parents, figures = [None, *way], subtrees()
    found = [
        Column(parent, _branches(parent, set(), figures), below.pk if below else None)
        for parent, below in zip(parents, [*way, None], strict=True)
    ]
    return [column for column in found if column.branches]


def ancestors(category: Category) -> list[Category]:
    """Return the categories above, from the root down."""
    found = Category.objects.in_bulk(category.lineage_ids[:-1])
    return [found[pk] for pk in category.lineage_ids[:-1] if pk in found]


def siblings(category: Category) -> QuerySet[Category]:
    """Return the live categories with the same parent, without the category itself."""
    same_parent = Category.objects.live().filter(parent=category.parent_id)
    return same_parent.exclude(pk=category.pk).order_by("name", "id")


def _branches(
    parent: Category | None, opened: set[int], figures: Mapping[int, Subtree]
) -> list[Branch]:
    children = list(Category.objects.filter(parent=parent).order_by("name", "id"))
    parents = set(Category.objects.filter(parent__in=children).values_list("parent", flat=True))
    return [
        Branch(
            child,
            figures.get(child.pk, Subtree()),
            child.pk in parents,
            _branches(child, opened, figures) if child.pk in opened else None,
        )
        for child in children
    ]
