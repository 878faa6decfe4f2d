"""How far judgments can be trusted, as the trust page and programs are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, QuerySet

from judgments.models import Agreement, Annotator, Measurement, Scope
from judgments.queries.agreement import agreements, overall
from judgments.queries.work import AllWork, Work

LOWEST = -0.25  # the left end of the scale on which agreement is drawn


@dataclass(frozen=True)
class Dot:
    """A coefficient and its interval on a scale 0 to 100 wide, from LOWEST to 1."""

    at: float
    low: float | None
    width: float | None

    @classmethod
    def of(cls, agreement: Agreement) -> Dot | None:
        """Return where to draw it; None where it is not defined."""
        if agreement.coefficient is None:
            return None
        if agreement.low is None or agreement.high is None:
            return cls(_place(agreement.coefficient), None, None)
        low, high = _place(agreement.low), _place(agreement.high)
        return cls(_place(agreement.coefficient), low, round(high - low, 2))


def _place(coefficient: float) -> float:
    return round(100 * max(0.0, coefficient - LOWEST) / (1 - LOWEST), 2)


ZERO = _place(0)  # where chance lies on that scale


@dataclass(frozen=True)
class Line:
    """One page, branch or pair, and where its agreement is drawn."""

    agreement: Agreement
    dot: Dot | None


@dataclass(frozen=True)
class PersonLine:
    """All that tells how far one person's judgments can be trusted."""

    annotator: Annotator
    agreement: Agreement | None
    dot: Dot | None
    work: Work
    itself: Agreement | None  # kappa with themselves, from enough repeats
    trusted: float | None  # seconds

    @property
    def gold(self) -> int:
        """How many gold items the person has judged."""
        return self.work.passed + self.work.missed


@dataclass(frozen=True)
class Day:
    """A day on which somebody judged."""

    day: date
    labels: int
    seconds: float | None
    trusted: float | None


@dataclass(frozen=True)
class Bar:
    """A day's seconds per trusted label in a square of one by one, `y` downwards."""

    day: date
    trusted: float
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Summary:
    """How far all judgments can be trusted."""

    everybody: Agreement | None
    dot: Dot | None
    people_per_item: float | None
    work: Work
    trusted: float | None
    days: list[Day]
    people: int  # measured
    simulated: int  # of them

    @property
    def bars(self) -> list[Bar]:
        """The days whose seconds are known, each a bar as high as its share of the highest."""
        known = [(day.day, day.trusted) for day in self.days if day.trusted is not None]
        most, step = max((trusted for _, trusted in known), default=0), 1 / max(len(known), 8)
        return [
            Bar(day, trusted, at * step, 1 - trusted / most, 0.8 * step, trusted / most)
            for at, (day, trusted) in enumerate(known)
            if most
        ]


def seconds_per_trusted_label(
    seconds: float | None, people_per_item: float | None, agreement: float | None
) -> float | None:
    """Return the median seconds of a label, times people per item, divided by agreement.

    What a label costs that is as good as if all had agreed. None where a part is not known, and
    where people agree no more than by chance: then no amount of time makes a label trusted.
    """
    if seconds is None or people_per_item is None or agreement is None or agreement <= 0:
        return None
    return seconds * people_per_item / agreement


def summary(measurement: Measurement | None) -> Summary:
    """Return the figures of everybody together."""
    everybody = overall(measurement) if measurement else None
    per_item, work = people_per_item(everybody), work_of(measurement)
    alpha = everybody.coefficient if everybody else None
    measured = agreements(measurement, Scope.PERSON) if measurement else Agreement.objects.none()
    return Summary(
        everybody=everybody,
        dot=Dot.of(everybody) if everybody else None,
        people_per_item=per_item,
        work=work.together,
        trusted=seconds_per_trusted_label(work.together.usual, per_item, alpha),
        days=[
            Day(
                day,
                of_day.labels,
                of_day.usual,
                seconds_per_trusted_label(of_day.usual, per_item, alpha),
            )
            for day, of_day in work.days.items()
            if of_day.labels
        ],
        people=measured.count(),
        simulated=measured.filter(annotator__simulated=True).count(),
    )


