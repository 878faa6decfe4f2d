"""The ledger that workers keep: claim, beat, finish, settle.

A claim is a conditional update that sets a lease and raises the attempt number. Whoever
writes must still hold that number, so a worker that was killed, or slept past its lease,
neither blocks its successor nor writes over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from ranking.listings import listing_of
from ranking.models import PageRun, RankedProduct, Run, State
from ranking.queries.ledger import claimable, held, measurable
from ranking.queries.machine_lines import machine_lines

MAX_TRIES = 5
GAVE_UP = f"Its worker stopped {MAX_TRIES} times in the middle of this page."
MAX_PREPARATIONS = 10
GAVE_UP_PREPARING = f"Its worker stopped {MAX_PREPARATIONS} times while it prepared the run."
GAVE_UP_MEASURING = (
    f"Its pages are ranked. Its worker stopped {MAX_TRIES} times while it measured the confusion."
)


class Lost(Exception):
    """The claim is no longer ours: another worker has taken the row."""


class Cancelled(Exception):
    """Somebody asked the run to stop."""


class Interrupted(Exception):
    """This worker is told to stop; what it holds is given back for the next one."""


@dataclass(frozen=True)
class Claim:
    """A page run taken by this worker, with the attempt number that proves it."""

    page_run: int
    page: int
    attempt: int


def claim_preparation(run_id: int) -> int | None:
    """Return the attempt number under which this worker prepares the run, or None if taken.

    After MAX_PREPARATIONS claims that ended in a dead worker the run is given up.
    """
    free = Run.objects.unfinished().filter(pk=run_id, prepared_at=None).exclude(held())
    for attempt in free.filter(tries__gte=MAX_PREPARATIONS).values_list("attempt", flat=True):
        fail_run(run_id, attempt, GAVE_UP_PREPARING)
    if not free.update(
        state=State.RUNNING, attempt=F("attempt") + 1, tries=F("tries") + 1, lease_until=_lease()
    ):
        return None
    return Run.objects.values_list("attempt", flat=True).get(pk=run_id)


def keep_run(run_id: int, attempt: int) -> None:
    """Extend the lease of a preparation or a measurement that takes its time."""
    _held(run_id, attempt).update(lease_until=_lease())


def beat_run(run_id: int, attempt: int, stage: str, done: int, total: int) -> None:
    """Show how far preparing or measuring is and extend its lease. Raises Lost and Cancelled."""
    mine = _held(run_id, attempt)
    if not mine.update(stage=stage, stage_done=done, stage_total=total, lease_until=_lease()):
        raise Lost
    raise_if_cancelled(run_id)


def finish_preparation(run_id: int, attempt: int, blend: dict[str, object]) -> None:
    """Open the run's pages to all workers. Raises Lost."""
    mine = _held(run_id, attempt).filter(prepared_at=None)
    if not mine.update(
        prepared_at=timezone.now(), lease_until=None, tries=0, stage="", blend=blend
    ):
        raise Lost


def give_back_run(run_id: int, attempt: int) -> None:
    """Let the next worker prepare or measure the run at once."""
    _held(run_id, attempt).update(lease_until=None, tries=F("tries") - 1)


def claim_measuring(run_id: int) -> int | None:
    """Return the attempt number under which this worker measures the run.

    None when its pages are not through, or another measures it. After MAX_TRIES claims that
    ended in a dead worker it is left unmeasured.
    """
    free = Run.objects.unfinished().filter(measurable(), pk=run_id).exclude(held())
    for attempt in free.filter(tries__gte=MAX_TRIES).values_list("attempt", flat=True):
        leave_unmeasured(run_id, attempt, GAVE_UP_MEASURING)
    if not free.update(attempt=F("attempt") + 1, tries=F("tries") + 1, lease_until=_lease()):
        return None
    return Run.objects.values_list("attempt", flat=True).get(pk=run_id)


def finish_measuring(run_id: int, attempt: int) -> None:
    """Note that the run is measured; to be called in the transaction that writes what was found.

    Raises Lost.
    """
    mine = _held(run_id, attempt)
    if not mine.update(measured_at=timezone.now(), lease_until=None, stage=""):
        raise Lost


def leave_unmeasured(run_id: int, attempt: int, error: str) -> None:
    """End a run whose pages are ranked but whose confusion could not be measured."""
    ended = {"finished_at": timezone.now(), "lease_until": None, "stage": ""}
    with transaction.atomic():
        mine = Run.objects.unfinished().filter(pk=run_id, attempt=attempt)
        if mine.update(state=State.DONE, error=error, **ended):
            _compare_with_published(Run.objects.get(pk=run_id))


def fail_run(run_id: int, attempt: int, error: str) -> None:
    """End a run that could not be prepared, and say why."""
    now = timezone.now()
    with transaction.atomic():
        mine = Run.objects.unfinished().filter(pk=run_id, attempt=attempt)
        if mine.update(state=State.FAILED, error=error, finished_at=now, lease_until=None):
            PageRun.objects.filter(run=run_id, state=State.WAITING).update(
                state=State.FAILED, error=error, finished_at=now
            )


