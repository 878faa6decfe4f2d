"""Reads of the tree, its figures rolled up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Max, Q, QuerySet

from taxonomy.models import FIRST_SHOP_ID, Category, CategoryName, Filing, Import

RECENT = 300  # seconds that figures of the whole tree are kept; their key changes with the rows


@dataclass(frozen=True)
class Subtree:
    """What lies in a category and below it."""

    products: int = 0
    pages: int = 0


@dataclass(frozen=True)
class Branch:
    """A category as a line of the tree; `branches` is None while it is folded."""

    category: Category
    subtree: Subtree
    has_children: bool
    branches: list[Branch] | None = None


def subtrees() -> dict[int, Subtree]:
    """Return for each category the products filed and the pages switched on below it.

    A product counts once per category that it is filed in. Reads the rows once for the whole
    tree, however many of its nodes are on screen, and again only when they have changed.
    """
    key = f"subtrees-{tree_version()}"
    found: dict[int, Subtree] | None = cache.get(key)
    if found is None:
        found = _roll_up()
        cache.set(key, found, RECENT)
    return found


def branches(parent: Category | None, unfolded: list[int] | None = None) -> list[Branch]:
    """Return the lines below `parent` (the roots for None), with those in `unfolded` opened.

    One query a level, since `unfolded` is a way down the tree.
    """
    return _branches(parent, set(unfolded or []), subtrees())


def branch(category: Category, *, unfolded: bool) -> Branch:
    """Return one line of the tree, with those below it when it is unfolded."""
    return Branch(
        category,
        subtrees().get(category.pk, Subtree()),
        category.children.exists(),
        branches(category) if unfolded else None,
    )


def ancestors(category: Category) -> list[Category]:
    """Return the categories above, from the root down."""
    found = Category.objects.in_bulk(category.lineage_ids[:-1])
    return [found[pk] for pk in category.lineage_ids[:-1] if pk in found]


def siblings(category: Category) -> QuerySet[Category]:
    """Return the live categories with the same parent, without the category itself."""
    same_parent = Category.objects.live().filter(parent=category.parent_id)
    return same_parent.exclude(pk=category.pk).order_by("name", "id")


def pages_without_products() -> QuerySet[Category]:
    """Return the pages in whose subtree nothing is filed."""
    figures = subtrees()
    pages = Category.objects.pages()
    empty = [pk for pk in pages.values_list("id", flat=True) if not figures[pk].products]
    return Category.objects.filter(pk__in=empty)


def retired_with_products() -> QuerySet[Category]:
    """Return the retired categories that products are still filed in, as `n`, most first."""
    retired = Category.objects.filter(retired_at__isnull=False)
    return retired.annotate(n=Count("filings")).filter(n__gt=0).order_by("-n", "path")


@dataclass(frozen=True)
class TreeFigures:
    """How large the tree is, and of what it is made."""

    live: int
    shops_own: int
    retired: int
    pages: int
    locales: int


def tree_figures() -> TreeFigures:
    """Return the size of the tree."""
    live = Q(retired_at=None)
    counts = Category.objects.aggregate(
        live=Count("id", filter=live),
        shops_own=Count("id", filter=live & Q(id__gte=FIRST_SHOP_ID)),
        retired=Count("id", filter=~live),
        pages=Count("id", filter=live & Q(is_page=True)),
    )
    locales = CategoryName.objects.values("locale").distinct().count()
    return TreeFigures(**counts, locales=locales)


def _branches(
    parent: Category | None, opened: set[int], figures: dict[int, Subtree]
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


def tree_version() -> str:
    """Return what changes whenever the tree, or what is filed in it, does."""
    newest = Filing.objects.aggregate(newest=Max("id"))["newest"]
    imported = Import.objects.aggregate(newest=Max("id"))["newest"]
    categories = Category.objects.aggregate(
        all=Count("id"), pages=Count("id", filter=Q(is_page=True)), retired=Count("retired_at")
    )
    return "-".join(map(str, (newest, imported, *categories.values())))


def _roll_up() -> dict[int, Subtree]:
    filed = dict(
        Filing.objects.order_by().values_list("category").annotate(Count("product", distinct=True))
    )
    products: Counter[int] = Counter()
    pages: Counter[int] = Counter()
    tree = Category.objects.order_by().only("id", "lineage", "is_page", "retired_at")
    for category in tree:
        for above in category.lineage_ids:
            products[above] += filed.get(category.pk, 0)
            pages[above] += category.is_page and category.retired_at is None
    return {category.pk: Subtree(products[category.pk], pages[category.pk]) for category in tree}
