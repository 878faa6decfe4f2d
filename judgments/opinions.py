"""A row of a file of judgments → an opinion that can be stored, or why it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from taxonomy.imports.offers import UNSTORABLE
from taxonomy.imports.rejects import restored
from taxonomy.imports.rows import Row

COLUMNS = ("category_id", "offer_id", "annotator", "grade")
GRADES = {"0", "1", "2", "3"}
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
    simulated: bool


def parse_opinion(row: Row) -> Opinion:
    """Return the row as an opinion; raises `BadOpinion` with the first thing that is wrong.

    A leading apostrophe that keeps a spreadsheet from running a formula is taken off.
    """
    texts = {name: restored(value).strip() for name, value in row.fields.items()}
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
        category_id=_identity("category_id", texts["category_id"]),
        offer_id=texts["offer_id"],
        retailer=texts.get("retailer", ""),
        annotator=texts["annotator"],
        grade=int(texts["grade"]),
        belongs_to=_identity("belongs_to", texts["belongs_to"])
        if texts.get("belongs_to")
        else None,
        made_at=_moment(texts.get("made_at", "")),
        simulated=texts.get("simulated", "") == "yes",
    )


def _identity(field: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadOpinion(field, f"“{text}” is no category's id.")
    return int(text)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = parse_datetime(text)
        if moment and timezone.is_naive(moment):
            moment = timezone.make_aware(moment)
        # Databases keep UTC, in which the first and the last day may not exist.
        moment = moment and moment.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise BadOpinion("made_at", f"“{text}” is no time as in 2026-01-31T12:00:00+00:00.")
    if moment > timezone.now() + timedelta(days=1):  # it would outdo all that is said until then
        raise BadOpinion("made_at", f"“{text}” has not come yet.")
    return moment
