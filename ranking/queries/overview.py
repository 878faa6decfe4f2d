"""Reads of all pages at once: how each is ranked, and which need a look. Loads no arrays."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce

from judgments.queries import current_judgments
from ranking.models import PageRun, RankedProduct, Shown, State
from ranking.models.runs import PageRunQuerySet
from ranking.queries.stale import stale_pages
from taxonomy.models import Category

TRIED = (State.DONE, State.FAILED)
TOP = 10  # what people see first
PAGE_STATES = {
    "ranked": "ranked",
    "stale": "changed since ranked",
    "never": "not ranked yet",
    "failed": "last try failed",
    "short": "fewer than 10 products",
    "relaxed": "with relaxed rules",
    "changed": "new in the first ten",
    "unpublished": "not published",
    "doubted": "doubted in the first ten",
}
PAGE_ORDERS = {
    "": ("path",),
    "sure": (F("sure").asc(nulls_last=True), "path"),
    "-sure": (F("sure").desc(nulls_last=True), "path"),
    "shown": (F("n").asc(nulls_last=True), "path"),
    "-shown": (F("n").desc(nulls_last=True), "path"),
    "removed": (F("gone").asc(nulls_last=True), "path"),
    "-removed": (F("gone").desc(nulls_last=True), "path"),
    "new": (F("new").asc(nulls_last=True), "path"),
    "-new": (F("new").desc(nulls_last=True), "path"),
    "doubted": (F("doubted").asc(nulls_last=True), "path"),
    "-doubted": (F("doubted").desc(nulls_last=True), "path"),
}
# One in five: from here on somebody should have a look, though it stands among the first.
DOUBTED = 0.2


def neighbours(page: Category) -> tuple[Category | None, Category | None]:
    """Return the pages before and after this one, in the order of the tree."""
    before = Q(path__lt=page.path) | Q(path=page.path, id__lt=page.pk)
    after = Q(path__gt=page.path) | Q(path=page.path, id__gt=page.pk)
    pages = Category.objects.pages()
    return (
        pages.filter(before).order_by("-path", "-id").first(),
        pages.filter(after).order_by("path", "id").first(),
    )


def pages_in_order(pages: QuerySet[Category], order: str) -> QuerySet[Category]:
    """Return the pages of `pages_overview` by a key of PAGE_ORDERS; never ranked ones last."""
    done = newest_done(OuterRef("pk"))
    top = RankedProduct.objects.filter(page_run=OuterRef("holder_id"), position__lte=TOP)
    mean = top.order_by().values("page_run").annotate(mean=Avg("confidence")).values("mean")
    column = order.removeprefix("-")
    if column == "sure":
        pages = pages.annotate(sure=Subquery(mean))
    elif column == "shown":
        pages = pages.annotate(n=Subquery(done.values("shown")[:1]))
    elif column == "removed":
        pages = pages.annotate(gone=Subquery(done.values("removed")[:1]))
    elif column == "new":
        is_new = When(published_id__isnull=False, then=_counted(_new_in_top()))
        pages = pages.annotate(new=Case(is_new, output_field=IntegerField()))
    elif column == "doubted":
        pages = pages.annotate(doubted=_counted(_doubted_in_top()))
    return pages.order_by(*PAGE_ORDERS[order], "id")


def pages_overview(state: str = "", ids: list[int] | None = None) -> QuerySet[Category]:
    """Return the pages in the order of the tree.

    Each has `shown_run_id`, `holder_id` (the page run that has its products), `published_id` (the
    one that has the published products), `latest_state` (of its part in the newest run it is in)
    and `last_try` ("done" or "failed": how the newest part that came to an end did).

    `state` is a key of PAGE_STATES; `ids` keeps only those pages.
    """
    latest = PageRun.objects.filter(page=OuterRef("pk")).order_by("-id")
    done = newest_done(OuterRef("pk"))
    held = Coalesce("publication__page_run__carried_from", "publication__page_run")
    published = Shown.objects.filter(page=OuterRef("pk")).annotate(held_by=held)
    pages = Category.objects.pages() if ids is None else Category.objects.pages().filter(pk__in=ids)
    overview = pages.annotate(
        shown_run_id=Subquery(done.values("id")[:1]),
        holder_id=Subquery(done.holders()[:1]),
        published_id=Subquery(published.values("held_by")[:1]),
        latest_state=Subquery(latest.values("state")[:1]),
        last_try=Subquery(latest.filter(state__in=TRIED).values("state")[:1]),
    ).order_by("path", "id")
    match state:
        case "ranked":
            return overview.filter(shown_run_id__isnull=False)
        case "never":
            return overview.filter(shown_run_id=None)
        case "stale":
            return overview.filter(pk__in=stale_pages().values("pk"))
        case "failed":
            return overview.filter(last_try=State.FAILED)
        case "short":
            return overview.annotate(n=Subquery(done.values("shown")[:1])).filter(n__lt=TOP)
        case "relaxed":
            return overview.annotate(r=Subquery(done.values("relaxed")[:1])).filter(r__gt="")
        case "changed":
            return overview.filter(published_id__isnull=False).filter(Exists(_new_in_top()))
        case "unpublished":
            return overview.filter(shown_run_id__isnull=False, published_id=None)
        case "doubted":
            return overview.filter(Exists(_doubted_in_top()))
    return overview


@dataclass(frozen=True)
class PageLine:
    """A page as a line of the list: its ranking, if any, and how sure its top ten are."""

    page: Category
    page_run: PageRun | None
    latest_state: str
    last_try: str
    confidence: float | None
    stale: bool
    is_published: bool
    new: int  # among the first ten, that are not among the published first ten
    doubted: int  # among the first ten, that people or the machine take for wrong or misfiled


def page_lines(pages: list[Category]) -> list[PageLine]:
    """Return the pages of `pages_overview` with their rankings: four queries, however many."""
    stale = set(
        stale_pages().filter(pk__in=[page.pk for page in pages]).values_list("pk", flat=True)
    )
    ids: list[int] = [page.shown_run_id for page in pages if page.shown_run_id]  # type: ignore[attr-defined]  # annotated
    runs = PageRun.objects.select_related("run").in_bulk(ids)
    holders = [run.holder for run in runs.values()]
    top = RankedProduct.objects.filter(page_run__in=holders, position__lte=TOP).order_by()
    sure = dict(top.values_list("page_run").annotate(Avg("confidence")))
    counts = _counts([page.pk for page in pages])
    return [
        PageLine(
            page=page,
            page_run=runs.get(pk),
            latest_state=page.latest_state,  # type: ignore[attr-defined]  # annotated
            last_try=page.last_try,  # type: ignore[attr-defined]  # annotated
            confidence=sure.get(runs[pk].holder) if pk else None,
            stale=page.pk in stale,
            is_published=page.published_id is not None,  # type: ignore[attr-defined]  # annotated
            new=counts[page.pk][0],
            doubted=counts[page.pk][1],
        )
        for page in pages
        for pk in [page.shown_run_id]  # type: ignore[attr-defined]  # annotated
    ]


def _counts(ids: list[int]) -> dict[int, tuple[int, int]]:
    """How many of each page's first ten are new since it was published, and how many doubted."""
    counted = pages_overview(ids=ids).annotate(
        new=_counted(_new_in_top()), doubted=_counted(_doubted_in_top())
    )
    rows = counted.values_list("pk", "published_id", "new", "doubted")
    return {
        pk: (new or 0 if published else 0, doubted or 0) for pk, published, new, doubted in rows
    }


