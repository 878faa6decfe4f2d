"""Save what was written in the workbench: the texts of both directions, or neither."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from ranking.actions.suggestions import accept
from ranking.queries.suggestions import suggestions
from taxonomy.actions.discriminators import (
    BadText,
    Collision,
    NotSiblings,
    checked_lines,
    write_revision,
)
from taxonomy.models import Category, Revision

__all__ = ("BadText", "Collision", "NotSiblings", "PairText", "write_pair")


@dataclass(frozen=True)
class PairText:
    """What somebody wrote for one direction, and the number of the newest revision they saw."""

    category: Category
    sibling: Category
    text: str
    based_on: int


def write_pair(
    sides: Sequence[PairText], *, live: bool, by: User, note: str = ""
) -> list[Revision]:
    """Append a revision to each direction that says something new; return the new ones.

    Lines that were suggested keep where they came from, and their suggestions are accepted.
    Nothing is written when one of the sides cannot be. Raises BadText, Collision, NotSiblings.
    """
    checked_sides((side.category, side.text) for side in sides)
    with transaction.atomic():
        written = [_write(side, live=live, by=by, note=note) for side in sides]
    return [revision for revision in written if revision]


def checked_sides(sides: Iterable[tuple[Category, str]]) -> list[str]:
    """Return the texts as they are kept. Raises BadText with the faults of all, named by side."""
    faults, texts = [], []
    for category, text in sides:
        try:
            texts.append("\n".join(checked_lines(text)))
        except BadText as error:
            faults += [f"{category}: {fault}" for fault in error.faults]
    if faults:
        raise BadText(*faults)
    return texts


def _write(side: PairText, *, live: bool, by: User, note: str) -> Revision | None:
    lines = checked_lines(side.text)
    if not lines and not side.based_on:
        return None  # nobody has said anything here yet
    offered = [one for one in suggestions(side.category, side.sibling) if one.text in lines]
    origin: dict[str, Any] = {
        one.text: {
            "source": one.source,
            "label": one.get_source_display(),
            "evidence": one.evidence,
        }
        for one in offered
    }
    newest = side.based_on
    revision = write_revision(
        side.category,
        side.sibling,
        side.text,
        based_on=newest,
        live=live,
        by=by,
        note=note,
        origin=origin,
    )
    for one in offered:
        accept(one, by=by)
    return revision if revision.number > newest else None
