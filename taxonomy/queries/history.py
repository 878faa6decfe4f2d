"""What was done to categories and said about them: changes, texts and comments in one order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import CharField, F, Q, QuerySet, Value

from taxonomy.models import Category, CategoryChange, Comment, Revision
from taxonomy.queries.updates import told

CHANGE, TEXT, COMMENT = "change", "text", "comment"
Moments = QuerySet[Any, tuple[str, int, datetime]]


@dataclass(frozen=True)
class Event:
    """One thing of a category's history: a change, a revision or a comment.

    `other` is the category that a change speaks of, such as the one that takes its place.
    """

    category: Category
    at: datetime
    author: User | None
    change: CategoryChange | None = None
    other: Category | None = None
    revision: Revision | None = None
    comment: Comment | None = None


def moments(
    category: Category | None = None,
    *,
    under: Category | None = None,
    by: User | None = None,
    with_versions: bool = True,
) -> Moments:
    """Return what happened as (kind, id, moment), the newest first.

    To one category, or to all `under` one, or to the whole tree; by one person, or by all. What
    versions of the tree did to thousands at once may be left out.
    """
    changes = CategoryChange.objects.all()
    found = [
        _of(rows, kind, _about(field, category, under), by)
        for rows, kind, field in (
            (changes if with_versions else changes.filter(update=None), CHANGE, "category"),
            (Revision.objects.all(), TEXT, "discriminator__category"),
            (Comment.objects.all(), COMMENT, "category"),
        )
    ]
    return found[0].union(*found[1:], all=True).order_by("-at", "-row")


def events(found: Iterable[tuple[str, int, datetime]]) -> list[Event]:
    """Return the moments with all that there is to show of them: four queries, however many."""
    rows = list(found)
    ids = {kind: [pk for one, pk, _ in rows if one == kind] for kind in (CHANGE, TEXT, COMMENT)}
    changes = CategoryChange.objects.select_related("category", "author", "update")
    revisions = Revision.objects.select_related(
        "discriminator__category", "discriminator__sibling", "author"
    )
    comments = Comment.objects.select_related("category", "author")
    by_place: dict[tuple[str, int], Event] = {}
    changed = changes.in_bulk(ids[CHANGE])
    for pk, event in zip(changed, change_events(changed.values()), strict=True):
        by_place[CHANGE, pk] = event
    for pk, revision in revisions.in_bulk(ids[TEXT]).items():
        category = revision.discriminator.category
        by_place[TEXT, pk] = Event(category, revision.made_at, revision.author, revision=revision)
    for pk, comment in comments.in_bulk(ids[COMMENT]).items():
        by_place[COMMENT, pk] = Event(
            comment.category, comment.made_at, comment.author, comment=comment
        )
    return [by_place[kind, pk] for kind, pk, _ in rows if (kind, pk) in by_place]


def change_events(changes: Iterable[CategoryChange]) -> list[Event]:
    """Return the changes as events of the categories that they were made to."""
    return [
        Event(one.category, one.made_at, one.author, change=one, other=spoken.other)
        for spoken in told(changes)
        for one in [spoken.change]
    ]


def authors() -> QuerySet[User]:
    """Return the people who changed, wrote or said anything, by name."""
    wrote = Q()
    for rows in (CategoryChange.objects, Revision.objects, Comment.objects):
        wrote |= Q(pk__in=rows.filter(author__isnull=False).order_by().values("author"))
    return User.objects.filter(wrote).order_by("username")


def _about(field: str, category: Category | None, under: Category | None) -> Q:
    if category:
        return Q(**{field: category})
    return Q(**{f"{field}__lineage__startswith": under.lineage}) if under else Q()


def _of(rows: QuerySet[Any], kind: str, about: Q, by: User | None) -> Moments:
    found: QuerySet[Any] = rows.filter(about, author=by) if by else rows.filter(about)
    what = Value(kind, output_field=CharField())
    named: Moments = (
        found.order_by()
        .annotate(what=what, row=F("id"), at=F("made_at"))
        .values_list("what", "row", "at")
    )
    return named
