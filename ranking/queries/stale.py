"""Pages whose ranking is older than a text that tells them from their siblings.

A text moves products only among the children of one parent, so it makes those pages stale that
have the same parent as the category it is about, and no others.
"""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Case, F, Max, OuterRef, QuerySet, Subquery, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from ranking.models import PageRun, State
from taxonomy.models import Category, Revision, RevisionState

# A page that waits for its turn in a run is not stale: that run reads the newer text.
COUNTED = (State.DONE, State.WAITING, State.RUNNING)


def stale_pages() -> QuerySet[Category]:
    """Return the ranked pages for which a text has changed since, in the order of the tree.

    Each has `texts_until`, the newest revision that its ranking knows, and `newest_text`, the
    newest live one among its siblings and itself. A page never ranked is not stale.
    """
    parts = PageRun.objects.filter(page=OuterRef("pk"))
    until = Cast(KeyTextTransform("discriminators_until", "run__settings"), BigIntegerField())
    known = parts.filter(state__in=COUNTED).order_by("-id").annotate(until=until).values("until")
    # Asked in two ways, since nothing equals the parent that a root does not have.
    newest = Case(
        When(parent=None, then=Subquery(_newest(_live_among(None)))),
        default=Subquery(_newest(_live_among(OuterRef("parent")))),
    )
    ranked = PageRun.objects.filter(state=State.DONE).values("page")
    pages = Category.objects.pages().annotate(
        texts_until=Coalesce(Subquery(known[:1]), 0), newest_text=newest
    )
    stale = pages.filter(pk__in=ranked, newest_text__gt=F("texts_until"))
    return stale.order_by("path", "id")


def texts_since(page: Category, until: int) -> QuerySet[Revision]:
    """Return what made the page's ranking stale: the live revisions newer than `until`.

    The newest of each text, with its two categories and its author; the newest first.
    """
    newer = _live_among(page.parent_id).filter(id__gt=until)
    newest = newer.filter(discriminator=OuterRef("discriminator")).order_by("-id").values("id")
    found = newer.filter(id=Subquery(newest[:1])).order_by("-id")
    return found.select_related("discriminator__category", "discriminator__sibling", "author")


def _live_among(parent: OuterRef | int | None) -> QuerySet[Revision]:
    """The live revisions of all texts about children of a parent."""
    return Revision.objects.filter(state=RevisionState.LIVE, discriminator__category__parent=parent)


def _newest(revisions: QuerySet[Revision]) -> QuerySet[Revision, Any]:
    newest = revisions.order_by().values("state").annotate(newest=Max("id"))
    return newest.values("newest")
