"""Giving out seats: a lease each, so that two people do not get the same item at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from judgments.actions.judge.sitting import alone
from judgments.actions.judge.woven import Place, places, woven
from judgments.models import (
    Campaign,
    CampaignState,
    Item,
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
EXACT = 1_000  # items left: more are counted every LEFT_SECONDS only, since it takes a while
LEFT_SECONDS = 60


@dataclass(frozen=True)
class Leased:
    """The seats that stand before a sitting, in their order, and what is left behind them."""

    seats: list[Seat] = field(default_factory=list)
    # Items that this person can still be given, these among them; above EXACT, as it was lately.
    left: int = 0
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
        campaigns = list(campaigns_of(sitting))
        find = _aside if sitting.aside else _in_turn
        seats = find(sitting, campaigns, wanted)
    behind = 0 if sitting.aside else _behind(sitting, campaigns)
    return Leased(seats, len(seats) + behind, "" if seats else _why_none(sitting, campaigns))


def keep_leases(sitting: Sitting) -> None:
    """Hold what stands before the sitting for another LEASE."""
    held = Seat.objects.filter(sitting=sitting, state=SeatState.HELD)
    held.update(lease_until=timezone.now() + LEASE)


def _in_turn(sitting: Sitting, campaigns: list[Campaign], wanted: int) -> list[Seat]:
    _hold_again(sitting, campaigns)
    held = _held(sitting, campaigns)
    for campaign in campaigns:
        if len(held) >= wanted:
            break
        if _claim(sitting, campaign, wanted - len(held), held):
            held = _held(sitting, campaigns)
    return held[:wanted]


def _hold_again(sitting: Sitting, campaigns: list[Campaign]) -> None:
    """Take over what this person held elsewhere and let go, and hold all of it anew."""
    now = timezone.now()
    left_lying = Q(sitting=None) | Q(lease_until__lt=now)
    mine = _in_queue(sitting, campaigns).filter(Q(sitting=sitting) | left_lying)
    held = Seat.objects.filter(annotator=sitting.annotator, state=SeatState.HELD)
    held.filter(pk__in=mine.values("pk")).update(sitting=sitting, lease_until=now + LEASE)


def _in_queue(sitting: Sitting, campaigns: list[Campaign]) -> QuerySet[Seat]:
    """Return the seats held by this person that belong to the queue of this sitting."""
    held = Seat.objects.filter(
        annotator=sitting.annotator,
        state=SeatState.HELD,
        item__campaign__in=[campaign.pk for campaign in campaigns],
        item__sibling__isnull=sitting.view != View.CONTRAST,
    )
    if sitting.branch:
        held = held.filter(item__page__lineage__startswith=sitting.branch.lineage)
    return held


def _held(sitting: Sitting, campaigns: list[Campaign]) -> list[Seat]:
    """Return what stands before the sitting, in order; in a grid, of the first one's page."""
    seats = _in_queue(sitting, campaigns).filter(sitting=sitting)
    seats = seats.select_related("item__page", "item__product__retailer", "item__sibling")
    found = list(seats.order_by("item__campaign_id", "item__rank", "item_id"))
    if sitting.view == View.GRID:
        return [seat for seat in found if seat.item.page_id == found[0].item.page_id]
    return found


def _claim(sitting: Sitting, campaign: Campaign, count: int, held: list[Seat]) -> bool:
    """Take the campaign's next `count` seats, what is woven in among them; whether there are."""
    items = queue_of(sitting, [campaign])
    if sitting.view == View.GRID:
        first = items.order_by("rank").values_list("page", flat=True)
        items = items.filter(page=held[0].item.page_id if held else first.first())
    special = places(sitting, campaign, count)
    taken = _take(sitting, items, count - len(special))
    if len(taken) < count - len(special):
        return bool(taken)  # the end: what is woven in has nothing to stand among
    before = [seat.item for seat in held if seat.item.campaign_id == campaign.pk]
    line = [*before, *(seat.item for seat in taken)]
    found = [_weave(sitting, campaign, place, line, len(before)) for place in special]
    taken += _take(sitting, items, found.count(False))
    return bool(taken) or any(found)