def claim_pages(run_id: int, limit: int) -> list[Claim]:
    """Return up to `limit` pages of the run that are this worker's from now on.

    A page that was claimed before is claimed alone, so that one that kills its worker
    does not take others down with it; after MAX_TRIES it is given up.
    """
    with transaction.atomic():
        free = PageRun.objects.filter(claimable(), run=run_id)
        free.filter(tries__gte=MAX_TRIES).update(
            state=State.FAILED, error=GAVE_UP, finished_at=timezone.now(), lease_until=None
        )
        locked = free.select_for_update(skip_locked=True).order_by("tries", "id")
        rows = list(locked.values_list("id", "page_id", "attempt", "tries")[:limit])
        chosen = [row for row in rows if row[3] == 0] or rows[:1]
        PageRun.objects.filter(pk__in=[pk for pk, *_ in chosen]).update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            tries=F("tries") + 1,
            lease_until=_lease(),
            started_at=timezone.now(),
        )
    return [Claim(pk, page, attempt + 1) for pk, page, attempt, _ in chosen]


def keep_pages(claims: Sequence[Claim]) -> None:
    """Extend the leases of the claims that are still this worker's."""
    if claims:
        _mine(*claims).update(lease_until=_lease())


def finish_page(
    claim: Claim,
    products: Sequence[RankedProduct],
    *,
    input_hash: str,
    seconds: float,
    relaxed: str = "",
    known_hash: str = "",
) -> None:
    """Write the page's ranking and mark it done, in one transaction. Raises Lost."""
    with transaction.atomic():
        close_page(
            claim,
            state=State.DONE,
            input_hash=input_hash,
            known_hash=known_hash,
            seconds=seconds,
            relaxed=relaxed,
            shown=sum(product.position is not None for product in products),
            removed=sum(product.position is None for product in products),
        )
        for product in products:
            product.page_run_id = claim.page_run
        RankedProduct.objects.bulk_create(products, batch_size=500)
        _list_products(claim)


def fail_page(claim: Claim, error: str) -> None:
    """Mark the page as failed, with a sentence that says why. Raises Lost."""
    close_page(claim, state=State.FAILED, error=error)


def release(claims: Sequence[Claim], state: State) -> None:
    """Let go of pages that were claimed and not worked on."""
    if claims:
        _mine(*claims).update(state=state, lease_until=None, tries=F("tries") - 1)


def settle(run_id: int) -> None:
    """End the run if none of its pages needs work any more."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        if run.is_finished or _is_held(run):
            return
        if run.cancel_requested_at:  # pages whose worker died are not waited for
            unheld = run.page_runs.filter(claimable())
            unheld.update(state=State.CANCELLED, lease_until=None)
        states = set(run.page_runs.order_by().values_list("state", flat=True).distinct())
        if states & {State.WAITING, State.RUNNING}:
            return
        unmeasured = run.prepared_at and not run.measured_at and State.DONE in states
        if unmeasured and not run.cancel_requested_at:
            return
        run.state = State.CANCELLED if unmeasured else _end_state(states)
        run.finished_at = timezone.now()
        run.lease_until, run.stage = None, ""
        run.save(update_fields=["state", "finished_at", "lease_until", "stage"])
        if run.state == State.DONE:
            _compare_with_published(run)


def _compare_with_published(run: Run) -> None:
    """Ask in the transaction that ends a run whether it may be published."""
    from ranking.actions.compare import ask_for_gate  # jobs know this ledger

    ask_for_gate(run)


def raise_if_cancelled(run_id: int) -> None:
    """Raise Cancelled if somebody asked the run to stop."""
    if Run.objects.filter(pk=run_id, cancel_requested_at__isnull=False).exists():
        raise Cancelled


def _end_state(states: set[str]) -> State:
    if State.CANCELLED in states:
        return State.CANCELLED
    return State.FAILED if states == {State.FAILED} else State.DONE


def _list_products(claim: Claim) -> None:
    """Freeze what the shop would be told of the page, so that publishing only moves pointers."""
    page_run = PageRun.objects.get(pk=claim.page_run)
    page_run.listing = listing_of(page_run, machine_lines(page_run))
    page_run.save(update_fields=["listing"])


def _held(run_id: int, attempt: int) -> QuerySet[Run]:
    """The run, while it is prepared or measured under this attempt."""
    return Run.objects.filter(pk=run_id, attempt=attempt, lease_until__isnull=False)


def _is_held(run: Run) -> bool:
    return run.lease_until is not None and run.lease_until >= timezone.now()


def _lease() -> datetime:
    return timezone.now() + timedelta(seconds=settings.SEESTOCKS_LEASE_SECONDS)


def _mine(*claims: Claim) -> QuerySet[PageRun]:
    """The rows of claims that nobody has taken over."""
    any_of = Q()
    for claim in claims:
        any_of |= Q(pk=claim.page_run, attempt=claim.attempt)
    return PageRun.objects.filter(any_of, state=State.RUNNING)


def close_page(claim: Claim, **fields: object) -> None:
    """Let go of the page with what became of it. Raises Lost."""
    if not _mine(claim).update(finished_at=timezone.now(), lease_until=None, **fields):
        raise Lost
