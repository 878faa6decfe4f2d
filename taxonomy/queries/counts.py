"""Figures of each category, rolled up the tree; other apps add theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db.models import Count, Q

from taxonomy.models import FIRST_SHOP_ID, Category, CategoryName, Filing, FilingSource
from taxonomy.queries.kept import Kept, tree_version, version_of

# Categories, and a number that they share: above several of them it counts once.
Groups = Iterable[tuple[tuple[int, ...], int]]


@dataclass(frozen=True)
class TreeCount:
    """A figure of categories that an app counts and the tree rolls up and shows.

    `version` changes whenever a number in `groups` does; `address` is where a category's number
    leads to.
    """

    key: str
    label: str
    about: str  # in a sentence
    permission: str  # to see it
    groups: Callable[[], Groups]
    version: Callable[[], object]
    address: Callable[[Category], str]


@dataclass(frozen=True)
class Subtree:
    """What lies in a category and below it, by the key of each count."""

    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def products(self) -> int:
        return self.counts.get("products", 0)

    @property
    def pages(self) -> int:
        return self.counts.get("pages", 0)


_added: dict[str, TreeCount] = {}


def add_count(count: TreeCount) -> None:
    """Have the tree count this too."""
    _added[count.key] = count


def added_counts(user: User) -> list[TreeCount]:
    """Return the counts of other apps that this person may see."""
    return [count for count in _added.values() if user.has_perm(count.permission)]


def subtrees() -> Mapping[int, Subtree]:
    """Return the figures of each category, with all that is below it.

    A product counts once per category that it is filed in by feeds or people. Reads the rows
    once for the whole tree, however many of its nodes are on screen, and again only when they
    have changed.
    """
    added = (count.version() for count in _added.values())
    return _subtrees.at(version_of(tree_version(), *added))


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


def _roll_up() -> dict[int, Subtree]:
    lineages = dict(Category.objects.order_by().values_list("id", "lineage"))
    way_up = {pk: tuple(map(int, way.strip("/").split("/"))) for pk, way in lineages.items()}
    groups = {"products": _filed(), "pages": _pages()}
    groups |= {count.key: count.groups() for count in _added.values()}
    totals = {key: _rolled_up(found, way_up) for key, found in groups.items()}
    return {
        pk: Subtree({key: total[pk] for key, total in totals.items() if pk in total})
        for pk in way_up
    }


def _rolled_up(groups: Groups, way_up: Mapping[int, tuple[int, ...]]) -> Counter[int]:
    totals: Counter[int] = Counter()
    for categories, number in groups:
        for pk in {above for category in categories for above in way_up.get(category, ())}:
            totals[pk] += number
    return totals


def _filed() -> Groups:
    # What a model supposes files nothing.
    filings = Filing.objects.exclude(source=FilingSource.MODEL).order_by()
    counted = filings.values_list("category").annotate(Count("product", distinct=True))
    return (((category,), number) for category, number in counted)


def _pages() -> Groups:
    return (((pk,), 1) for pk in Category.objects.pages().order_by().values_list("id", flat=True))


_subtrees = Kept("subtrees", _roll_up)
