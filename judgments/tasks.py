"""What workers do for judging."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from judgments.actions import agreement, campaigns, gold
from judgments.actions.ask_again import ask_again
from judgments.actions.gather import gather
from judgments.models import Campaign, CampaignState

RINGS_FOR = 20  # seconds: what nobody took by then, the sweep rings for again


@shared_task
def gather_campaign(pk: int) -> None:
    """Gather what a campaign asks."""
    gather(pk)


@shared_task
def sweep() -> None:
    """Ring for every campaign that gathers: its message was lost, or its worker died.

    One that a worker is busy with is passed over by the second, part for part.
    """
    gathering = Campaign.objects.filter(state=CampaignState.GATHERING).order_by("id")
    for pk in gathering.values_list("id", flat=True):
        campaigns.ring_for_campaign(pk)


@shared_task
def measure_agreement(pk: int) -> None:
    """Measure how far people agree."""
    agreement.measure(pk)


@shared_task
def sweep_agreement() -> None:
    """Ring for measurements that no worker holds; have one made when it is time."""
    agreement.sweep_measurements()


@shared_task
def sweep_gaps() -> None:
    """Ask again what texts that have gone live since had left open."""
    ask_again()


@shared_task
def propose_gold() -> None:
    """Propose as gold what people agree on by now."""
    gold.propose_gold()


@worker_ready.connect
def sweep_on_start(**_: Any) -> None:
    """A worker that comes back looks at once for what its death left behind."""
    sweep()
    sweep_agreement()
    sweep_gaps()
