"""Write about a run, for those who wonder later."""

from __future__ import annotations

from django.contrib.auth.models import User

from ranking.models import Run, RunNote

LONGEST = 1000


class BadNote(ValueError):
    """The note is empty or too long; the message says which."""


def write_note(run: Run, text: str, *, by: User) -> RunNote:
    """Return the note, saved; what somebody has just written is not written twice.

    Raises BadNote.
    """
    text = text.strip()
    if not text:
        raise BadNote("A note says something.")
    if len(text) > LONGEST:
        raise BadNote(f"A note has {LONGEST:,} letters at most; this one has {len(text):,}.")
    newest = run.notes.order_by("-id").first()
    if newest and newest.author == by and newest.text == text:
        return newest
    return RunNote.objects.create(run=run, author=by, text=text)
