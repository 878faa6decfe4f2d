"""What people decide on suggested lines, and the bell for having some found."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ranking.models import Suggestion, SuggestionState
from ranking.queries.suggestions import suggestions
from taxonomy.actions.discriminators import MAX_LINES, write_revision
from taxonomy.doorbell import ringing
from taxonomy.models import Category
from taxonomy.queries.discriminators import text_of


class AlreadyDecided(Exception):
    """Somebody has accepted or dismissed the suggestion; the message says so in a sentence."""


def accept(suggestion: Suggestion, *, by: User | None) -> Suggestion:
    """Mark the suggestion as accepted; the text itself is the caller's to write.

    Raises AlreadyDecided.
    """
    return _decide(suggestion, SuggestionState.ACCEPTED, by)


def dismiss(suggestion: Suggestion, *, by: User | None) -> Suggestion:
    """Mark the suggestion as dismissed: it is never made again. Raises AlreadyDecided."""
    return _decide(suggestion, SuggestionState.DISMISSED, by)


def accept_strongest(
    category: Category, sibling: Category, count: int, *, lookalikes: bool = False
) -> int:
    """Put suggested lines into the live text until `count` of it were suggestions; return how
    many are new.

    Lines that were mined from products which merely look like the siblings', since too few are
    filed, are for people to read: they are left out unless `lookalikes`. Nobody's draft is
    touched: a text that has one stays as it is. Raises NotSiblings.
    """
    state = text_of(category, sibling)
    lines = state.live.lines if state.live else []
    place = Suggestion.objects.filter(category=category, sibling=sibling, text__in=lines)
    wanted = count - place.filter(state=SuggestionState.ACCEPTED).count()
    room = MAX_LINES - len(lines)
    may_be = suggestions(category, sibling)
    if not lookalikes:
        may_be = may_be.exclude(Q(evidence__has_key="looks_like") & Q(evidence__looks_like=True))
    offered = list(may_be[: max(0, min(wanted, room))])
    if state.draft or not offered:
        return 0
    with transaction.atomic():
        write_revision(
            category,
            sibling,
            "\n".join([*lines, *(one.text for one in offered)]),
            based_on=state.number,
            live=True,
            by=None,
            note=f"The {len(offered)} strongest suggestions, accepted without being read",
            origin={one.text: origin_of(one) for one in offered},
        )
        for one in offered:
            accept(one, by=None)
    return len(offered)


def origin_of(suggestion: Suggestion) -> dict[str, Any]:
    """Return what a revision keeps of where a line came from."""
    return {
        "source": suggestion.source,
        "label": suggestion.get_source_display(),
        "evidence": suggestion.evidence,
    }


def ring_for_suggestions(first: int, second: int) -> None:
    """Have a worker find lines that tell two siblings apart; with a dead broker nothing comes."""
    from ranking.tasks import find_suggestions

    with ringing("no suggestions"):
        find_suggestions.delay(first, second)


def _decide(suggestion: Suggestion, state: SuggestionState, by: User | None) -> Suggestion:
    still_open = Suggestion.objects.filter(pk=suggestion.pk, state=SuggestionState.OPEN)
    if not still_open.update(state=state, decided_by=by, decided_at=timezone.now()):
        raise AlreadyDecided("Somebody has already decided on this suggestion.")
    suggestion.refresh_from_db()
    return suggestion
