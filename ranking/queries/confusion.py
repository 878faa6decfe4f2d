"""Which pairs of siblings would gain most from a text, and how that came about."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from ranking.models import ConfusedPair, Suggestion, SuggestionState
from taxonomy.models import Category, Revision, RevisionState

MOST = 0.8  # the share of all confusion that a sentence is said about
POINTS = 120  # of the curve
TERMS = {
    "products": "how many products stand between the two, and how close to the fence",
    "exposure": "how well pages show them",
    "errors": "how many of them people have judged to be on the wrong side",
    "disagreement": "how far annotators disagree about them",
}
PAIR_STATES = {
    "none": "no text yet",
    "draft": "with drafts",
    "live": "with a live text",
    "suggested": "with suggestions",
}


@dataclass(frozen=True)
class Part:
    """A part of a pair's weight, as a piece of its bar; the heaviest pair's bar is 100 wide."""

    key: str
    value: float
    start: float
    width: float


@dataclass(frozen=True)
class PairLine:
    """A confused pair as a line of the work list."""

    pair: ConfusedPair
    parts: list[Part]
    live: int  # of its two texts
    drafts: int
    suggestions: int


@dataclass(frozen=True)
class Coverage:
    """How few pairs hold most of the confusion; `curve` are points in a box of 100 × 40."""

    pairs: int
    enough: int  # pairs that hold MOST of it
    curve: str


def confused_pairs(under: Category | None = None, state: str = "") -> QuerySet[ConfusedPair]:
    """Return the confused pairs, the heaviest first, with how their texts stand.

    Each has `live`, `drafts` (0 to 2) and `suggested`. `under` keeps those in a branch, `state`
    is a key of PAIR_STATES.
    """
    pairs = _on_the_list().select_related("first", "second", "parent")
    if under:
        pairs = pairs.filter(parent__lineage__startswith=under.lineage)
    for number, side in enumerate((("first", "second"), ("second", "first"))):
        said = _revisions(*side)
        live = said.filter(state=RevisionState.LIVE).values("text")
        pairs = pairs.annotate(
            **{
                f"live_{number}": _or_nothing(live),
                f"newest_{number}": _or_nothing(said.values("state")),
            }
        )
    pairs = pairs.annotate(suggested=Exists(_suggestions()))
    has_live = Q(live_0__gt="") | Q(live_1__gt="")
    has_draft = Q(newest_0=RevisionState.DRAFT) | Q(newest_1=RevisionState.DRAFT)
    match state:
        case "none":
            pairs = pairs.exclude(has_live).exclude(has_draft)
        case "draft":
            pairs = pairs.filter(has_draft)
        case "live":
            pairs = pairs.filter(has_live)
        case "suggested":
            pairs = pairs.filter(suggested=True)
    return pairs.order_by("-weight", "first_id", "second_id")


def pair_lines(pairs: list[ConfusedPair]) -> list[PairLine]:
    """Return pairs of `confused_pairs` as lines: two queries, however many."""
    heaviest = ConfusedPair.objects.order_by("-weight").values_list("weight", flat=True).first()
    counts = _suggestion_counts(pairs)
    return [
        PairLine(
            pair,
            _parts(pair, heaviest or 1.0),
            live=sum(bool(text) for text in (pair.live_0, pair.live_1)),  # type: ignore[attr-defined]  # annotated
            drafts=(pair.newest_0, pair.newest_1).count(RevisionState.DRAFT),  # type: ignore[attr-defined]  # annotated
            suggestions=counts.get((pair.first_id, pair.second_id), 0),
        )
        for pair in pairs
    ]


def coverage(under: Category | None = None) -> Coverage:
    """Return how the pairs' weight adds up, the heaviest first."""
    weights = list(confused_pairs(under).values_list("weight", flat=True))
    total = sum(weights)
    reached = [weight / total for weight in accumulate(weights)]
    enough = next((n for n, share in enumerate(reached, 1) if share >= MOST - 1e-9), 0)
    step = max(1, len(reached) // POINTS)
    shown = [(0, 0.0), *list(enumerate(reached, 1))[step - 1 :: step], (len(reached), 1.0)]
    points = [f"{100 * n / max(len(reached), 1):.1f},{40 - 40 * share:.1f}" for n, share in shown]
    return Coverage(len(reached), enough, " ".join(points) if reached else "")


def without_text() -> int:
    """Return how many confused pairs have no live text and no draft."""
    return confused_pairs(state="none").count()


def place_of(pair: ConfusedPair) -> tuple[int, int]:
    """Return the pair's place on the work list, from 1, and the list's length."""
    pairs = _on_the_list()
    return pairs.filter(_before(pair)).count() + 1, pairs.count()


def neighbours(pair: ConfusedPair) -> tuple[ConfusedPair | None, ConfusedPair | None]:
    """Return the pairs before and after this one on the work list."""
    pairs = _on_the_list().select_related("first", "second")
    others = pairs.exclude(pk=pair.pk)
    before = others.filter(_before(pair)).order_by("weight", "-first_id", "-second_id")
    after = others.exclude(_before(pair)).order_by("-weight", "first_id", "second_id")
    return before.first(), after.first()


def _on_the_list() -> QuerySet[ConfusedPair]:
    """The confused pairs that a text can still tell apart."""
    return ConfusedPair.objects.standing().filter(weight__gt=0)


def _before(pair: ConfusedPair) -> Q:
    """What stands before the pair on the work list."""
    equal = Q(weight=pair.weight)
    return (
        Q(weight__gt=pair.weight)
        | equal & Q(first__lt=pair.first_id)
        | equal & Q(first=pair.first_id, second__lt=pair.second_id)
    )


def _or_nothing(texts: QuerySet[Revision, Any]) -> Coalesce:
    """The first of the texts, or an empty one: nothing can be said of NULL."""
    return Coalesce(Subquery(texts[:1]), Value(""), output_field=TextField())


def _revisions(category: str, sibling: str) -> QuerySet[Revision]:
    """The revisions of a pair's text in one direction, the newest first."""
    place = {
        "discriminator__category": OuterRef(category),
        "discriminator__sibling": OuterRef(sibling),
    }
    return Revision.objects.filter(**place).order_by("-id")


def _suggestions() -> QuerySet[Suggestion]:
    one_way = Q(category=OuterRef("first"), sibling=OuterRef("second"))
    other_way = Q(category=OuterRef("second"), sibling=OuterRef("first"))
    return Suggestion.objects.filter(one_way | other_way, state=SuggestionState.OPEN)


def _suggestion_counts(pairs: list[ConfusedPair]) -> dict[tuple[int, int], int]:
    """How many suggestions are open for each pair, by its lower id and its higher."""
    ids = {pk for pair in pairs for pk in (pair.first_id, pair.second_id)}
    found = Suggestion.objects.filter(state=SuggestionState.OPEN, category__in=ids)
    counts: dict[tuple[int, int], int] = {}
    rows = found.order_by().values_list("category", "sibling").annotate(n=Count("id"))
    for category, sibling, n in rows:
        if sibling is not None:
            key = (min(category, sibling), max(category, sibling))
            counts[key] = counts.get(key, 0) + n
    return counts


def _parts(pair: ConfusedPair, heaviest: float) -> list[Part]:
    values = list(pair.terms.values())
    starts = accumulate(values, initial=0.0)
    scale = 100 / heaviest
    return [
        Part(key, value, round(start * scale, 2), round(value * scale, 2))
        for (key, value), start in zip(pair.terms.items(), starts, strict=False)
        if value > 0
    ]