def _take(sitting: Sitting, items: QuerySet[Item], count: int) -> list[Seat]:
    """Hold a free seat of each of the next `count` items; return them in their turn.

    Where somebody else is taking one at this very moment, the next items are looked at.
    """
    taken: list[Seat] = []
    passed: list[int] = []
    while len(taken) < count:
        following = items.exclude(pk__in=passed).order_by("campaign_id", "rank")
        found = list(following.values_list("pk", flat=True)[: count - len(taken)])
        if not found:
            break
        lower = available_seats().filter(item=OuterRef("item"), number__lt=OuterRef("number"))
        seats = available_seats().filter(~Exists(lower), item__in=found).select_related("item")
        locked = seats.select_for_update(skip_locked=True, of=("self",))
        taken += locked.order_by("item__rank")
        passed += found
    Seat.objects.filter(pk__in=[seat.pk for seat in taken]).update(**_hold(sitting))
    return taken


def _weave(
    sitting: Sitting, campaign: Campaign, place: Place, line: list[Item], start: int
) -> bool:
    """Put what the place asks for into the line, so many from its start; whether it could be."""
    at = min(start + place.offset, len(line))
    near = [item.page_id for item in line[max(at - 1, 0) : at + 1]]
    item = woven(sitting, campaign, place, near)
    if item is None:
        return False
    if item.page_id not in near:  # rather between two pages than in the midst of one
        while 0 < at < len(line) and line[at].page_id == line[at - 1].page_id:
            at += 1
    item.rank = line[max(at - 1, 0)].rank if line else 0
    item.save()
    Seat.objects.create(item=item, number=0, **_hold(sitting))
    return True


def _hold(sitting: Sitting) -> dict[str, Any]:
    return {
        "state": SeatState.HELD,
        "annotator": sitting.annotator,
        "sitting": sitting,
        "lease_until": timezone.now() + LEASE,
    }


def _aside(sitting: Sitting, campaigns: list[Campaign], wanted: int) -> list[Seat]:
    """Return what was put aside and has not come in this sitting yet; it stays put aside."""
    held = _held(sitting, campaigns)  # what was answered here and taken back
    passed = sitting.answers.filter(seat=OuterRef("pk"))
    seats = put_aside(sitting.annotator, sitting.aside).filter(
        ~Exists(passed),
        item__campaign__in=campaigns,
        item__sibling__isnull=sitting.view != View.CONTRAST,
    )
    if sitting.branch:
        seats = seats.filter(item__page__lineage__startswith=sitting.branch.lineage)
    found = [*held, *seats[: max(wanted - len(held), 0)]]
    # Nobody else gets what is on this screen.
    soon = timezone.now() + LEASE
    Seat.objects.filter(pk__in=[seat.pk for seat in found], lease_until__lt=soon).update(
        lease_until=soon
    )
    return found


def _behind(sitting: Sitting, campaigns: list[Campaign]) -> int:
    """Return how many items wait behind those held."""
    queue = queue_of(sitting, campaigns)
    few = queue.order_by()[: EXACT + 1].count()
    if few <= EXACT:
        return few
    asked = f"{sitting.campaign_id}-{sitting.branch_id}-{sitting.view == View.CONTRAST}"
    key = f"left-{sitting.annotator_id}-{asked}"
    return int(cache.get_or_set(key, queue.count, LEFT_SECONDS) or 0)


def _why_none(sitting: Sitting, campaigns: list[Campaign]) -> str:
    """Return in a sentence why this sitting gets nothing."""
    if sitting.aside:
        return "Nothing is put aside here any more."
    campaign = sitting.campaign
    if campaign and campaign.state != CampaignState.RUNNING:
        return f"{campaign} is {campaign.get_state_display()}: there is nothing to judge in it now."
    if queue_of(sitting, campaigns, seated=False).exists():
        return "All that is left stands before other people now. Come back in a few minutes."
    parts = sitting.annotator.participations.filter(
        state=ParticipationState.PAUSED, campaign__state=CampaignState.RUNNING
    )
    paused = (parts.filter(campaign=campaign) if campaign else parts).first()
    return paused.reason if paused else "Nothing is left for you here."
