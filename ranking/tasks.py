"""What Celery workers do: a piece of a run, an answer to somebody who waits, the sweep."""

from __future__ import annotations

import logging
from typing import Any

from celery import current_app, shared_task
from celery.signals import worker_ready
from celery.worker import state as worker
from django.conf import settings
from django.db import connection

from ranking.actions.ask_why_not import sweep_why_not
from ranking.actions.deliver import sweep_deliveries
from ranking.actions.hand import end_those_over
from ranking.actions.jobs import abandoned_jobs
from ranking.actions.jobs import ring as ring_for_job
from ranking.actions.nights import settle_nights
from ranking.actions.preview import sweep_previews
from ranking.actions.preview_rules import sweep_rules_previews
from ranking.actions.runs import ring
from ranking.models import Comparison, Job
from ranking.queries.ledger import abandoned_runs

logger = logging.getLogger(__name__)


@shared_task
def work_on_run(run_id: int) -> None:
    """Do one piece of the run, then ring for the next: other tasks get their turn between."""
    from ranking.actions.rank import work

    if work(run_id, stopping=_stopping):
        ring(run_id)


@shared_task
def work_on_job(kind: str, pk: int) -> None:
    """Do one piece of a training or an evaluation, then ring for the next."""
    from ranking.actions.job_pieces import work_on

    work_on(kind, pk, stopping=_stopping)


@shared_task
def work_on_comparison(kind: str, pk: int) -> None:
    """Do one piece of a comparison: it waits with the runs, and not behind a training of hours."""
    work_on_job(kind, pk)


def doorbell(kind: type[Job]) -> Any:
    """Return the task that works on this kind of job, each in the queue of its patience."""
    return work_on_comparison if kind is Comparison else work_on_job


@shared_task
def answer_preview(preview_id: int) -> None:
    """Say what two texts that are not saved would change."""
    from ranking.actions.answer import answer

    answer(preview_id)


@shared_task
def answer_why_not(question_id: int) -> None:
    """Say how near a product came to a page, and what would bring it in."""
    from ranking.actions.answer_why_not import answer_why_not

    answer_why_not(question_id)


@shared_task
def deliver(delivery_id: int) -> None:
    """Send one message to a webhook or a mail address."""
    from ranking.actions.deliver import deliver

    deliver(delivery_id)


@shared_task
def answer_rules_preview(preview_id: int) -> None:
    """Say what rules that are not live would change."""
    from ranking.actions.answer_rules import answer_rules

    answer_rules(preview_id)


@shared_task
def find_suggestions(first: int, second: int) -> None:
    """Find lines that may tell two siblings apart."""
    from ranking.actions.suggest import suggest_pair

    suggest_pair(first, second)


@shared_task
def begin_night() -> None:
    """Start the night's run, unless it has begun."""
    from ranking.actions.nights import begin_night

    begin_night()


@shared_task
def thin_runs() -> None:
    """Let the products of old runs go."""
    from ranking.actions.thin import thin_runs

    thin_runs()


@shared_task
def sweep() -> None:
    """Ring for every unfinished run or job that no worker holds, unless one is yet to hear of it.

    Old previews go, messages are sent again, nights are settled, and rules by hand whose time is
    over end. What fails is logged, and keeps nothing else from being done.
    """
    for chore in (
        *(sweep_previews, sweep_why_not, sweep_rules_previews, settle_nights),
        *(end_those_over, _ring_for_runs, _ring_for_jobs, sweep_deliveries),
    ):
        try:
            chore()
        except Exception:
            logger.exception("the sweep could not do %s", chore.__name__)


def _ring_for_runs() -> None:
    if not _letters_wait(current_app.conf.task_default_queue):
        for run_id in abandoned_runs().values_list("id", flat=True):
            ring(run_id)


def _ring_for_jobs() -> None:
    for task in (work_on_job, work_on_comparison):
        if not _letters_wait(_queue_of(task)):
            for job in abandoned_jobs():
                if doorbell(type(job)) is task:
                    ring_for_job(job)


def _queue_of(task: Any) -> str:
    route: dict[str, str] = current_app.conf.task_routes.get(task.name, {})
    queue: str = route.get("queue", current_app.conf.task_default_queue)
    return queue


def _letters_wait(queue: str) -> bool:
    """Whether the queue holds messages: without a worker they would pile up."""
    try:
        with current_app.connection_for_read() as broker:
            channel: Any = broker.default_channel
            return bool(channel.queue_declare(queue, passive=True).message_count)
    except Exception:  # noqa: BLE001  each broker has its own way to say that a queue is not there
        return False


def _stopping() -> bool:
    """Whether this worker was told to stop (it holds an exit status then, which may be 0)."""
    words: tuple[object, ...] = (worker.should_stop, worker.should_terminate)
    return any(word is not None for word in words)


@worker_ready.connect
def sweep_on_start(sender: Any, **_: Any) -> None:
    """A worker that comes back looks at once for what its death left behind.

    And again when the leases of the dead have run out: it may have come back sooner.
    """
    sweep()
    sender.timer.call_after(settings.SEESTOCKS_LEASE_SECONDS + 1, _sweep_once)


def _sweep_once() -> None:
    """Sweep from the worker's timer, which may be a thread with a connection of its own."""
    sweep()
    connection.close()