def people_per_item(everybody: Agreement | None) -> float | None:
    """Return how many people judged an item, of those that two or more did."""
    return everybody.judgments / everybody.items if everybody and everybody.items else None


def work_of(measurement: Measurement | None) -> AllWork:
    """Return what key presses told when it was measured."""
    return AllWork.of_json(measurement.work if measurement else {})


def lines_of(rows: list[Agreement]) -> list[Line]:
    """Return the rows with where their agreement is drawn."""
    return [Line(agreement, Dot.of(agreement)) for agreement in rows]


def in_order(measurement: Measurement, scope: Scope, sort: str, *, falling: bool) -> QuerySet[
    Agreement
]:  # fmt: skip
    """Return what was measured of each page, branch or pair, in the order asked for.

    What is not defined comes last either way.
    """
    column = {"name": _name(scope), "items": "items"}.get(sort, "coefficient")
    by = F(column).desc(nulls_last=True) if falling else F(column).asc(nulls_last=True)
    return agreements(measurement, scope).order_by(by, "id")


def _name(scope: Scope) -> str:
    return "annotator__name" if scope in (Scope.PERSON, Scope.PAIR) else "category__path"


def people(measurement: Measurement | None, sort: str, *, falling: bool) -> list[PersonLine]:
    """Return whoever has judged here or was measured, in the order asked for; two queries."""
    work = work_of(measurement)
    measured, itself, per_item = _measured(measurement)
    known = Annotator.objects.filter(pk__in={*work.people, *measured}).order_by("name")
    lines = []
    for person in known:
        agreement = measured.get(person.pk)
        done = work.people.get(person.pk, Work())
        alpha = agreement.coefficient if agreement else None
        lines.append(
            PersonLine(
                annotator=person,
                agreement=agreement,
                dot=Dot.of(agreement) if agreement else None,
                work=done,
                itself=itself.get(person.pk),
                trusted=seconds_per_trusted_label(done.usual, per_item, alpha),
            )
        )
    return _sorted(lines, sort, falling=falling)


def _measured(
    measurement: Measurement | None,
) -> tuple[dict[int, Agreement], dict[int, Agreement], float | None]:
    """Each person's agreement with the others, and with themselves; people per item."""
    if measurement is None:
        return {}, {}, None
    rows = measurement.agreements.filter(scope__in=(Scope.ALL, Scope.PERSON, Scope.PAIR))
    with_others, with_self, everybody = {}, {}, None
    for row in rows:
        if row.scope == Scope.ALL:
            everybody = row
        elif row.scope == Scope.PERSON and row.annotator_id:
            with_others[row.annotator_id] = row
        elif row.annotator_id and row.annotator_id == row.other_id:
            with_self[row.annotator_id] = row
    return with_others, with_self, people_per_item(everybody)


KEYS: dict[str, Callable[[PersonLine], float | None]] = {
    "agreement": lambda line: line.agreement.coefficient if line.agreement else None,
    "items": lambda line: line.agreement.items if line.agreement else 0,
    "repeats": lambda line: line.work.same / line.work.repeats if line.work.repeats else None,
    "gold": lambda line: line.work.passed / line.gold if line.gold else None,
    "seconds": lambda line: line.work.usual,
    "back": lambda line: line.work.taken_back,
    "trusted": lambda line: line.trusted,
}


def _sorted(lines: list[PersonLine], sort: str, *, falling: bool) -> list[PersonLine]:
    if sort not in KEYS:
        return lines[::-1] if falling else lines
    worth = [(KEYS[sort](line), line) for line in lines]
    known = [(value, line) for value, line in worth if value is not None]
    known.sort(key=lambda row: row[0], reverse=falling)
    return [line for _, line in known] + [line for value, line in worth if value is None]
