"""How campaigns' figures are written."""

from __future__ import annotations

from django import template

from judgments.models import Campaign
from judgments.queries.pools import pools

register = template.Library()

HOURS = 24


@register.filter
def points(share: float | None) -> str:
    """Return 0.043 as "4.3 points": the distance of two shares."""
    if share is None:
        return "–"
    number = f"{share * 100:.1f}".removesuffix(".0")
    return f"{number}\xa0point{'' if number == '1' else 's'}"


@register.filter
def hundredths(share: float | None) -> str:
    """Return where a share of 0 to 1 lies on a line of 100."""
    return f"{(share or 0) * 100:.2f}"


@register.filter
def days(number: float) -> str:
    """Return the days as people say them: "3 hours", "2 days"; never less than an hour."""
    if number >= 2:
        return f"{number:,.0f}\xa0days"
    hours = max(1, round(number * HOURS))
    return f"{hours}\xa0hour{'' if hours == 1 else 's'}"


@register.filter
def pool_numbers(campaign: Campaign) -> list[tuple[str, int]]:
    """Return what the campaign takes of each pool, by the pools' names on screen."""
    labels = {pool.name: pool.label for pool in pools()}
    return [(labels.get(name, name), number) for name, number in campaign.pools.items()]
