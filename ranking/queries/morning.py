"""What a merchandiser wants to know first in the morning. Loads no arrays."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from ranking.models import HandState, Night, Release
from ranking.queries import overview
from ranking.queries.releases import Waiting, waiting, waiting_run
from ranking.queries.shown import newest_release
from taxonomy.models import Category


@dataclass(frozen=True)
class Morning:
    """Last night in one glance, and what waits for a word."""

    night: Night | None  # None: no night was ever planned
    release: Release | None  # the last act of publishing
    waiting: Waiting | None  # a run that is not published
    drafted: list[Category]  # pages with rules by hand that are drafts, each with `drafts`
    changed: list[overview.PageLine]  # those with most new products among the first ten
    doubted: list[overview.PageLine]  # those with most that looks wrong among the first ten

    @property
    def drafts(self) -> int:
        """How many rules by hand are drafts, on all pages."""
        return sum(page.drafts for page in self.drafted)  # type: ignore[attr-defined]  # annotated


def morning(few: int) -> Morning:
    """Return what stands first on the merchandisers' home, with lists of a `few` pages each."""
    run = waiting_run()
    return Morning(
        night=Night.objects.select_related("run").first(),
        release=newest_release(),
        waiting=waiting(run) if run else None,
        drafted=list(drafted_pages()),
        changed=_lines("changed", "-new", few),
        doubted=_lines("doubted", "-doubted", few),
    )


def drafted_pages() -> QuerySet[Category]:
    """Return the pages with rules by hand that are drafts, most first, each with `drafts`."""
    drafts = Count("hand_rules", filter=Q(hand_rules__state=HandState.DRAFT))
    pages = Category.objects.pages().annotate(drafts=drafts)
    return pages.filter(drafts__gt=0).order_by("-drafts", "path", "id")


def _lines(state: str, order: str, few: int) -> list[overview.PageLine]:
    pages = overview.pages_in_order(overview.pages_overview(state), order)
    return overview.page_lines(list(pages[:few]))
