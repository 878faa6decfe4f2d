"""Reads of the texts that tell siblings apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from taxonomy.models import Category, Discriminator, Revision, RevisionState
from taxonomy.queries.tree import siblings

TEXT_STATES = {
    "live": "live",
    "draft": "a draft waits",
    "withdrawn": "withdrawn",
    "retired": "tell nothing apart any more",
}


@dataclass(frozen=True)
class TextState:
    """How the text of one place stands.

    `newest` is the revision that an edit goes on from, `live` the one that counts (None when
    there is none or it was withdrawn), `draft` the one that waits to be made live.
    """

    category: Category
    sibling: Category | None
    discriminator: Discriminator | None
    newest: Revision | None
    live: Revision | None
    draft: Revision | None

    @property
    def number(self) -> int:
        """What a form says it is based on: the newest revision's number, 0 for none."""
        return self.newest.number if self.newest else 0

    @property
    def text(self) -> str:
        """What an editor starts with: the draft, or else the live text."""
        said = self.draft or self.live
        return said.text if said else ""

    @property
    def is_withdrawn(self) -> bool:
        """Whether it counted once and counts no more."""
        return self.newest is not None and self.live is None and self.draft is None

    @property
    def tells_nothing(self) -> bool:
        """Whether its categories are no live siblings any more."""
        category, sibling = self.category, self.sibling
        if category.retired_at or (sibling and sibling.retired_at):
            return True
        return sibling is not None and sibling.parent_id != category.parent_id


@dataclass(frozen=True)
class CategoryTexts:
    """What is said about a category: alone, and with each sibling in both directions."""

    alone: TextState
    pairs: list[tuple[TextState, TextState]]

    @property
    def written(self) -> list[tuple[TextState, TextState]]:
        """The pairs of which somebody has said something."""
        return [pair for pair in self.pairs if pair[0].newest or pair[1].newest]


@dataclass(frozen=True)
class CountedTexts:
    """The texts that counted at a time."""

    count: int
    newest: Revision | None


def text_of(category: Category, sibling: Category | None) -> TextState:
    """Return how the text of the category rather than the sibling (or alone) stands."""
    place = Discriminator.objects.filter(category=category, sibling=sibling).first()
    return _states([(category, sibling)], [place] if place else [])[0]


def texts_of_pair(first: Category, second: Category) -> tuple[TextState, TextState]:
    """Return how the texts of both directions stand: the first's rather than the second's first."""
    return text_of(first, second), text_of(second, first)


def category_texts(category: Category) -> CategoryTexts:
    """Return all that is said about a category, siblings by name; three queries."""
    others = list(siblings(category))
    places = Discriminator.objects.filter(Q(category=category) | Q(sibling=category))
    mine = [(category, other) for other in others]
    theirs = [(other, category) for other in others]
    states = _states([(category, None), *mine, *theirs], places)
    after = 1 + len(others)
    return CategoryTexts(states[0], list(zip(states[1:after], states[after:], strict=True)))


def texts(state: str = "") -> QuerySet[Discriminator]:
    """Return the places of texts in the order of the tree; `state` is a key of TEXT_STATES."""
    said = Revision.objects.filter(discriminator=OuterRef("pk")).order_by("-id")
    live = Subquery(said.filter(state=RevisionState.LIVE).values("text")[:1])
    newest_state = Subquery(said.values("state")[:1])
    # A place may have been named as one that lacks a text: nothing has been said there yet.
    said_of = Discriminator.objects.filter(Exists(said))
    places = said_of.annotate(live_text=live, newest_state=newest_state)
    match state:
        case "live":
            places = places.filter(live_text__gt="")
        case "draft":
            places = places.filter(newest_state=RevisionState.DRAFT)
        case "withdrawn":
            places = places.filter(newest_state=RevisionState.LIVE, live_text="")
        case "retired":
            places = places.filter(_tells_nothing())
    order = ("category__path", "category_id", F("sibling__path").asc(nulls_first=True), "id")
    return places.select_related("category", "sibling").order_by(*order)


def texts_about(
    places: QuerySet[Discriminator], categories: list[Category], words: str
) -> QuerySet[Discriminator]:
    """Return those of `texts` that are about any of the categories, or whose live text says so."""
    about = Q(category__in=categories) | Q(sibling__in=categories)
    return places.filter(about | Q(live_text__icontains=words))


def text_states(places: Iterable[Discriminator]) -> list[TextState]:
    """Return how these places of `texts` stand: one query, however many."""
    places = list(places)
    return _states([(place.category, place.sibling) for place in places], places)


def revisions_of(place: Discriminator) -> QuerySet[Revision]:
    """Return all that was ever said in this place, the newest first, with its authors."""
    return place.revisions.select_related("author").order_by("-number")


def texts_until(until: int, page: Category | None = None) -> CountedTexts:
    """Return which texts counted as of the revision `until`.

    With a page, of those that tell it and its siblings apart.
    """
    live = Revision.objects.live(until).exclude(text="")
    if page:
        live = live.filter(discriminator__category__parent=page.parent_id)
    named = live.select_related("discriminator__category", "discriminator__sibling")
    return CountedTexts(live.count(), named.order_by("-id").first())


def _tells_nothing() -> Q:
    retired = Q(category__retired_at__isnull=False) | Q(sibling__retired_at__isnull=False)
    apart = ~Q(sibling__parent=F("category__parent"))
    both_roots = Q(sibling__parent=None, category__parent=None)
    return retired | (Q(sibling__isnull=False) & apart & ~both_roots)


def _states(
    pairs: list[tuple[Category, Category | None]], places: Iterable[Discriminator]
) -> list[TextState]:
    known = {(place.category_id, place.sibling_id): place for place in places}
    said = Revision.objects.filter(discriminator=OuterRef("discriminator")).order_by("-id")
    newest, live = said.values("id"), said.filter(state=RevisionState.LIVE).values("id")
    last = Q(id=Subquery(newest[:1])) | Q(id=Subquery(live[:1]))
    rows: dict[int, list[Revision]] = defaultdict(list)
    found = Revision.objects.filter(last, discriminator__in=list(known.values()))
    for revision in found.select_related("author").order_by("id"):
        rows[revision.discriminator_id].append(revision)
    return [
        _state(category, sibling, place, rows[place.pk] if place else [])
        for category, sibling in pairs
        for place in [known.get((category.pk, sibling.pk if sibling else None))]
    ]


def _state(
    category: Category,
    sibling: Category | None,
    place: Discriminator | None,
    revisions: list[Revision],
) -> TextState:
    live = [revision for revision in revisions if revision.state == RevisionState.LIVE]
    newest = revisions[-1] if revisions else None
    return TextState(
        category=category,
        sibling=sibling,
        discriminator=place,
        newest=newest,
        live=live[-1] if live and live[-1].text else None,
        draft=newest if newest and newest.state == RevisionState.DRAFT else None,
    )
