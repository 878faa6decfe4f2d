"""What leads do with campaigns: start, pause, resume and finish them, and say who judges."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from judgments.actions.items import add_items
from judgments.models import (
    Annotator,
    Campaign,
    CampaignState,
    Participation,
    ParticipationState,
)
from judgments.queries.pools import Candidate, pools
from taxonomy.doorbell import ringing
from taxonomy.models import Category

MOST_OF_A_POOL = 200  # products of a page
NAME_LIMIT = 150  # as the column
LIMITS = {  # field → the least and the most it may be, and what it is called
    "overlap": (1, 9, "The number of people for each product"),
    "gold_every": (0, 1000, "The number of products from one known grade to the next"),
    "repeat_every": (0, 1000, "The number of products from one repeat to the next"),
    "aim": (0.005, 0.5, "How closely the share of right products is to be known"),
}


class BadCampaign(Exception):
    """The campaign cannot be started: `faults` has a sentence for each field that is wrong."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


class NotNow(Exception):
    """The campaign is not in a state for that; the message says so in a sentence."""


def start_campaign(
    *,
    name: str,
    by: User | None,
    token: uuid.UUID | None = None,
    branch: Category | None = None,
    pages: Sequence[Category] = (),
    pools: Mapping[str, int] | None = None,
    candidates: Sequence[Candidate] | None = None,
    note: str = "",
    overlap: int = 2,
    gold_every: int = 20,
    repeat_every: int = 40,
    aim: float = 0.05,
    here: bool = False,
) -> Campaign:
    """Return a new campaign about the pages, those of the branch, or all; a worker gathers.

    `pools` says how many products of a page come from which; without it the usual numbers do.
    `candidates` are asked instead, in their order, and at once. `overlap` people are asked about
    each product; `aim` is how closely the share of right products is to be known. The same `token`
    again returns the first campaign; `here` rings for no worker, since the caller gathers. Raises
    BadCampaign.
    """
    token = token or uuid.uuid4()
    settings = {
        "note": note.strip(),
        "overlap": overlap,
        "gold_every": gold_every,
        "repeat_every": repeat_every,
        "aim": aim,
    }
    wanted = usual_numbers() if pools is None else {k: n for k, n in pools.items() if n}
    with transaction.atomic():
        known = Campaign.objects.filter(token=token).first()
        if known:
            return known
        _check(name.strip(), wanted, settings, gathers=candidates is None)
        values = {"name": name.strip(), "made_by": by, "branch": branch, "pools": wanted}
        try:
            made, new = Campaign.objects.get_or_create(token=token, defaults=values | settings)
        except IntegrityError as fault:  # somebody took the name at this very moment
            raise BadCampaign({"name": _taken(name.strip())}) from fault
        if not new:
            return made
        made.pages.set(pages)
        if candidates is None:
            if not here:
                transaction.on_commit(partial(ring_for_campaign, made.pk))
        else:
            _ask(made, candidates)
    return made


def judge_page(page: Category, *, by: User | None, token: uuid.UUID) -> Campaign:
    """Return the campaign about that page alone that is not over, or start one."""
    about_it = Campaign.objects.unfinished().filter(pages=page)
    alone = [one for one in about_it.prefetch_related("pages") if len(one.pages.all()) == 1]
    if alone:
        return alone[0]
    return start_campaign(
        name=_free_name(f"Judge {page.shown_name}"), by=by, token=token, pages=[page]
    )


def pause(campaign: Campaign) -> Campaign:
    """Hand out no more of it until it is resumed. Raises NotNow."""
    return _moved(campaign, (CampaignState.RUNNING,), state=CampaignState.PAUSED)


def resume(campaign: Campaign) -> Campaign:
    """Hand it out again; what could not be gathered is tried again. Raises NotNow."""
    if not campaign.error:
        return _moved(campaign, (CampaignState.PAUSED,), state=CampaignState.RUNNING)
    with transaction.atomic():
        moved = _moved(campaign, (CampaignState.PAUSED,), state=CampaignState.GATHERING, error="")
        transaction.on_commit(partial(ring_for_campaign, moved.pk))
    return moved


