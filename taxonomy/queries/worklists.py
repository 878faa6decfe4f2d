"""Categories that ask for work, each kind as a list with its count; other apps add theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from taxonomy.models import FIRST_SHOP_ID, Category, CategoryName, FilingSource, Revision
from taxonomy.queries.counts import subtrees
from taxonomy.queries.kept import RECENT, tree_version, version_of
from taxonomy.queries.updates import stranded

VIEW = "taxonomy.view_category"
Rows = QuerySet[Category]


def _nothing(_: Category) -> str:
    return ""


def _unchanging() -> str:
    return ""


@dataclass(frozen=True)
class WorkList:
    """Categories that wait for the same kind of work, in the order to do it in.

    `note` says of one of its rows why it stands there; `version` changes whenever the rows do
    for another reason than the tree, its filings or its texts.
    """

    key: str
    label: str
    about: str  # in a sentence
    rows: Callable[[], Rows]
    permission: str = VIEW
    note: Callable[[Category], str] = _nothing
    version: Callable[[], object] = _unchanging


@dataclass(frozen=True)
class CountedList:
    """A work list, and how long it is."""

    work: WorkList
    count: int


_added: dict[str, WorkList] = {}


def add_work_list(added: WorkList) -> None:
    """Have the tree offer this list too."""
    _added[added.key] = added


def work_lists(user: User, locale: str = "") -> list[WorkList]:
    """Return the lists that this person may see; `locale` is the one to translate into."""
    lists = [NO_TEXTS, *_added.values(), RETIRED, STRANDED, EMPTY, SHOPS_OWN]
    if locale:
        lists.append(_untranslated_list(locale))
    return [one for one in lists if user.has_perm(one.permission)]


def counted(lists: list[WorkList], *, pages_only: bool = False) -> list[CountedList]:
    """Return the lists with their counts, of active pages alone if so wanted."""
    newest = Revision.objects.aggregate(newest=Max("id"))["newest"]
    versions = [(one.key, one.version()) for one in lists]
    key = f"lists-{version_of(tree_version(), newest, pages_only, versions)}"
    counts: list[int] | None = cache.get(key)
    if counts is None:
        counts = [active(one.rows(), pages_only).count() for one in lists]
        cache.set(key, counts, RECENT)
    return [CountedList(one, count) for one, count in zip(lists, counts, strict=True)]


def active(rows: Rows, pages_only: bool) -> Rows:
    """Return the rows, or only those that are active pages."""
    return rows.filter(is_page=True, retired_at=None) if pages_only else rows


def locales() -> list[str]:
    """Return the locales, besides the home one, that categories have names in."""
    return sorted(CategoryName.objects.order_by().values_list("locale", flat=True).distinct())


def without_texts() -> Rows:
    """Return the pages beside other pages that no live text tells from them."""
    # Roots are beside roots, though nothing equals the parent that they do not have.
    above = Category.objects.pages().annotate(above=Coalesce("parent", 0))
    beside = above.filter(above=Coalesce(OuterRef("parent"), 0)).exclude(pk=OuterRef("pk"))
    about = Q(discriminator__category=OuterRef("pk")) | Q(discriminator__sibling=OuterRef("pk"))
    told = Revision.objects.live().exclude(text="").filter(about)
    return Category.objects.pages().filter(Exists(beside), ~Exists(told)).order_by("path", "id")


def retired_with_products() -> Rows:
    """Return the retired categories that products are still filed in, as `n`, most first."""
    retired = Category.objects.filter(retired_at__isnull=False)
    said = ~Q(filings__source=FilingSource.MODEL)
    counted = Count("filings__product", filter=said, distinct=True)
    filed = retired.annotate(n=counted).filter(n__gt=0)
    return filed.order_by("-n", "path")


def pages_without_products() -> Rows:
    """Return the pages in whose subtree nothing is filed."""
    figures = subtrees()
    pages = Category.objects.pages().values_list("id", flat=True)
    empty = [pk for pk in pages if not figures[pk].products]
    return Category.objects.filter(pk__in=empty).order_by("path", "id")


def shops_own() -> Rows:
    """Return the live categories that the shop added to Google's."""
    return Category.objects.live().filter(id__gte=FIRST_SHOP_ID).order_by("path", "id")


def untranslated(locale: str) -> Rows:
    """Return the live categories without a name in the locale."""
    named = CategoryName.objects.filter(category=OuterRef("pk"), locale=locale)
    return Category.objects.live().filter(~Exists(named)).order_by("path", "id")


def _still_filed(category: Category) -> str:
    number: int = category.n  # type: ignore[attr-defined]  # annotated
    return f"{number:,} product{'' if number == 1 else 's'} still filed"


def _untranslated_list(locale: str) -> WorkList:
    about = f"Live categories without a name in {locale}."
    return WorkList(
        "untranslated", f"Not in {locale}", about, partial(untranslated, locale),
        version=lambda: f"{locale}-{CategoryName.objects.count()}",
    )  # fmt: skip


NO_TEXTS = WorkList(
    "no-texts",
    "No texts yet",
    "Active pages beside other active pages, which no live text tells from them.",
    without_texts,
    permission="taxonomy.view_revision",
)
RETIRED = WorkList(
    "retired",
    "Retired, still filed in",
    "Retired categories that products are still filed in, the fullest first.",
    retired_with_products,
    note=_still_filed,
)
STRANDED = WorkList(
    "stranded",
    "Below a retired one",
    "The shop's own live categories below one that is retired: move them, or retire them too.",
    stranded,
)
EMPTY = WorkList(
    "empty",
    "Pages without products",
    "Active pages in and below which nothing is filed.",
    pages_without_products,
)
SHOPS_OWN = WorkList(
    "own", "The shop's own", "Live categories that the shop added to Google's.", shops_own
)
