"""Writes of the texts that tell siblings apart: each appends a revision, none changes one."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from taxonomy.imports.trees import UNWRITABLE
from taxonomy.models import Category, Discriminator, Revision, RevisionState

MAX_LINES = 12
MAX_LINE = 300  # characters
MAX_TEXT = 2_000
MAX_NOTE = 300
LINE_END = re.compile(r"\r\n|\r|\n")


class BadText(Exception):
    """A text that cannot be kept; `faults` has a sentence for each thing that is wrong."""

    def __init__(self, *faults: str) -> None:
        super().__init__(" ".join(faults))
        self.faults = list(faults)


class NotSiblings(Exception):
    """The two are not both live children of one parent; the message says why in a sentence."""


class Collision(Exception):
    """Somebody else has written since: `newest` is what they wrote."""

    def __init__(self, newest: Revision) -> None:
        super().__init__("Somebody else has changed this text in the meantime.")
        self.newest = newest


def write_revision(
    category: Category,
    sibling: Category | None,
    text: str,
    *,
    based_on: int,
    live: bool,
    by: User | None,
    note: str = "",
    origin: dict[str, Any] | None = None,
    made_at: datetime | None = None,
) -> Revision:
    """Append a revision of what makes a product `category` rather than `sibling`; return it.

    `based_on` is the number of the newest revision that the author saw, 0 for none. The words
    that already are the newest, in the same state, are no new revision. An empty live text
    withdraws it. `origin` says of a line where it came from; what is known of lines that stay
    is kept; `made_at` when it was written, if not now. Raises Collision, NotSiblings and BadText.
    """
    lines = checked_lines(text)
    note = checked_note(note)
    state = RevisionState.LIVE if live else RevisionState.DRAFT
    with transaction.atomic():
        newest = _newest(category, sibling)
        if newest and _says(newest, lines, state):
            return newest
        require_siblings(category, sibling)
        _require_base(newest, based_on, lines)
        place, _ = Discriminator.objects.get_or_create(category=category, sibling=sibling)
        revision = Revision(
            discriminator=place,
            number=based_on + 1,
            text="\n".join(lines),
            state=state,
            author=by,
            note=note,
            origin=_origin(lines, newest, origin or {}),
        )
        if made_at:
            revision.made_at = made_at
        return _append(revision)


def make_live(revision: Revision, *, based_on: int, by: User | None) -> Revision:
    """Append what the revision says as live. Raises what `write_revision` does."""
    return _again(revision, f"Made revision {revision.number} live", based_on, by, live=True)


def restore(revision: Revision, *, based_on: int, by: User | None) -> Revision:
    """Append what an earlier revision said, as live or draft as it was.

    Raises what `write_revision` does.
    """
    live = revision.state == RevisionState.LIVE
    return _again(revision, f"Restored revision {revision.number}", based_on, by, live=live)


def checked_lines(text: str) -> list[str]:
    """Return the text's lines as they are kept: no blank ones, no space around them.

    Raises BadText with a sentence for each fault, which names the line as it was written.
    """
    written = [line.replace("\t", " ") for line in LINE_END.split(text)]
    faults = [fault for number, line in enumerate(written, 1) for fault in _faults(number, line)]
    lines = [line.strip() for line in written if line.strip()]
    if len(lines) > MAX_LINES:
        faults.append(f"The text has {len(lines)} lines; at most {MAX_LINES} are read.")
    if len("\n".join(lines)) > MAX_TEXT:
        faults.append(f"The text is longer than {MAX_TEXT:,} characters.")
    if faults:
        raise BadText(*faults)
    return lines


def checked_note(note: str) -> str:
    """Return the note without space around it; raises BadText."""
    note = note.strip()
    if len(note) > MAX_NOTE:
        raise BadText(f"The note is longer than {MAX_NOTE} characters.")
    if any(unicodedata.category(letter) in UNWRITABLE for letter in note):
        raise BadText("The note holds a character that cannot be stored, or runs over lines.")
    return note


def _faults(number: int, line: str) -> list[str]:
    faults = []
    if len(line.strip()) > MAX_LINE:
        faults.append(f"Line {number} is longer than {MAX_LINE} characters.")
    bad = next((at for at, c in enumerate(line, 1) if unicodedata.category(c) in UNWRITABLE), None)
    if bad:
        faults.append(f"Line {number} holds a character that cannot be stored, at place {bad}.")
    return faults


def _newest(category: Category, sibling: Category | None) -> Revision | None:
    place = {"discriminator__category": category, "discriminator__sibling": sibling}
    return Revision.objects.filter(**place).order_by("-number").first()


def _says(newest: Revision, lines: list[str], state: str) -> bool:
    """Whether the newest revision says so already; a draft of what is live says nothing new."""
    return newest.lines == lines and newest.state in (state, RevisionState.LIVE)


def require_siblings(category: Category, sibling: Category | None) -> None:
    """Raise NotSiblings unless both are live children of one parent, or the one is live."""
    for one in (category, sibling):
        if one and one.retired_at:
            raise NotSiblings(f"{one} is retired, so its texts tell nothing apart any more.")
    if sibling and category == sibling:
        raise NotSiblings(f"{category} is not a sibling of itself.")
    if sibling and category.parent_id != sibling.parent_id:
        raise NotSiblings(f"{category} and {sibling} have different parents.")


def _require_base(newest: Revision | None, based_on: int, lines: list[str]) -> None:
    number = newest.number if newest else 0
    if based_on > number:
        raise BadText(f"There is no revision {based_on} of this text to go on from.")
    if newest and based_on < number:
        raise Collision(newest)
    if newest is None and not lines:
        raise BadText("The text is empty: there is nothing to save.")


def _origin(lines: list[str], newest: Revision | None, given: dict[str, Any]) -> dict[str, Any]:
    known = (newest.origin if newest else {}) | given
    return {line: known[line] for line in lines if line in known}


def _append(revision: Revision) -> Revision:
    """Write the revision, unless its number was taken while it was being checked."""
    try:
        with transaction.atomic():
            revision.save(force_insert=True)
    except IntegrityError:
        newest = revision.discriminator.revisions.order_by("-number").first()
        if newest is None:
            raise
        if _says(newest, revision.lines, revision.state):
            return newest
        raise Collision(newest) from None
    return revision


def _again(
    revision: Revision, note: str, based_on: int, by: User | None, *, live: bool
) -> Revision:
    place = revision.discriminator
    return write_revision(
        place.category,
        place.sibling,
        revision.text,
        based_on=based_on,
        live=live,
        by=by,
        note=note,
        origin=revision.origin,
    )
