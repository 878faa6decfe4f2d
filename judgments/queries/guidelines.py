"""Reads of how to judge: which guideline counts where, and what was said of it before."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from judgments.models import GuidelineRevision
from taxonomy.models import Category


def guideline_of(page: Category) -> GuidelineRevision | None:
    """Return the live guideline that counts for the page: the nearest, of it or a branch above.

    None where there is none, the whole tree's included.
    """
    return guidelines_of([page]).get(page.pk)


def guidelines_of(pages: Iterable[Category]) -> dict[int, GuidelineRevision]:
    """Return the guideline that counts for each page that has one, by the page's id; one query."""
    lineages = {page.pk: page.lineage_ids for page in pages}
    above = {pk for lineage in lineages.values() for pk in lineage}
    live = GuidelineRevision.objects.live().exclude(text="")
    found = live.filter(Q(guideline__category=None) | Q(guideline__category__in=above))
    places = {
        revision.guideline.category_id: revision
        for revision in found.select_related("guideline__category")
    }
    counting = {pk: _nearest(lineage, places) for pk, lineage in lineages.items()}
    return {pk: revision for pk, revision in counting.items() if revision}


def _nearest(
    lineage: list[int], places: dict[int | None, GuidelineRevision]
) -> GuidelineRevision | None:
    nearest_first = [*reversed(lineage), None]
    return next((places[pk] for pk in nearest_first if pk in places), None)
