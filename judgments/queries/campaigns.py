"""Reads of campaigns: what each asks, how far it is, and who works on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from judgments.models import (
    Annotator,
    Campaign,
    Item,
    Judgment,
    Participation,
    Purpose,
    Seat,
    SeatState,
)
from judgments.pools import RANDOM
from taxonomy.models import Category

ANSWERED = (SeatState.JUDGED, SeatState.CANNOT_TELL)
ASKED = (Purpose.LABEL, Purpose.AGAIN)  # gold and repeats are about people, not about products
LONGEST = 300.0  # seconds: whoever took longer was away
HOUR = 3600.0


def pages_of(campaign: Campaign) -> QuerySet[Category]:
    """Return the active pages that the campaign is about."""
    active = Category.objects.pages()
    named = campaign.pages.values_list("id", flat=True)
    if named:
        return active.filter(pk__in=list(named))
    return active.under(campaign.branch) if campaign.branch else active


def campaigns() -> QuerySet[Campaign]:
    """Return all campaigns, newest first, each with `seats`, `answered` and `newest` (answer)."""
    seats = Seat.objects.filter(item__campaign=OuterRef("pk"), item__purpose__in=ASKED)
    counted = seats.order_by().values("item__campaign")
    answered = Count("id", filter=Q(state__in=ANSWERED))
    return (
        Campaign.objects.select_related("branch", "made_by")
        .annotate(
            seats=_one(counted.annotate(n=Count("id"))),
            answered=_one(counted.annotate(n=answered)),
            newest=Subquery(counted.annotate(at=Max("answered_at")).values("at")),
            named=Count("pages"),
        )
        .order_by("-id")
    )


@dataclass(frozen=True)
class Progress:
    """How far a campaign is: items and seats of what it asks about products, by their state.

    `held` and `later` are those whose lease has not run out. `left_out` was chosen and is not
    asked; `gold` and `repeats` were answered besides.
    """

    items: int
    closed: int
    seats: int
    labels: int
    cannot_tell: int
    held: int
    later: int
    left_out: int
    gold: int
    repeats: int

    @property
    def answered(self) -> int:
        """Seats that are done with."""
        return self.labels + self.cannot_tell


def progress(campaign: Campaign) -> Progress:
    """Return how far the campaign is; two queries."""
    asked = Q(item__purpose__in=ASKED)
    leased = asked & Q(lease_until__gte=timezone.now())
    seats = Seat.objects.filter(item__campaign=campaign).aggregate(
        seats=Count("id", filter=asked),
        labels=Count("id", filter=asked & Q(state=SeatState.JUDGED)),
        cannot_tell=Count("id", filter=asked & Q(state=SeatState.CANNOT_TELL)),
        held=Count("id", filter=leased & Q(state=SeatState.HELD)),
        later=Count("id", filter=leased & Q(state=SeatState.LATER)),
        gold=Count("id", filter=Q(item__purpose=Purpose.GOLD, state__in=ANSWERED)),
        repeats=Count("id", filter=Q(item__purpose=Purpose.REPEAT, state__in=ANSWERED)),
    )
    has_seats = Exists(Seat.objects.filter(item=OuterRef("pk")))
    items = campaign.items.filter(purpose__in=ASKED).annotate(is_asked=has_seats)
    counts = items.aggregate(
        items=Count("id", filter=Q(is_asked=True)),
        closed=Count("id", filter=Q(is_asked=True, closed=True)),
        left_out=Count("id", filter=Q(is_asked=False)),
    )
    return Progress(**seats, **counts)


@dataclass(frozen=True)
class PageLine:
    """A page that a campaign asks about: its seats, and those that are done with."""

    page: Category
    seats: int
    answered: int


def pages_by_progress(campaign: Campaign) -> QuerySet[Item, Any]:
    """Return the pages that the campaign asks about as rows for `page_lines`.

    In the order of their turns, apart from the random share: those expected to change most come
    first.
    """
    asked = campaign.items.filter(purpose__in=ASKED, seats__isnull=False).order_by()
    counted = asked.values("page").annotate(
        seats_asked=Count("seats"),
        answered=Count("seats", filter=Q(seats__state__in=ANSWERED)),
        turn=Min("rank", filter=~Q(pool=RANDOM)),
    )
    return counted.order_by(F("turn").asc(nulls_last=True), "page")


def page_lines(rows: Iterable[dict[str, Any]]) -> list[PageLine]:
    """Return rows of `pages_by_progress` with their pages; one query."""
    rows = list(rows)
    pages = Category.objects.in_bulk([row["page"] for row in rows])
    return [PageLine(pages[row["page"]], row["seats_asked"], row["answered"]) for row in rows]


@dataclass(frozen=True)
class PersonLine:
    """A person's part: `per_hour` is labels per hour at work, None where no times are known."""

    annotator: Annotator
    part: Participation | None
    labels: int
    cannot_tell: int
    per_hour: float | None
    newest: datetime | None


def people_in(campaign: Campaign) -> list[PersonLine]:
    """Return whoever is assigned or has answered, the busiest first; four queries."""
    answered = Seat.objects.filter(item__campaign=campaign, state__in=ANSWERED).order_by()
    worked: dict[int, dict[str, Any]] = {
        row["annotator"]: {**row}
        for row in answered.values("annotator").annotate(
            labels=Count("id", filter=Q(state=SeatState.JUDGED)),
            cannot_tell=Count("id", filter=Q(state=SeatState.CANNOT_TELL)),
            newest=Max("answered_at"),
        )
    }
    parts = {part.annotator_id: part for part in campaign.participations.all()}
    people = Annotator.objects.filter(pk__in={*worked, *parts}).select_related("user")
    pace = _pace_of(campaign)
    lines = [_line(one, worked.get(one.pk, {}), parts.get(one.pk), pace) for one in people]
    return sorted(lines, key=lambda line: (-line.labels, line.annotator.name))


def assignable() -> list[User]:
    """Return the people who may judge, by name."""
    may = User.objects.with_perm("judgments.add_judgment", include_superusers=False)
    return list(may.filter(is_active=True).order_by("username"))


def branches_to_judge() -> list[Category]:
    """Return the upper categories that have active pages, by path: what a campaign may be about."""
    upper = {
        pk
        for lineage in Category.objects.pages().values_list("lineage", flat=True)
        for pk in lineage.strip("/").split("/")[:2]
    }
    return list(Category.objects.live().filter(pk__in=upper).order_by("path", "id"))


def _pace_of(campaign: Campaign) -> dict[int, float]:
    """Labels per hour at work of each annotator whose times are known."""
    timed = Judgment.objects.filter(
        seat__item__campaign=campaign, seconds__gt=0, withdrawn=False
    ).order_by()
    sums = timed.values_list("annotator").annotate(
        n=Count("id"), seconds=Sum(Least("seconds", LONGEST))
    )
    return {annotator: n * HOUR / seconds for annotator, n, seconds in sums}


def _line(
    annotator: Annotator, row: dict[str, Any], part: Participation | None, pace: dict[int, float]
) -> PersonLine:
    return PersonLine(
        annotator,
        part,
        row.get("labels", 0),
        row.get("cannot_tell", 0),
        pace.get(annotator.pk),
        row.get("newest"),
    )


def _one(counted: QuerySet[Any, Any]) -> Coalesce:
    """The number that a grouped subquery counts, 0 without rows."""
    return Coalesce(Subquery(counted.values("n"), output_field=IntegerField()), 0)
