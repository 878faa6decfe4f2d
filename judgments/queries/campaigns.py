"""Reads of campaigns: what each asks, how far it is, and who works on it."""

from __future__ import annotations

from django.db.models import QuerySet

from judgments.models import (
    Campaign,
    SeatState,
)
from taxonomy.models import Category

ANSWERED = (SeatState.JUDGED, SeatState.CANNOT_TELL)
LONGEST = 300.0  # seconds: whoever took longer was away


def pages_of(campaign: Campaign) -> QuerySet[Category]:
    """Return the active pages that the campaign is about."""
    active = Category.objects.pages()
    named = campaign.pages.all()
    if named:
        return active.filter(pk__in=named)
    return active.under(campaign.branch) if campaign.branch else active
