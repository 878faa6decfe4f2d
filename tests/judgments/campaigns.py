"""Campaigns for tests, as leads start them, gathered or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from judgments.actions.campaigns import start_campaign
from judgments.actions.gather import gather
from judgments.models import Annotator, Campaign, Item, Judgment, Seat, SeatState
from taxonomy.models import Category, Product
from tests.factories import make_category, make_product
from tests.ranking.rankings import make_ranking


def make_campaign(name: str = "All of it", **said: Any) -> Campaign:
    """Return a campaign that nobody has gathered yet."""
    return start_campaign(name=name, by=None, here=True, **said)


def gathered(name: str = "All of it", **said: Any) -> Campaign:
    """Return a campaign whose items are written."""
    campaign = make_campaign(name, **said)
    gather(campaign.pk)
    campaign.refresh_from_db()
    return campaign


def ranked_page(name: str, shown: int = 6, removed: int = 3) -> tuple[Category, list[Product]]:
    """Return an active page and its products: those shown, in order, then those removed."""
    page = make_category(name, is_page=True)
    products = [make_product(f"{name} no. {place}") for place in range(1, shown + removed + 1)]
    make_ranking(page, products[:shown], products[shown:])
    return page, products


def answer_seat(item: Item, who: str, grade: int, seconds: float | None = None) -> Judgment:
    """Return `who`'s grade of an item, its first open seat taken and answered now."""
    annotator = Annotator.objects.get_or_create(name=who)[0]
    seat = item.seats.filter(state=SeatState.OPEN).order_by("number")[0]
    judgment = Judgment.objects.create(
        page=item.page,
        product=item.product,
        annotator=annotator,
        grade=grade,
        source="annotator",
        seat=seat,
        seconds=seconds,
    )
    Seat.objects.filter(pk=seat.pk).update(
        state=SeatState.JUDGED, annotator=annotator, answered_at=judgment.made_at
    )
    return judgment


def asked(campaign: Campaign) -> Sequence[Item]:
    """Return what the campaign asks, in its order."""
    return list(campaign.items.filter(closed=False).order_by("rank"))
