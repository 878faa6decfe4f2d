"""Where a category may hang, and how the paths of all that is below it follow."""

from __future__ import annotations

from taxonomy.imports.nodes import LINEAGE_LIMIT
from taxonomy.imports.trees import PATH_LIMIT, STEP_LIMIT
from taxonomy.models import Category, CategoryName


class Refused(Exception):
    """An edit that cannot be done; the message says why in a sentence."""


class BadName(Refused):
    """A name that cannot be kept."""


class NameTaken(Refused):
    """A live sibling is called so already: `sibling`."""

    def __init__(self, sibling: Category) -> None:
        super().__init__(f"“{sibling.name}” ({sibling.pk}) hangs there already.")
        self.sibling = sibling


class Circle(Refused):
    """The category would hang below itself."""


class PathTooLong(Refused):
    """The category, or one below it, would be too deep or have too long a path."""


def refuse_bad_place(category: Category, name: str, parent: Category | None) -> None:
    """Raise what is wrong with the category being called so and hanging there.

    NameTaken, Circle or PathTooLong; the whole subtree is measured.
    """
    if parent and category.pk in parent.lineage_ids:
        raise Circle(f"“{category}” cannot hang below itself.")
    beside = Category.objects.live().filter(parent=parent).exclude(pk=category.pk)
    for sibling in beside:
        if sibling.name.casefold() == name.casefold():
            raise NameTaken(sibling)
    lineage = f"{parent.lineage if parent else '/'}{category.pk}/"
    path = f"{parent.path} > {name}" if parent else name
    _refuse_too_long(category, path, lineage)


def follow(category: Category) -> None:
    """Write the paths and lineages of the category and all below it anew, in every locale."""
    subtree = sorted(_below(category), key=lambda one: one.lineage.count("/"))
    settled: dict[int, Category] = {}
    if category.parent:
        settled[category.parent.pk] = category.parent
    for one in subtree:
        above = settled.get(one.parent_id or 0)
        one.path = f"{above.path} > {one.name}" if above else one.name
        one.lineage = f"{above.lineage if above else '/'}{one.pk}/"
        settled[one.pk] = one
    Category.objects.bulk_update(subtree, ["path", "lineage"], batch_size=500)
    category.path, category.lineage = settled[category.pk].path, settled[category.pk].lineage
    _follow_in_locales(subtree, settled)


def _follow_in_locales(subtree: list[Category], settled: dict[int, Category]) -> None:
    """Where a category above has no name in the locale, its own path stands for it."""
    names = CategoryName.objects.filter(category__in=settled)
    by_place = {(name.category_id, name.locale): name for name in names}
    changed = []
    for one in subtree:  # from the top down
        above = settled.get(one.parent_id or 0)
        for name in [name for (pk, _), name in by_place.items() if pk == one.pk]:
            there = by_place.get((above.pk, name.locale)) if above else None
            path = there.path if there else above.path if above else ""
            name.path = f"{path} > {name.name}" if path else name.name
            changed.append(name)
    CategoryName.objects.bulk_update(changed, ["path"], batch_size=500)


def _refuse_too_long(category: Category, path: str, lineage: str) -> None:
    # An added one has nothing below it, and no path yet.
    below = list(_below(category)) if category.path else []
    longest = max((len(one.path) for one in below), default=0) - len(category.path)
    longest_lineage = max((len(one.lineage) for one in below), default=0) - len(category.lineage)
    deepest = max((one.lineage.count("/") for one in below), default=0)
    steps = lineage.count("/") - 1 + max(0, deepest - category.lineage.count("/"))
    if steps > STEP_LIMIT:
        raise PathTooLong(f"The tree would be {steps} steps deep there; {STEP_LIMIT} are allowed.")
    if len(path) + longest > PATH_LIMIT or len(lineage) + longest_lineage > LINEAGE_LIMIT:
        raise PathTooLong(f"A path would be longer than {PATH_LIMIT:,} characters there.")


def _below(category: Category) -> list[Category]:
    return list(Category.objects.under(category))
