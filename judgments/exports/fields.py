"""What a file tells of each judgment, and in which order the judgments stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Collate

from judgments.models import GuidelineRevision, Judgment
from judgments.queries import current_judgments

# Field → what it is of a judgment.
_PATHS = {
    "category_id": "page",
    "offer_id": "product__offer_id",
    "retailer": "product__retailer__name",
    "annotator": "annotator__name",
    "grade": "grade",
    "belongs_to": "belongs_to",
    "made_at": "made_at",
    "seconds": "seconds",
    "source": "source",
    "simulated": "annotator__simulated",
    "guideline": "guideline",
    "revisions_until": "revisions_until",
    "withdrawn": "withdrawn",
    "token": "token",
}
FIELDS = tuple(_PATHS)
_ORDER = ("page", "product__offer_id", "product__retailer__name", "annotator__name")
CHUNK = 2_000  # rows that are in memory at a time


class UnknownField(Exception):
    """A field was asked for that no judgment has."""


def chosen(names: str) -> tuple[str, ...]:
    """Return the fields that a list with commas names; all for none. Raises `UnknownField`."""
    fields = tuple(name.strip() for name in names.split(",")) if names else FIELDS
    for name in fields:
        if name not in _PATHS:
            raise UnknownField(f"There is no field “{name}”. There are: {', '.join(FIELDS)}.")
    return fields


def told(fields: Sequence[str] = FIELDS, *, history: bool = False) -> Iterator[tuple[Any, ...]]:
    """Yield these fields of each judgment that counts; with `history` of all ever made.

    In order of category_id, offer_id, retailer, annotator, and then as they were made; texts by
    code points, whatever the database sorts by. A guideline's revision is "category#number", or
    "all#number" where it is that of the whole tree.
    """
    judgments = Judgment.objects.all() if history else current_judgments()
    rows = in_order(judgments).values_list(*_PATHS.values())
    guidelines = _guidelines()
    place = FIELDS.index("guideline")
    wanted = [FIELDS.index(name) for name in fields]
    for row in rows.iterator(chunk_size=CHUNK):
        whole = (*row[:place], guidelines.get(row[place], ""), *row[place + 1 :])
        yield itemgetter(*wanted)(whole) if len(wanted) > 1 else (whole[wanted[0]],)


def in_order(judgments: QuerySet[Judgment]) -> QuerySet[Judgment]:
    """Return the judgments in the order of every file."""
    return judgments.order_by(*map(_by_code_points, _ORDER), "id")


def _by_code_points(path: str) -> str | Collate:
    if path == "page":
        return path
    return Collate(path, "C" if connection.vendor == "postgresql" else "BINARY")


def _guidelines() -> dict[int | None, str]:
    """Return what a file calls each revision of a guideline, by its id here."""
    rows = GuidelineRevision.objects.values_list("id", "guideline__category", "number")
    return {pk: f"{category or 'all'}#{number}" for pk, category, number in rows}
