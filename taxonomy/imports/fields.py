"""Fields that several kinds of files have: a category's id, and when something was said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime


def category_number(text: str) -> int:
    """Return the id; raises ValueError with a sentence when it can be no category's."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError(f"“{text}” is no category's id.")
    return int(text)


def past_moment(text: str) -> datetime | None:
    """Return the moment in UTC, or None for no text; raises ValueError with a sentence."""
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
        raise ValueError(f"“{text}” is no time as in 2026-01-31T12:00:00+00:00.")
    if moment > timezone.now() + timedelta(days=1):  # it would outdo all that is said until then
        raise ValueError(f"“{text}” has not come yet.")
    return moment
