"""A row of a file of judgments → an opinion that can be stored, or why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import TypeVar
from uuid import UUID

from judgments.models import JudgmentSource
from taxonomy.imports.fields import category_number, past_moment
from taxonomy.imports.offers import UNSTORABLE
from taxonomy.imports.rows import Row

COLUMNS = ("category_id", "offer_id", "annotator", "grade")
GRADES = {"0", "1", "2", "3"}
YES, NO = {"yes", "true", "1"}, {"", "no", "false", "0"}
WHOLE_TREE = "all"
Value = TypeVar("Value")
Reference = tuple[int | None, int]  # a guideline's category, None for the whole tree; revision
NAME_LIMIT = 150  # as the column of Annotator


class BadOpinion(Exception):
    """A row that cannot be stored: the field at fault, and why in a sentence."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class Opinion:
    """A checked row: what somebody thinks of an offer on a page; nothing is looked up yet."""

    row: Row
    category_id: int
    offer_id: str
    retailer: str  # empty where the file does not say
    annotator: str
    grade: int
    belongs_to: int | None
    made_at: datetime | None
    seconds: float | None
    source: str  # empty where the file does not say
    simulated: bool
    guideline: Reference | None
    revisions_until: int | None
    withdrawn: bool
    token: UUID | None


def parse_opinion(row: Row) -> Opinion:
    """Return the row as an opinion; raises `BadOpinion` with the first thing that is wrong."""
    texts = {name: value.strip() for name, value in row.fields.items()}
    for name, text in texts.items():
        if UNSTORABLE.search(text):
            raise BadOpinion(name, "The text holds a character that cannot be stored.")
    if missing := [name for name in COLUMNS if not texts.get(name)]:
        raise BadOpinion(missing[0], f"The {missing[0]} is missing.")
    if texts["grade"] not in GRADES:
        raise BadOpinion("grade", f"A grade is 0, 1, 2 or 3; “{texts['grade']}” is not.")
    if len(texts["annotator"]) > NAME_LIMIT:
        raise BadOpinion("annotator", f"The name is longer than {NAME_LIMIT} characters.")
    return Opinion(
        row=row,
        category_id=_read(texts, "category_id", category_number),
        offer_id=texts["offer_id"],
        retailer=texts.get("retailer", ""),
        annotator=texts["annotator"],
        grade=int(texts["grade"]),
        belongs_to=_known(texts, "belongs_to", category_number),
        made_at=_known(texts, "made_at", past_moment),
        seconds=_known(texts, "seconds", _seconds),
        source=_known(texts, "source", _source) or "",
        simulated=_read(texts, "simulated", _yes) or texts.get("source") == "simulated",
        guideline=_known(texts, "guideline", _reference),
        revisions_until=_known(texts, "revisions_until", _number),
        withdrawn=_read(texts, "withdrawn", _yes),
        token=_known(texts, "token", _token),
    )


def _known(texts: dict[str, str], field: str, reads: Callable[[str], Value]) -> Value | None:
    return _read(texts, field, reads) if texts.get(field) else None


def _read(texts: dict[str, str], field: str, reads: Callable[[str], Value]) -> Value:
    try:
        return reads(texts.get(field, ""))
    except ValueError as error:
        raise BadOpinion(field, str(error)) from error


def _yes(text: str) -> bool:
    if text.lower() not in YES | NO:
        raise ValueError(f"“{text}” is neither yes nor no.")
    return text.lower() in YES


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not (isfinite(seconds) and seconds >= 0):
        raise ValueError(f"“{text}” is no number of seconds.")
    return seconds


def _source(text: str) -> str:
    if text not in JudgmentSource.values:
        raise ValueError(f"A source is one of {', '.join(JudgmentSource.values)}; not “{text}”.")
    return text


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError(f"“{text}” is no revision's number.")
    return int(text)


def _reference(text: str) -> Reference:
    place, _, number = text.partition("#")
    return (None if place == WHOLE_TREE else category_number(place)), _number(number)


def _token(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ValueError(f"“{text}” is no token, which is a UUID.") from None
