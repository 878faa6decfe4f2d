"""What pages show now: reads of the pointer. Each read is one query, and so sees no mixture."""

from __future__ import annotations

from collections.abc import Iterable

from ranking.models import Publication, Release, Shown
from taxonomy.models import Category


def shown_publication(page: Category | int) -> Publication | None:
    """Return what the page shows now, with its listing, release, page run and run; None: not
    published."""
    pk = page if isinstance(page, int) else page.pk
    about = ("publication__release__by", "publication__page_run__run", "publication__listing")
    found = Shown.objects.filter(page=pk).select_related(*about).first()
    return found.publication if found else None


def shown_publications(pages: Iterable[int]) -> dict[int, Publication]:
    """Return what these pages show now, by the page's id; unpublished ones are left out.

    Each with its release, page run and run, and its listing but for the body.
    """
    about = ("publication__release", "publication__page_run__run", "publication__listing")
    found = Shown.objects.filter(page__in=list(pages)).select_related(*about)
    return {one.page_id: one.publication for one in found.defer("publication__listing__body")}


def newest_release() -> Release | None:
    """Return the last act of publishing, which the next one is based on."""
    return Release.objects.select_related("by", "run").first()
