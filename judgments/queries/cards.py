"""What stands beside a product that is to be judged: all that one needs to know of the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from judgments.models import (
    Annotator,
    Answer,
    AnswerKind,
    CampaignState,
    Example,
    GuidelineRevision,
    Item,
    SeatState,
    Sitting,
)
from judgments.queries.anchors import Anchor, anchors_of
from judgments.queries.guidelines import guidelines_of
from taxonomy.models import Category, Revision


@dataclass(frozen=True, slots=True)
class Telling:
    """What makes a product one category rather than its sibling: each line one way to say it."""

    category: Category
    rather_than: Category
    lines: list[str]


@dataclass(frozen=True)
class PageCard:
    """A page as whoever judges sees it, alone or, with a `sibling`, as one of two."""

    page: Category
    sibling: Category | None
    ancestors: list[Category]
    siblings: list[Category]
    guideline: GuidelineRevision | None
    here: list[Telling]  # what makes it this page
    there: list[Telling]  # what makes it a sibling, rather than this page
    anchors: list[Anchor]
    sibling_anchors: list[Anchor]

    @property
    def key(self) -> str:
        """What the page is known by on a screen."""
        return page_key(self.page.pk, self.sibling.pk if self.sibling else None)

    @property
    def has_own_guideline(self) -> bool:
        """Whether the guideline is this very page's, not that of a branch above."""
        return self.guideline is not None and self.guideline.guideline.category_id == self.page.pk

    @property
    def examples(self) -> list[Example]:
        """The guideline's examples that say something beside this page."""
        if self.guideline is None:
            return []
        own = self.has_own_guideline
        return [example for example in self.guideline.examples.all() if own or example.why]


def page_key(page: int, sibling: int | None) -> str:
    """Return what a page is known by on a screen: "3", and "3-4" as one of two."""
    return f"{page}-{sibling}" if sibling else str(page)


def page_cards(
    questions: Collection[tuple[Category, Category | None]], annotator: Annotator
) -> list[PageCard]:
    """Return the pages (each with its sibling where it is one of two), every pair once.

    The number of queries does not grow with that of the pages.
    """
    pairs = {
        page_key(page.pk, other.pk if other else None): (page, other) for page, other in questions
    }
    pages = {page.pk: page for page, _ in pairs.values()}
    above = Category.objects.in_bulk({pk for page in pages.values() for pk in page.lineage_ids})
    others = {other.pk: other for _, other in pairs.values() if other}
    anchors = anchors_of((pages | others).values(), annotator)
    guidelines = guidelines_of(pages.values())
    prefetch_related_objects(list(set(guidelines.values())), "examples__product")
    siblings, tellings = _siblings(pages.values()), _tellings(pages)
    return [
        PageCard(
            page=page,
            sibling=other,
            ancestors=[above[pk] for pk in page.lineage_ids[:-1] if pk in above],
            siblings=[one for one in siblings[page.parent_id] if one != page],
            guideline=guidelines.get(page.pk),
            here=_between(tellings[page.pk], page, other),
            there=_between(tellings[page.pk], other, page),
            anchors=anchors[page.pk],
            sibling_anchors=anchors[other.pk] if other else [],
        )
        for page, other in pairs.values()
    ]


def open_questions() -> int:
    """Return how many items of running campaigns are open."""
    running = Item.objects.filter(campaign__state=CampaignState.RUNNING)
    return running.filter(closed=False, only_for=None).count()


def sittings_left(annotator: Annotator) -> QuerySet[Sitting]:
    """Return the sittings before which something stands still, as `held`; the newest first."""
    standing = Q(seats__state=SeatState.HELD, seats__lease_until__gt=timezone.now())
    return (
        annotator.sittings.annotate(held=Count("seats", filter=standing))
        .filter(held__gt=0)
        .select_related("campaign", "branch")
        .order_by("-seen_at")
    )


def answers_to_take_back(sitting: Sitting, limit: int = 20) -> list[Answer]:
    """Return the newest answers of a sitting that count and can be undone, the newest last."""
    counting = sitting.answers.filter(refused="", undone_by=None).exclude(kind=AnswerKind.UNDO)
    newest = counting.select_related("seat__item__product").order_by("-sequence")[:limit]
    return list(newest)[::-1]


def _siblings(pages: Collection[Category]) -> dict[int | None, list[Category]]:
    parents = {page.parent_id for page in pages}
    among = Q(parent__in=parents - {None})
    if None in parents:
        among |= Q(parent=None)
    found: dict[int | None, list[Category]] = defaultdict(list)
    for category in Category.objects.live().filter(among).order_by("name", "id"):
        found[category.parent_id].append(category)
    return found


def _tellings(pages: Collection[int]) -> dict[int, list[Telling]]:
    """What is said between each page and its siblings, in both directions, by the page's id."""
    about = Q(discriminator__category__in=pages) | Q(discriminator__sibling__in=pages)
    live = Revision.objects.live().exclude(text="").exclude(discriminator__sibling=None)
    found: dict[int, list[Telling]] = defaultdict(list)
    said = live.filter(about).select_related("discriminator__category", "discriminator__sibling")
    for revision in said.order_by("discriminator__category__name", "id"):
        category, other = revision.discriminator.category, revision.discriminator.sibling
        if other is None or category.parent_id != other.parent_id or category.retired_at:
            continue
        for end in {category.pk, other.pk} & set(pages):
            found[end].append(Telling(category, other, revision.lines))
    return found


def _between(
    tellings: list[Telling], category: Category | None, rather_than: Category | None
) -> list[Telling]:
    """Those that make it the one rather than the other; None stands for any."""
    return [
        one
        for one in tellings
        if category in (None, one.category) and rather_than in (None, one.rather_than)
    ]