def finish(campaign: Campaign) -> Campaign:
    """End it for good: what is open is asked no more, what was said stays. Raises NotNow."""
    unfinished = [state for state in CampaignState if state != CampaignState.FINISHED]
    with transaction.atomic():
        moved = _moved(
            campaign, unfinished, state=CampaignState.FINISHED, finished_at=timezone.now()
        )
        moved.items.filter(closed=False).update(closed=True)
    return moved


def assign(campaign: Campaign, annotators: Iterable[Annotator]) -> None:
    """Have these judge it and nobody else; nobody named means everybody. Raises NotNow."""
    chosen = list(annotators)
    with transaction.atomic():
        _unfinished(campaign)
        campaign.participations.update(assigned=False)
        for annotator in chosen:
            Participation.objects.update_or_create(
                campaign=campaign, annotator=annotator, defaults={"assigned": True}
            )


def let_go_on(campaign: Campaign, annotator: Annotator) -> None:
    """Let somebody who was warned or paused go on: what they missed so far counts no more."""
    stopped = campaign.participations.exclude(state=ParticipationState.ACTIVE)
    stopped.filter(annotator=annotator).update(
        state=ParticipationState.ACTIVE, reason="", counted_from=timezone.now()
    )


def ring_for_campaign(pk: int) -> None:
    """Tell the workers that a campaign gathers; with a dead broker the sweep rings later."""
    from judgments.tasks import RINGS_FOR, gather_campaign

    with ringing(f"campaign {pk} waits"):
        gather_campaign.apply_async((pk,), expires=RINGS_FOR)


def usual_numbers() -> dict[str, int]:
    """Return how many products of a page each pool gives, unless the lead says otherwise."""
    return {pool.name: pool.usual for pool in pools()}


def _ask(campaign: Campaign, candidates: Sequence[Candidate]) -> None:
    campaign.state, campaign.pools = CampaignState.RUNNING, {}
    campaign.save(update_fields=["state", "pools"])
    add_items(campaign, candidates)


def _check(
    name: str, wanted: Mapping[str, int], settings: Mapping[str, Any], *, gathers: bool
) -> None:
    faults = {}
    if not name or len(name) > NAME_LIMIT:
        faults["name"] = f"A campaign has a name of at most {NAME_LIMIT} characters."
    elif Campaign.objects.filter(name=name).exists():
        faults["name"] = _taken(name)
    if len(settings["note"]) > 500:
        faults["note"] = "The note is longer than 500 characters."
    for field, (least, most, label) in LIMITS.items():
        if not least <= settings[field] <= most:
            faults[field] = f"{label} is from {least} to {most}."
    if unknown := sorted(set(wanted) - {pool.name for pool in pools()}):
        faults["pools"] = f"There is no pool “{unknown[0]}”."
    elif gathers and not wanted:
        faults["pools"] = "Choose at least one pool to take products from."
    elif any(not 0 < number <= MOST_OF_A_POOL for number in wanted.values()):
        faults["pools"] = f"A pool gives at most {MOST_OF_A_POOL} products of a page."
    if faults:
        raise BadCampaign(faults)


def _taken(name: str) -> str:
    return f"There is a campaign “{name}” already."


def _free_name(name: str) -> str:
    """The name, or where a campaign has it, the name with the first number that is free."""
    name = name[: NAME_LIMIT - 6]
    taken = set(Campaign.objects.filter(name__startswith=name).values_list("name", flat=True))
    numbered = (f"{name} {number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def _moved(campaign: Campaign, states: Sequence[str], **fields: Any) -> Campaign:
    """The campaign, changed if it is in one of the states."""
    if not Campaign.objects.filter(pk=campaign.pk, state__in=states).update(**fields):
        campaign.refresh_from_db()
        raise NotNow(f"{campaign.name} is {campaign.get_state_display()}.")
    campaign.refresh_from_db()
    return campaign


def _unfinished(campaign: Campaign) -> None:
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if held.state == CampaignState.FINISHED:
        raise NotNow(f"{held.name} is finished.")
