"""Acts of publishing: what happened when, and what the shop showed after each."""

from __future__ import annotations

from django.db.models import Count, Max, QuerySet

from ranking.models import Publication, Release


def releases() -> QuerySet[Release]:
    """Return all releases, newest first, each with `changed`: how many pages show another thing."""
    about = ("by", "run", "back_to")
    return Release.objects.select_related(*about).annotate(changed=Count("publications"))


def shown_after(release: Release) -> dict[int, Publication]:
    """Return what the shop showed after the release: publications by the page's id."""
    until = Publication.objects.filter(release__lte=release.pk).order_by()
    newest = until.values("page").annotate(newest=Max("id")).values_list("newest", flat=True)
    about = Publication.objects.select_related("listing", "page_run").defer("listing__body")
    shown = {one.page_id: one for one in about.filter(pk__in=newest)}
    for pk, pages in _withdrawals(release):
        for page in pages:
            if page in shown and shown[page].release_id < pk:
                del shown[page]
    return shown


def _withdrawals(until: Release) -> list[tuple[int, list[int]]]:
    """Releases that let pages show nothing any more, oldest first, and these pages."""
    rows = Release.objects.filter(pk__lte=until.pk).exclude(withdrawn=[]).order_by("id")
    return list(rows.values_list("id", "withdrawn"))
