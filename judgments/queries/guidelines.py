"""Reads of how to judge: which guideline counts where, and what was said of it before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from judgments.models import Guideline, GuidelineRevision, GuidelineState, Judgment
from taxonomy.models import Category


@dataclass(frozen=True)
class GuidelineStanding:
    """How the guideline of one branch stands; the branch is None for the whole tree.

    `newest` is the revision that an edit goes on from, `live` the one that counts (None when
    there is none or it was withdrawn), `draft` the one that waits to be made live.
    """

    branch: Category | None
    place: Guideline | None
    newest: GuidelineRevision | None
    live: GuidelineRevision | None
    draft: GuidelineRevision | None

    @property
    def number(self) -> int:
        """What a form says it is based on: the newest revision's number, 0 for none."""
        return self.newest.number if self.newest else 0

    @property
    def said(self) -> GuidelineRevision | None:
        """What an editor starts with: the draft, or else the live one."""
        return self.draft or self.live

    @property
    def is_withdrawn(self) -> bool:
        """Whether it counted once and counts no more."""
        return self.newest is not None and self.live is None and self.draft is None


@dataclass(frozen=True)
class GuidelineLine:
    """A guideline in the list: how it stands, and how much goes by it."""

    standing: GuidelineStanding
    pages: int  # for which it counts, those of the branches below with their own left out
    judged: int  # judgments made by what is live now


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


def guideline_of_all() -> GuidelineRevision | None:
    """Return the live guideline of the whole tree."""
    live = GuidelineRevision.objects.live().exclude(text="")
    return live.filter(guideline__category=None).select_related("guideline").first()


def newest_of(branch: Category | None) -> GuidelineRevision | None:
    """Return the newest revision of the branch's own guideline, live or not."""
    every = GuidelineRevision.objects.filter(guideline__category=branch)
    return every.select_related("guideline__category", "author").order_by("-number").first()


def standing_of(branch: Category | None) -> GuidelineStanding:
    """Return how the branch's own guideline stands; without a branch, the whole tree's."""
    place = Guideline.objects.filter(category=branch).first()
    if place is None:
        return GuidelineStanding(branch, None, None, None, None)
    return _standings([place])[0]


def revisions_of(place: Guideline) -> QuerySet[GuidelineRevision]:
    """Return all that was ever said there, newest first, with `judged`: judgments made by it."""
    by_it = Judgment.objects.filter(guideline=OuterRef("pk"), withdrawn=False).order_by()
    judged = by_it.values("guideline").annotate(judged=Count("id")).values("judged")
    counted = place.revisions.annotate(judged=Coalesce(Subquery(judged), 0))
    return (
        counted.select_related("author")
        .prefetch_related("examples__product__retailer")
        .order_by("-number")
    )


def written_guidelines(state: str = "") -> QuerySet[Guideline]:
    """Return the places of guidelines, the whole tree's first, then in the order of the tree.

    `state` "draft" keeps those with a draft that waits.
    """
    said = GuidelineRevision.objects.filter(guideline=OuterRef("pk")).order_by("-id")
    places = Guideline.objects.annotate(newest_state=Subquery(said.values("state")[:1]))
    places = places.exclude(newest_state=None)
    if state == GuidelineState.DRAFT:
        places = places.filter(newest_state=GuidelineState.DRAFT)
    order = F("category__path").asc(nulls_first=True)
    return places.select_related("category").order_by(order, "id")


def guideline_lines(places: Iterable[Guideline]) -> list[GuidelineLine]:
    """Return what the list shows of these places; four queries, however many."""
    standings = _standings(list(places))
    live = [one.live.pk for one in standings if one.live]
    made = Judgment.objects.filter(guideline__in=live, withdrawn=False).order_by()
    judged = dict(made.values_list("guideline").annotate(Count("id")))
    counting = guidelines_of(Category.objects.pages().only("id", "lineage"))
    pages = Counter(revision.pk for revision in counting.values())
    return [
        GuidelineLine(one, pages[one.live.pk], judged.get(one.live.pk, 0))
        if one.live
        else GuidelineLine(one, 0, 0)
        for one in standings
    ]


def guidelines_below(branch: Category | None) -> QuerySet[Guideline]:
    """Return the places below the branch with a guideline of their own: there it counts less."""
    live = GuidelineRevision.objects.live().exclude(text="")
    below = Guideline.objects.filter(pk__in=live.values("guideline")).exclude(category=branch)
    if branch:
        below = below.filter(category__lineage__startswith=branch.lineage)
    return below.exclude(category=None).select_related("category").order_by("category__path")


def pages_without_guideline() -> int:
    """Return for how many pages no guideline counts."""
    pages = list(Category.objects.pages().only("id", "lineage"))
    return len(pages) - len(guidelines_of(pages))


def _nearest(
    lineage: list[int], places: dict[int | None, GuidelineRevision]
) -> GuidelineRevision | None:
    nearest_first = [*reversed(lineage), None]
    return next((places[pk] for pk in nearest_first if pk in places), None)


def _standings(places: list[Guideline]) -> list[GuidelineStanding]:
    said = GuidelineRevision.objects.filter(guideline=OuterRef("guideline")).order_by("-id")
    newest, live = said.values("id"), said.filter(state=GuidelineState.LIVE).values("id")
    last = Q(id=Subquery(newest[:1])) | Q(id=Subquery(live[:1]))
    rows: dict[int, list[GuidelineRevision]] = defaultdict(list)
    found = GuidelineRevision.objects.filter(last, guideline__in=places)
    for revision in found.select_related("author").order_by("id"):
        rows[revision.guideline_id].append(revision)
    return [_standing(place, rows[place.pk]) for place in places]


def _standing(place: Guideline, revisions: list[GuidelineRevision]) -> GuidelineStanding:
    live = [revision for revision in revisions if revision.state == GuidelineState.LIVE]
    newest = revisions[-1] if revisions else None
    return GuidelineStanding(
        branch=place.category,
        place=place,
        newest=newest,
        live=live[-1] if live and live[-1].text else None,
        draft=newest if newest and newest.state == GuidelineState.DRAFT else None,
    )
