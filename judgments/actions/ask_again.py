"""Asking again what a text had left open, once the text says more."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from judgments.actions.adjudicate import withdraw
from judgments.models import (
    Adjudication,
    Campaign,
    CampaignState,
    Item,
    Purpose,
    Seat,
    SeatState,
)
from judgments.queries.adjudication import closed_gaps
from judgments.queries.judgments import blind_judgments

CAMPAIGN = "Asked again"
MOST_PEOPLE = 9  # as many as a campaign may ask about one product


def ask_again() -> int:
    """Ask again about every product whose gap has been closed; return how many.

    As many people as had judged get the question, those who had among them. A question that is
    still before somebody waits, and is asked when this is called next. The decision that had
    been made counts no more: it went by what the text said before. Calling it twice asks once.
    """
    return sum(_ask(gap) for gap in closed_gaps().select_related("judgment"))


def _ask(gap: Adjudication) -> bool:
    try:
        with transaction.atomic():
            waiting = Adjudication.objects.standing().filter(pk=gap.pk)
            if _is_before_somebody(gap) or not waiting.update(asked_again_at=timezone.now()):
                return False
            _open_anew(gap)
            if gap.judgment:
                withdraw(gap.judgment, token=uuid.uuid5(gap.judgment.token, "asked again"))
    except IntegrityError:  # the question has just been opened by somebody else
        return False
    return True


def _is_before_somebody(gap: Adjudication) -> bool:
    held = Seat.objects.filter(
        state__in=(SeatState.HELD, SeatState.LATER), lease_until__gt=timezone.now()
    )
    return held.filter(item__in=_asked(gap).filter(closed=False)).exists()


def _open_anew(gap: Adjudication) -> None:
    """Close what is left of the question, and make it anew with its seats."""
    before = _asked(gap)
    before.filter(closed=False).update(closed=True)
    words = blind_judgments().filter(page=gap.page_id, product=gap.product_id)
    seats = min(max(words.count(), 1), MOST_PEOPLE)
    last = before.select_related("campaign").order_by("-id").first()
    item = Item.objects.create(
        campaign=_campaign_of(last, seats),
        page_id=gap.page_id,
        product_id=gap.product_id,
        purpose=Purpose.AGAIN,
        rank=0,  # before all else: somebody waits for the answer
    )
    Seat.objects.bulk_create(Seat(item=item, number=number) for number in range(seats))


def _asked(gap: Adjudication) -> QuerySet[Item]:
    asked = Item.objects.filter(page=gap.page_id, product=gap.product_id)
    return asked.filter(purpose__in=(Purpose.LABEL, Purpose.AGAIN))


def _campaign_of(item: Item | None, seats: int) -> Campaign:
    """The campaign that the question came from, or one for what has none that still goes on."""
    if item and item.campaign.state != CampaignState.FINISHED:
        return item.campaign
    every = Campaign.objects.filter(name__startswith=CAMPAIGN)
    if going_on := every.unfinished().first():
        return going_on
    return Campaign.objects.create(
        name=f"{CAMPAIGN} {every.count() + 1}" if every.exists() else CAMPAIGN,
        note="What people are asked once more, since the text that had left it open says more.",
        overlap=seats,
        state=CampaignState.RUNNING,
    )
