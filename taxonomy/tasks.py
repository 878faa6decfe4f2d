"""What workers do for the taxonomy."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings

from taxonomy.actions import updates
from taxonomy.actions.fetching import fetch_waiting, ring_for_pictures, waiting_pictures

SLICE_SECONDS = 20  # then other tasks of the queue get their turn


@shared_task
def fetch_pictures() -> None:
    """Fetch pictures for a while, then ring again if more wait."""
    if settings.SEESTOCKS_FETCH_PICTURES:
        again = fetch_waiting(SLICE_SECONDS)
        if again is not None:
            ring_for_pictures(again)


@shared_task
def fetch_tree(pk: int) -> None:
    """Fetch a version of the tree that is waited for."""
    updates.fetch(pk)


@worker_ready.connect
def ring_on_start(**_: Any) -> None:
    """A worker that comes back looks at once for what its death left behind."""
    if settings.SEESTOCKS_FETCH_PICTURES and waiting_pictures().exists():
        ring_for_pictures()
    updates.ring_for_waiting()
