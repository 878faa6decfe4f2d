"""A row of a file of judgments → an opinion that can be stored, or why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from taxonomy.imports.fields import category_number, past_moment
from taxonomy.imports.offers import UNSTORABLE
from taxonomy.imports.rejects import restored
from taxonomy.imports.rows import Row

COLUMNS = ("category_id", "offer_id", "annotator", "grade")
GRADES = {"0", "1", "2", "3"}
Value = TypeVar("Value")
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
        category_id=_read("category_id", texts["category_id"], category_number),
        offer_id=texts["offer_id"],
        retailer=texts.get("retailer", ""),
        annotator=texts["annotator"],
        grade=int(texts["grade"]),
        belongs_to=_read("belongs_to", texts["belongs_to"], category_number)
        if texts.get("belongs_to")
        else None,
        made_at=_read("made_at", texts.get("made_at", ""), past_moment),
        simulated=texts.get("simulated", "") == "yes",
    )


def _read(field: str, text: str, reads: Callable[[str], Value]) -> Value:
    try:
        return reads(text)
    except ValueError as error:
        raise BadOpinion(field, str(error)) from error
