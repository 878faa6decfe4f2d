"""What Celery workers do: a piece of a run at a time, and the sweep that heals lost messages."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from celery.worker import state as worker

from ranking.actions.runs import ring
from ranking.queries.ledger import abandoned_runs


@shared_task
def work_on_run(run_id: int) -> None:
    """Do one piece of the run, then ring for the next: other tasks get their turn between."""
    from ranking.actions.rank import work

    if work(run_id, stopping=_stopping):
        ring(run_id)


@shared_task
def sweep() -> None:
    """Ring for every unfinished run that no worker holds."""
    for run_id in abandoned_runs().values_list("id", flat=True):
        ring(run_id)


def _stopping() -> bool:
    """Whether this worker was told to stop (it holds an exit status then, which may be 0)."""
    words: tuple[object, ...] = (worker.should_stop, worker.should_terminate)
    return any(word is not None for word in words)


@worker_ready.connect
def sweep_on_start(**_: Any) -> None:
    """A worker that comes back looks at once for what its death left behind."""
    sweep()