def _counted(rows: QuerySet[RankedProduct]) -> Subquery:
    return Subquery(rows.order_by().values("page_run").annotate(n=Count("id")).values("n"))


def _top() -> QuerySet[RankedProduct]:
    """The first ten of the newest ranking of a page of `pages_overview`, before rules by hand."""
    return RankedProduct.objects.filter(page_run=OuterRef("holder_id"), position__lte=TOP)


def _new_in_top() -> QuerySet[RankedProduct]:
    """Those that are not among the published first ten, where anything is published."""
    there = RankedProduct.objects.filter(
        page_run=OuterRef(OuterRef("published_id")), product=OuterRef("product"), position__lte=TOP
    )
    return _top().filter(~Exists(there))


def _doubted_in_top() -> QuerySet[RankedProduct]:
    """Those that the machine doubts, or somebody has called wrong or misfiled there."""
    said = current_judgments().filter(
        Q(grade=0) | Q(belongs_to__isnull=False),
        page=OuterRef(OuterRef("pk")),
        product=OuterRef("product"),
    )
    machine = Q(misfiled__gte=DOUBTED) | Q(chance_wrong__gte=DOUBTED)
    return _top().filter(machine | Exists(said))


def weakest_pages() -> QuerySet[PageRun]:
    """Return the rankings shown now, as `sure` the mean confidence of their top, weakest first."""
    newest = newest_done(OuterRef("page"))
    shown = PageRun.objects.filter(pk=Subquery(newest.values("id")[:1]), page__is_page=True)
    held = shown.annotate(held_by=Coalesce("carried_from", "id"))
    top = RankedProduct.objects.filter(page_run=OuterRef("held_by"), position__lte=TOP).order_by()
    mean = top.values("page_run").annotate(mean=Avg("confidence")).values("mean")
    weakest = held.annotate(sure=Subquery(mean)).exclude(sure=None).order_by("sure", "id")
    return weakest.select_related("page")


def page_state_counts() -> dict[str, int]:
    """Return how many pages are in each of PAGE_STATES; a page may be in several."""
    return {state: pages_overview(state).count() for state in PAGE_STATES}


def newest_done(page: OuterRef) -> PageRunQuerySet:
    return PageRun.objects.filter(page=page, state=State.DONE).order_by("-id")
