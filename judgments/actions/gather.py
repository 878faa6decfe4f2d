"""Gather what a campaign asks. For workers: may take a minute, and be killed at any moment."""

from __future__ import annotations

import logging

from django.db import transaction

from judgments.actions.items import ITEMS_AT_ONCE, in_parts, sort_out, write_items, write_left_out
from judgments.models import Campaign, CampaignState
from judgments.queries.campaigns import pages_of
from judgments.queries.pools import Candidate, Wanted, pools
from judgments.turns import in_turn, merged

logger = logging.getLogger(__name__)

NO_PAGES = "It has no active page."
NOTHING_FOUND = "None of its pages has anything to judge: rank them, or file products there, first."
NOTHING_NEW = "All that was found is judged by enough people, or asked about in another campaign."
FAILED = "What is to be judged could not be gathered; the worker's log says why."


class _Stopped(Exception):
    """Somebody finished the campaign meanwhile."""


def gather(campaign_id: int) -> None:
    """Write the items of a campaign that gathers, with their seats, and set it running.

    In parts, each in a transaction of its own: begun again after a death, or by a second worker,
    it passes over what is there. When nothing can be asked the campaign is paused and says why.
    """
    campaign = Campaign.objects.filter(pk=campaign_id, state=CampaignState.GATHERING).first()
    if campaign is None:
        return
    try:
        _write_all(campaign)
    except _Stopped:
        logger.info("campaign %s was finished while it gathered", campaign_id)
    except Exception:
        _settle(campaign, FAILED)
        raise


def _write_all(campaign: Campaign) -> None:
    pages = sorted(pages_of(campaign).values_list("id", flat=True))
    found = _candidates(campaign, pages)
    sorted_out = sort_out(campaign, found)
    for _, part in in_parts(sorted_out.left_out, ITEMS_AT_ONCE):
        with transaction.atomic():
            write_left_out(_held(campaign), part)
    # Those of a death before keep their turns; the others' are as they would have been.
    for rank, part in in_parts(in_turn(sorted_out.to_ask, str(campaign.token)), ITEMS_AT_ONCE):
        with transaction.atomic():
            write_items(_held(campaign), part, rank)
    _settle(campaign, _why_nothing(campaign, pages, found))


def _candidates(campaign: Campaign, pages: list[int]) -> list[Candidate]:
    """Each product once per page, of all the campaign's pools."""
    seed = str(campaign.token)
    wanted = [(pool, campaign.pools.get(pool.name, 0)) for pool in pools()]
    return merged(
        one
        for pool, number in wanted
        if number
        for one in pool.candidates(Wanted(pages, number, seed))
    )


def _held(campaign: Campaign) -> Campaign:
    """The campaign, locked; raises _Stopped when it gathers no more."""
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if held.state != CampaignState.GATHERING:
        raise _Stopped
    return held


def _why_nothing(campaign: Campaign, pages: list[int], found: list[Candidate]) -> str:
    if campaign.items.filter(closed=False).exists():
        return ""
    if not pages:
        return NO_PAGES
    return NOTHING_NEW if found else NOTHING_FOUND


def _settle(campaign: Campaign, error: str) -> None:
    gathering = Campaign.objects.filter(pk=campaign.pk, state=CampaignState.GATHERING)
    state = CampaignState.PAUSED if error else CampaignState.RUNNING
    gathering.update(state=state, error=error)
