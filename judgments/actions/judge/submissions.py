"""What comes in from a screen: what it must be like, and what is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan
from uuid import UUID

from judgments.models import AnswerKind, CannotTell, Grade

MAX_NOTE = 300
MAX_SECONDS = 600.0  # longer is a break, not a judgment
ON_SIBLINGS = (AnswerKind.FIRST, AnswerKind.SECOND, AnswerKind.NEITHER)


@dataclass(frozen=True)
class Submission:
    """One key press, as the browser sends it. `sequence` counts from 1 in its sitting."""

    token: UUID
    sequence: int
    seat: int
    kind: str  # of AnswerKind
    grade: int | None = None  # 0 to 3, with the kind "grade"
    belongs_to: int | None = None  # a category's id, with the kind "grade"
    reason: str = ""  # of CannotTell, with the kind "cannot_tell"
    note: str = ""
    seconds: float | None = None  # from the moment the product stood there to the key
    undoes: UUID | None = None  # an answer's token, with the kind "undo"


@dataclass(frozen=True)
class Told:
    """What a training item tells after it was answered. Right is the right side of acceptable."""

    grade: int
    explanation: str
    right: bool


@dataclass(frozen=True)
class Outcome:
    """What became of a submission: `refused` says in a sentence why it counts for nothing."""

    token: UUID
    refused: str = ""
    told: Told | None = None


@dataclass(frozen=True)
class Submitted:
    """What became of all, in their order; the last number that has arrived; a word of warning."""

    sequence: int
    outcomes: list[Outcome] = field(default_factory=list)
    notice: str = ""


class Gap(Exception):
    """A number is missing, or another answer has it: what comes next must be `expected`."""

    def __init__(self, expected: int) -> None:
        super().__init__(f"The next answer's sequence must be {expected}.")
        self.expected = expected


class SubmissionFault(Exception):
    """The submission at `index` makes no sense: nothing of what came with it was kept."""

    def __init__(self, index: int, field: str, reason: str) -> None:
        super().__init__(f"Answer {index}, {field}: {reason}")
        self.index, self.field, self.reason = index, field, reason


def check(submissions: Sequence[Submission]) -> None:
    """Raise SubmissionFault for the first that is malformed in itself."""
    tokens: set[UUID] = set()
    for index, one in enumerate(submissions):
        fault = _fault(one)
        if one.token in tokens:
            fault = ("token", "The same token came twice.")
        if fault:
            raise SubmissionFault(index, *fault)
        tokens.add(one.token)


def clamped(seconds: float | None) -> float | None:
    """Return the seconds as they are kept: 0 to MAX_SECONDS."""
    return None if seconds is None else min(max(seconds, 0.0), MAX_SECONDS)


def _fault(one: Submission) -> tuple[str, str] | None:
    """Return the field that is wrong, and why; None when all is well."""
    is_grade, is_reason = one.kind == AnswerKind.GRADE, one.kind == AnswerKind.CANNOT_TELL
    wrong = {
        "kind": one.kind not in AnswerKind.values and "There is no such kind of answer.",
        "sequence": not 1 <= one.sequence < 2**31 and "It counts from 1.",
        "grade": _grade_fault(one.grade, wanted=is_grade),
        "belongs_to": not is_grade and one.belongs_to is not None and "It goes with a grade.",
        "reason": _reason_fault(one.reason, wanted=is_reason),
        "note": _note_fault(one.note),
        "undoes": (one.kind == AnswerKind.UNDO) != (one.undoes is not None)
        and "It names the answer that is taken back, and nothing else does.",
        "seconds": one.seconds is not None and isnan(one.seconds) and "It is no number.",
    }
    return next(((name, reason) for name, reason in wrong.items() if reason), None)


def _grade_fault(grade: int | None, *, wanted: bool) -> str:
    if not wanted:
        return "" if grade is None else "This kind of answer has no grade."
    return "" if grade in Grade.values else "It is a whole number from 0 to 3."


def _reason_fault(reason: str, *, wanted: bool) -> str:
    if not wanted:
        return "" if not reason else "This kind of answer has no reason."
    return "" if reason in CannotTell.values else f"It is one of: {', '.join(CannotTell.values)}."


def _note_fault(note: str) -> str:
    if len(note) > MAX_NOTE:
        return f"It is longer than {MAX_NOTE} characters."
    return "It holds a character that cannot be stored." if "\0" in note else ""
