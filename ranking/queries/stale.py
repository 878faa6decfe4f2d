"""Pages whose ranking is older than something that it follows from.

A text moves products only among the children of one parent, so it makes those pages stale that
have the same parent as the category it is about, and no others. A branch's rules make the pages
at it and below it stale; a judgment, or a product that is filed there, that page alone. What feeds
say of known products is not looked at here: the night's run sees to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce

from judgments.models import Judgment
from ranking.models import BranchRules, PageRun, Run, State
from ranking.queries.rules import live_rules, newest_rules_over
from taxonomy.models import Category, Filing, FilingSource, Revision, RevisionState
from taxonomy.queries.discriminators import CountedTexts, texts_until

# A page that waits for its turn in a run is not stale: that run reads the newer text.
COUNTED = (State.DONE, State.WAITING, State.RUNNING)


def stale_pages() -> QuerySet[Category]:
    """Return the ranked pages that something has been said about since, by the tree.

    Each has `texts_until`, the newest revision that its ranking knows, and `newest_text`, the
    newest live one among its siblings and itself; and the same of rules as `rules_until` and
    `newest_rules`, of its branch and those above; `new_judgments` and `new_filings` are how many
    came since. A page never ranked is not stale.
    """
    parts = PageRun.objects.filter(page=OuterRef("pk"))
    counted = parts.filter(state__in=COUNTED).order_by("-id")
    texts = KeyTextTransform("discriminators_until", "run__settings")
    rules = KeyTextTransform("until", KeyTransform("rules", "run__settings"))
    known = counted.annotate(
        texts=Cast(texts, BigIntegerField()),
        rules=Cast(rules, BigIntegerField()),
        judged=Cast(KeyTextTransform("judgments_until", "run__settings"), BigIntegerField()),
    )
    # Asked in two ways, since nothing equals the parent that a root does not have.
    newest = Case(
        When(parent=None, then=Subquery(_newest(_live_among(None)))),
        default=Subquery(_newest(_live_among(OuterRef("parent")))),
    )
    pages = Category.objects.pages().annotate(
        texts_until=Coalesce(Subquery(known.values("texts")[:1]), 0),
        newest_text=newest,
        rules_until=Coalesce(Subquery(known.values("rules")[:1]), 0),
        newest_rules=newest_rules_over(OuterRef("lineage")),
        judgments_until=Subquery(known.values("judged")[:1]),
        as_of=Subquery(known.values("run__as_of")[:1]),
    )
    pages = pages.annotate(new_judgments=_judgments_since(), new_filings=_filings_since())
    is_older = Q(newest_text__gt=F("texts_until")) | Q(newest_rules__gt=F("rules_until"))
    is_older |= Q(new_judgments__gt=0) | Q(new_filings__gt=0)
    return pages.filter(is_older, Exists(parts.filter(state=State.DONE))).order_by("path", "id")


@dataclass(frozen=True)
class StaleLine:
    """A stale page and what made it so: the newest live revision of each text, newest first, and
    of each branch's rules; and how many judgments and filings."""

    page: Category
    texts: list[Revision]
    rules: list[BranchRules]
    judgments: int
    filings: int


def stale_lines(pages: Iterable[Category]) -> list[StaleLine]:
    """Return these pages of `stale_pages` with what made them stale: two queries, however many."""
    pages = list(pages)
    known: dict[int, int] = {page.pk: page.texts_until for page in pages}  # type: ignore[attr-defined]  # annotated
    parents = {page.parent_id for page in pages}
    newest: dict[int, Revision] = {}
    for revision in _live_after(min(known.values(), default=0), parents):
        newest.setdefault(revision.discriminator_id, revision)
    rules = live_rules()
    return [
        StaleLine(
            page,
            texts=[
                revision
                for revision in newest.values()
                if revision.pk > known[page.pk]
                and revision.discriminator.category.parent_id == page.parent_id
            ],
            rules=[
                rules[pk]
                for pk in (None, *page.lineage_ids)
                if pk in rules and rules[pk].pk > page.rules_until  # type: ignore[attr-defined]  # annotated
            ],
            judgments=page.new_judgments,  # type: ignore[attr-defined]  # annotated
            filings=page.new_filings,  # type: ignore[attr-defined]  # annotated
        )
        for page in pages
    ]


def stale_line(page: Category) -> StaleLine | None:
    """Return what made this page stale; None when nothing did."""
    return next(iter(stale_lines(stale_pages().filter(pk=page.pk))), None)


def counted_texts(run: Run, page: Category | None = None) -> CountedTexts | None:
    """Return which texts the run knows, of a page those that tell it and its siblings apart.

    None for runs from before there were texts.
    """
    until = run.settings.get("discriminators_until")
    return None if until is None else texts_until(until, page)


def _live_after(until: int, parents: set[int | None]) -> QuerySet[Revision]:
    """All live revisions newer than `until` about children of these parents, newest first."""
    below = Q(discriminator__category__parent__in=parents - {None})
    if None in parents:
        below |= Q(discriminator__category__parent=None)
    found = Revision.objects.filter(below, state=RevisionState.LIVE, id__gt=until)
    named = found.select_related("discriminator__category", "discriminator__sibling", "author")
    return named.order_by("-id")


def _live_among(parent: OuterRef | int | None) -> QuerySet[Revision]:
    """The live revisions of all texts about children of a parent."""
    return Revision.objects.filter(state=RevisionState.LIVE, discriminator__category__parent=parent)


def _judgments_since() -> Coalesce:
    """How many judgments of the page its run has not seen; none where that is not known."""
    since = Judgment.objects.filter(page=OuterRef("pk"), id__gt=OuterRef("judgments_until"))
    return _counted(since.order_by().values("page"))


def _filings_since() -> Coalesce:
    """How many products people and feeds have filed under the page itself since its run."""
    since = Filing.objects.filter(category=OuterRef("pk"), made_at__gt=OuterRef("as_of"))
    return _counted(since.exclude(source=FilingSource.MODEL).order_by().values("category"))


def _counted(rows: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(rows.annotate(n=Count("id")).values("n")), 0)


def _newest(revisions: QuerySet[Revision]) -> QuerySet[Revision, Any]:
    newest = revisions.order_by().values("state").annotate(newest=Max("id"))
    return newest.values("newest")
