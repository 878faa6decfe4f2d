"""What people's key presses tell of how they judge: how long, how often taken back, how alike.

It takes seconds to read: a worker does it with each measurement, which keeps what was found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from statistics import median
from typing import Any

from django.db.models import Count, F, Q
from django.utils import timezone

from judgments.models import Answer, AnswerKind, Grade, View
from judgments.queries.agreement import repeated
from judgments.queries.judgments import blind_judgments

LABELS = (AnswerKind.GRADE, AnswerKind.FIRST, AnswerKind.SECOND, AnswerKind.NEITHER)
# Potato's figures for what looks like pressing a key without looking.
IN_A_ROW = 5
HASTE = 0.5  # seconds
DAYS = 30  # shown


@dataclass(frozen=True, slots=True)
class Press:
    """One answer that counted. Of those that take back, what took back a label."""

    sitting: object
    annotator: int
    kind: str
    grade: int | None
    seconds: float | None
    at: datetime
    at_once: bool  # in the grid a page is answered by one key

    @property
    def said(self) -> tuple[str, int | None]:
        return self.kind, self.grade


@dataclass(frozen=True)
class Work:
    """What one person's answers, or everybody's, come to."""

    labels: int = 0
    undone: int = 0
    streaks: int = 0  # of the same answer, faster than anybody looks
    usual: float | None = None  # the median of the seconds that a label took
    usual_by_grade: Sequence[tuple[str, float]] = ()  # the grade's name, lowest grade first
    repeats: int = 0  # products they were asked about twice
    same: int = 0  # … and said the same
    passed: int = 0  # products whose grade is known
    missed: int = 0

    @property
    def taken_back(self) -> float | None:
        """The share of the labels that were taken back, 0 to 1; None without labels."""
        return self.undone / self.labels if self.labels else None


@dataclass
class Tally:
    """Answers as they are counted."""

    labels: int = 0
    undone: int = 0
    streaks: int = 0
    seconds: list[float] = field(default_factory=list)
    by_grade: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, press: Press) -> None:
        """Count one more answer."""
        self.undone += press.kind == AnswerKind.UNDO
        if press.kind not in LABELS:
            return
        self.labels += 1
        if press.seconds is not None:
            self.seconds.append(press.seconds)
            if press.grade is not None:
                self.by_grade[press.grade].append(press.seconds)

    def work(self) -> Work:
        """Return what was counted."""
        grades = sorted(self.by_grade.items())
        return Work(
            labels=self.labels,
            undone=self.undone,
            streaks=self.streaks,
            usual=median(self.seconds) if self.seconds else None,
            usual_by_grade=tuple((Grade(one).label, median(times)) for one, times in grades),
        )


@dataclass(frozen=True)
class AllWork:
    """Everybody's work: together, person by person, and day by day."""

    together: Work = Work()
    people: Mapping[int, Work] = field(default_factory=dict)
    days: Mapping[date, Work] = field(default_factory=dict)  # the newest DAYS, in order

    def as_json(self) -> dict[str, Any]:
        """Return what a measurement keeps."""
        return {
            "together": asdict(self.together),
            "people": {str(person): asdict(work) for person, work in self.people.items()},
            "days": {day.isoformat(): asdict(work) for day, work in self.days.items()},
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> AllWork:
        """Return what a measurement kept; nothing where it kept nothing."""
        if not kept:
            return cls()
        return cls(
            Work(**kept["together"]),
            {int(person): Work(**work) for person, work in kept["people"].items()},
            {date.fromisoformat(day): Work(**kept["days"][day]) for day in sorted(kept["days"])},
        )


def all_work() -> AllWork:
    """Return what all answers that counted come to, with repeats and gold; three queries."""
    together, people, days = (
        Tally(),
        defaultdict[int, Tally](Tally),
        defaultdict[date, Tally](Tally),
    )
    for _, sitting in groupby(_presses(), key=lambda press: press.sitting):
        presses = list(sitting)
        for press in presses:
            day = timezone.localtime(press.at).date()
            for tally in (together, people[press.annotator], days[day]):
                tally.add(press)
        people[presses[0].annotator].streaks += hasty_streaks(presses)
    newest = sorted(days.items())[-DAYS:]
    return AllWork(
        together.work(),
        _with_repeats_and_gold({person: tally.work() for person, tally in people.items()}),
        {day: tally.work() for day, tally in newest},
    )


def _with_repeats_and_gold(people: dict[int, Work]) -> dict[int, Work]:
    """Each person's work, and how they did on what they were asked twice or what is known."""
    again: dict[int, list[bool]] = defaultdict(list)
    for person, before, now in repeated():
        again[person].append(before == now)
    gold = gold_by_person()
    return {
        person: replace(
            people.get(person, Work()),
            repeats=len(again.get(person, ())),
            same=sum(again.get(person, ())),
            passed=gold.get(person, (0, 0))[0],
            missed=gold.get(person, (0, 0))[1],
        )
        for person in sorted({*people, *again, *gold})
    }


def hasty_streaks(presses: Iterable[Press]) -> int:
    """Return how often one and the same answer was given IN_A_ROW times or more, half of them in
    less than HASTE seconds. A hint that nobody looked, and no more: easy stretches exist."""
    found = 0
    for _, alike in groupby(presses, key=lambda press: press.said):
        streak = [press.seconds for press in alike if _may_be_hasty(press)]
        known = [seconds for seconds in streak if seconds is not None]
        found += len(known) >= IN_A_ROW and median(known) < HASTE
    return found


def _may_be_hasty(press: Press) -> bool:
    return press.kind in LABELS and not press.at_once


def _presses() -> Iterator[Press]:
    counting = Answer.objects.filter(
        ~Q(kind=AnswerKind.UNDO) | Q(undoes__kind__in=LABELS), refused=""
    )
    # By the sitting's id: its own order is by time, in which two may begin at the same moment.
    answers = counting.order_by("sitting_id", "sequence")
    columns = ("sitting", "sitting__annotator", "kind", "grade", "seconds", "made_at")
    rows = answers.values_list(*columns, "sitting__view").iterator(chunk_size=5_000)
    for sitting, annotator, kind, grade, seconds, at, view in rows:
        yield Press(sitting, annotator, kind, grade, seconds, at, view == View.GRID)


def gold_by_person() -> dict[int, tuple[int, int]]:
    """Return how many gold items each person passed and missed.

    Passed is what is on the same side of right and wrong as the known grade.
    """
    known = "seat__item__gold__grade"
    same = Q(grade__gte=Grade.ACCEPTABLE, **{f"{known}__gte": Grade.ACCEPTABLE})
    same |= Q(grade__lt=Grade.ACCEPTABLE, **{f"{known}__lt": Grade.ACCEPTABLE})
    answered = blind_judgments().filter(seat__item__gold__isnull=False, page=F("seat__item__page"))
    rows = (
        answered.order_by()
        .values_list("annotator")
        .annotate(passed=Count("id", filter=same), missed=Count("id", filter=~same))
    )
    return {person: (passed, missed) for person, passed, missed in rows}
