"""A worker's moves at a run, for tests of the ledger and of what people do to runs."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ranking.actions.ledger import (
    Claim,
    claim_pages,
    finish_page,
)
from ranking.models import RankedProduct, Run
from tests.factories import make_product


def take(run: Run, limit: int = 10) -> list[Claim]:
    return claim_pages(run.pk, limit)


def finish(claim: Claim, *titles: str) -> None:
    rows = [
        RankedProduct(
            product=make_product(title), position=place, why="here", score=1, confidence=0.5
        )
        for place, title in enumerate(titles, start=1)
    ]
    finish_page(claim, rows, input_hash="h", seconds=0.1)


def let_leases_run_out(run: Run) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Run.objects.filter(pk=run.pk).exclude(lease_until=None).update(lease_until=past)
    run.page_runs.exclude(lease_until=None).update(lease_until=past)


def state_of(run: Run) -> str:
    run.refresh_from_db()
    return run.state
