"""Work on a run: prepare it, or rank a chunk of its pages. For workers: loads models."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import IntegrityError

from ranking.actions.carry import carry_page
from ranking.actions.heartbeat import heartbeat
from ranking.actions.ledger import (
    Cancelled,
    Claim,
    Interrupted,
    Lost,
    claim_measuring,
    claim_pages,
    claim_preparation,
    fail_page,
    fail_run,
    finish_page,
    give_back_run,
    keep_pages,
    keep_run,
    leave_unmeasured,
    raise_if_cancelled,
    release,
    settle,
)
from ranking.actions.measure import measure_confusion
from ranking.actions.prepare import prepare
from ranking.models import RankedProduct, Run, State
from ranking.pipeline.data import PageRanking, Ranked
from ranking.queries.inputs import Snapshot, snapshot

logger = logging.getLogger(__name__)

CHUNK = 16  # pages claimed at once, so that matrix products are large


def work(run_id: int, *, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Do the next piece of the run and return whether there may be more to do at once.

    A piece is the preparation, one chunk of pages, or at the end the measuring of confusion.
    Safe to call at any time, by any number of workers: what is not free to take is left alone.
    When `stopping` becomes true, what is held is given back.
    """
    run = Run.objects.filter(pk=run_id).first()
    if run is None or run.is_finished:
        return False
    pieces = (_prepare,) if run.prepared_at is None else (_rank_chunk, _measure)
    try:
        raise_if_cancelled(run_id)
        more = any(piece(run, stopping) for piece in pieces)
    except (Cancelled, Interrupted, Lost):
        more = False
    settle(run_id)
    if not more:
        snapshot.cache_clear()  # whoever resumes the run shall see the shop anew
    return more


def _prepare(run: Run, stopping: Callable[[], bool]) -> bool:
    attempt = claim_preparation(run.pk)
    if attempt is None:
        return False
    try:
        with heartbeat(partial(keep_run, run.pk, attempt)):
            prepare(run, attempt, stopping)
    except (Cancelled, Interrupted, Lost):
        give_back_run(run.pk, attempt)
        raise
    except Exception as error:
        logger.exception("run %s could not be prepared", run.pk)
        fail_run(run.pk, attempt, f"The run could not be prepared: {error}")
        return False
    return True


def _rank_chunk(run: Run, stopping: Callable[[], bool]) -> bool:
    try:
        inputs = snapshot(run.pk, str(run.token))  # before claiming: loading it takes a while
    except Exception as error:
        logger.exception("run %s: its inputs cannot be read", run.pk)
        fail_run(run.pk, run.attempt, f"What the run learned cannot be read any more: {error}")
        return False
    claims = {claim.page: claim for claim in claim_pages(run.pk, CHUNK)}
    if not claims:
        return False
    try:
        with heartbeat(lambda: keep_pages(list(claims.values()))):
            for outcome in _outcomes(inputs, list(claims)):
                _write(run, claims[outcome.page], outcome)
                del claims[outcome.page]
                raise_if_cancelled(run.pk)
                if stopping():
                    raise Interrupted
    except Cancelled:
        release(list(claims.values()), State.CANCELLED)
        raise
    except Interrupted:
        release(list(claims.values()), State.WAITING)
        raise
    return True


def _measure(run: Run, stopping: Callable[[], bool]) -> bool:
    attempt = claim_measuring(run.pk)
    if attempt is None:
        return False
    try:
        with heartbeat(partial(keep_run, run.pk, attempt)):
            measure_confusion(run, attempt, snapshot(run.pk, str(run.token)), stopping)
    except (Cancelled, Interrupted, Lost):
        give_back_run(run.pk, attempt)
        raise
    except Exception as error:
        logger.exception("run %s could not be measured", run.pk)
        why = "Its pages are ranked, but the confusion among siblings could not be measured"
        leave_unmeasured(run.pk, attempt, f"{why}: {error}")
    return False


@dataclass(frozen=True)
class Failed:
    """A page that could not be ranked, and why."""

    page: int
    why: str


def _outcomes(inputs: Snapshot, pages: Sequence[int]) -> Iterator[PageRanking | Failed]:
    """Rank the pages together; if one of them fails, one by one, so that it fails alone."""
    retired = [page for page in pages if page not in inputs.shelf.tree.parent_of]
    yield from (Failed(page, "The category was retired.") for page in retired)
    left = [page for page in pages if page not in retired]
    try:
        for ranking in inputs.rank(tuple(left)):
            left.remove(ranking.page)
            yield ranking
    except Exception as error:
        logger.exception("pages %s", left)
        if len(left) == 1:
            yield Failed(left[0], f"{type(error).__name__}: {error}")
        else:
            for page in left:
                yield from _outcomes(inputs, [page])


def _write(run: Run, claim: Claim, outcome: PageRanking | Failed) -> None:
    try:
        _write_or_fail(run, claim, outcome)
    except Lost:
        logger.warning("page run %s was taken over by another worker", claim.page_run)


def _write_or_fail(run: Run, claim: Claim, outcome: PageRanking | Failed) -> None:
    if isinstance(outcome, Failed):
        fail_page(claim, outcome.why)
        return
    if outcome.is_unchanged:
        carry_page(claim, run, seconds=sum(outcome.seconds.values()))
        return
    try:
        finish_page(
            claim,
            [_row(ranked) for ranked in outcome.rows],
            input_hash=outcome.digest,
            seconds=sum(outcome.seconds.values()),
            relaxed=outcome.relaxed,
            known_hash=outcome.known,
        )
    except IntegrityError as error:  # a product was deleted meanwhile
        fail_page(claim, f"Its ranking could not be written: {error}")


def _row(ranked: Ranked) -> RankedProduct:
    return RankedProduct(
        product_id=ranked.product,
        position=ranked.position,
        removed_by=ranked.removed_by,
        why=ranked.why,
        duplicate_of_id=ranked.duplicate_of,
        moves=ranked.moves,
        score=ranked.score,
        confidence=ranked.confidence,
        misfiled=ranked.misfiled,
        chance_wrong=ranked.chance_wrong,
        oddities=ranked.oddities,
        signals=ranked.signals,
        contributions=ranked.contributions,
    )
