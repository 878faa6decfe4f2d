"""Giving out seats: a lease each, so that two people do not get the same item at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from judgments.actions.judge.sitting import alone
from judgments.models import (
    Campaign,
    CampaignState,
    Participation,
    ParticipationState,
    Seat,
    SeatState,
    Sitting,
    View,
)
from judgments.queries.queue import (
    available_seats,
    campaigns_of,
    put_aside,
    queue_of,
)

LEASE = timedelta(minutes=10)
MOST = 50  # seats before one sitting at once


@dataclass(frozen=True)
class Leased:
    """The seats that stand before a sitting, in their order, and what is left behind them."""

    seats: list[Seat] = field(default_factory=list)
    left: int = 0  # items of the queue that this person could still be given, these among them
    stopped: str = ""  # why there are none, in a sentence


def lease(sitting: Sitting, count: int = 20) -> Leased:
    """Return up to `count` seats for this sitting: what it holds, then what comes next.

    Each comes with its item, page, product, retailer and sibling. Those held are held anew for
    LEASE; a grid gets seats of one page only.
    """
    wanted = max(1, min(count, MOST))
    with transaction.atomic():
        sitting = alone(sitting)
        Sitting.objects.filter(pk=sitting.pk).update(seen_at=timezone.now())
        seats = _aside(sitting, wanted) if sitting.aside else _in_turn(sitting, wanted)
    behind = 0 if sitting.aside else queue_of(sitting).count()
    left = len(seats) + behind
    return Leased(seats, left, "" if seats else _why_none(sitting))


def keep_leases(sitting: Sitting) -> None:
    """Hold what stands before the sitting for another LEASE."""
    held = Seat.objects.filter(sitting=sitting, state=SeatState.HELD)
    held.update(lease_until=timezone.now() + LEASE)


def _in_turn(sitting: Sitting, wanted: int) -> list[Seat]:
    _hold_again(sitting)
    held = _held(sitting)
    page = held[0].item.page_id if held and sitting.view == View.GRID else None
    for campaign in campaigns_of(sitting):
        missing = wanted - len(held)
        if missing <= 0:
            break
        page = _claim(sitting, campaign, missing, page)
        held = _held(sitting)
    return held[:wanted]


def _hold_again(sitting: Sitting) -> None:
    """Take over what this person held elsewhere and let go, and hold all of it anew."""
    now = timezone.now()
    left_lying = Q(sitting=None) | Q(lease_until__lt=now)
    mine = _in_queue(sitting).filter(Q(sitting=sitting) | left_lying)
    pks = list(mine.values_list("pk", flat=True))
    Seat.objects.filter(pk__in=pks, annotator=sitting.annotator, state=SeatState.HELD).update(
        sitting=sitting, lease_until=now + LEASE
    )


def _in_queue(sitting: Sitting) -> QuerySet[Seat]:
    """Return the seats held by this person that belong to the queue of this sitting."""
    held = Seat.objects.filter(annotator=sitting.annotator, state=SeatState.HELD)
    held = held.filter(item__campaign__in=campaigns_of(sitting))
    if sitting.branch:
        held = held.filter(item__page__lineage__startswith=sitting.branch.lineage)
    return held.filter(item__sibling__isnull=sitting.view != View.CONTRAST)


def _held(sitting: Sitting) -> list[Seat]:
    """Return what stands before the sitting, in order; in a grid, of the first one's page."""
    seats = _in_queue(sitting).filter(sitting=sitting)
    seats = seats.select_related("item__page", "item__product__retailer", "item__sibling")
    found = list(seats.order_by("item__campaign", "item__rank", "item__id"))
    if sitting.view == View.GRID:
        return [seat for seat in found if seat.item.page_id == found[0].item.page_id]
    return found


def _claim(sitting: Sitting, campaign: Campaign, count: int, page: int | None) -> int | None:
    """Take up to `count` seats of the campaign's next items; return the grid's page."""
    items = queue_of(sitting).filter(campaign=campaign)
    if sitting.view == View.GRID:
        page = page or items.order_by("rank").values_list("page", flat=True).first()
        items = items.filter(page=page)
    lower = available_seats().filter(item=OuterRef("item"), number__lt=OuterRef("number"))
    seats = available_seats().filter(~Exists(lower), item__in=items)
    locked = seats.select_for_update(skip_locked=True, of=("self",)).order_by("item__rank")[:count]
    Seat.objects.filter(pk__in=[seat.pk for seat in locked]).update(
        state=SeatState.HELD,
        annotator=sitting.annotator,
        sitting=sitting,
        lease_until=timezone.now() + LEASE,
    )
    return page


def _aside(sitting: Sitting, wanted: int) -> list[Seat]:
    """Return what was put aside and has not come in this sitting yet; it stays put aside."""
    held = _held(sitting)  # what was answered here and taken back
    passed = sitting.answers.filter(seat=OuterRef("pk"))
    seats = put_aside(sitting.annotator, sitting.aside).filter(~Exists(passed))
    if sitting.campaign_id:
        seats = seats.filter(item__campaign=sitting.campaign_id)
    if sitting.branch:
        seats = seats.filter(item__page__lineage__startswith=sitting.branch.lineage)
    seats = seats.filter(item__sibling__isnull=sitting.view != View.CONTRAST)
    found = [*held, *seats[: wanted - len(held)]]
    # Nobody else gets what is on this screen.
    soon = timezone.now() + LEASE
    Seat.objects.filter(pk__in=[seat.pk for seat in found], lease_until__lt=soon).update(
        lease_until=soon
    )
    return found


def _why_none(sitting: Sitting) -> str:
    """Return in a sentence why this sitting gets nothing."""
    if sitting.aside:
        return "Nothing is put aside here any more."
    campaign = sitting.campaign
    part = Participation.objects.filter(annotator=sitting.annotator, campaign=campaign).first()
    if campaign and campaign.state != CampaignState.RUNNING:
        return f"{campaign} is {campaign.get_state_display()}: there is nothing to judge in it now."
    if part and part.state == ParticipationState.PAUSED:
        return part.reason
    if queue_of(sitting, seated=False).exists():
        return "All that is left stands before other people now. Come back in a few minutes."
    return "Nothing is left for you here."
