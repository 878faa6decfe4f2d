"""Let the products of old runs go: their rows are many, and nobody looks at them any more.

All runs of the last 14 days are kept whole; of older ones the last of each week for a quarter of a
year, and the last of each month before that. Whatever was published, is carried on by a newer run,
is built on by one at work, was written a note on, or is the newest is kept whole for ever. A
thinned run keeps its own row and those of its pages with their figures; only the products of its
pages go, what the shop would have been told of them, and files of what it learned that no other
run uses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from ranking.listings import forget_listings
from ranking.models import FINISHED, PageRun, RankedProduct, Run, State, Training
from ranking.queries.base import FILES

WHOLE = timedelta(days=14)
WEEKLY = timedelta(days=91)
AT_ONCE = 50  # pages whose products go in one transaction: nobody waits long for the lock


@dataclass
class Thinned:
    """What went, or would go."""

    runs: list[int] = field(default_factory=list)
    products: int = 0  # rows
    files: list[str] = field(default_factory=list)


def thin_runs(*, now: datetime | None = None, dry: bool = False) -> Thinned:
    """Let go of what the rule says and return it; with `dry`, say only what would go."""
    runs = runs_to_thin(now or timezone.now())
    gone = Thinned(runs=[run.pk for run in runs])
    for run in runs:
        gone.products += _products(run).count() if dry else _thin(run)
    if not dry:
        for run in _half_thinned():
            gone.products += _let_go(run)
    gone.files = sorted(_files_of(runs) - _files_in_use(gone.runs))
    if not dry:
        for name in gone.files:
            (settings.DATA / "models" / name).unlink(missing_ok=True)
        forget_listings()
    return gone


def runs_to_thin(now: datetime) -> list[Run]:
    """Return the runs whose products go by the rule, oldest first."""
    ended = Run.objects.filter(state__in=FINISHED).order_by("-as_of", "-id")
    kept, seen = _kept_for_ever(), set[tuple[object, ...]]()
    thinned: list[Run] = []
    for run in ended:
        period = _period(run.as_of, now)
        if period is None or run.pk in kept:
            continue
        if period in seen:
            thinned.append(run)
        elif run.state == State.DONE:  # the last of its week or month
            seen.add(period)
        else:
            thinned.append(run)
    return [run for run in reversed(thinned) if run.thinned_at is None]


def _period(at: datetime, now: datetime) -> tuple[object, ...] | None:
    """Of which one run is kept; None where all are."""
    day = timezone.localtime(at)
    if now - at <= WHOLE:
        return None
    if now - at <= WEEKLY:
        return ("week", *day.isocalendar()[:2])
    return ("month", day.year, day.month)


def _kept_for_ever() -> set[int]:
    """Published ones, those that newer runs' pages were or may be carried over from, noted ones,
    and the newest that ended well, with what it builds on."""
    published = PageRun.objects.filter(publications__isnull=False)
    carrying = PageRun.objects.filter(carried__run__thinned_at=None, carried__isnull=False)
    newest = Run.objects.filter(state=State.DONE).order_by("-as_of", "-id").first()
    kept = {
        *published.values_list("run", flat=True),
        *Run.objects.filter(page_runs__in=_holders(published)).values_list("id", flat=True),
        *carrying.values_list("run", flat=True),
        *Run.objects.unfinished().exclude(base=None).values_list("base_id", flat=True),
        *Run.objects.filter(notes__isnull=False).values_list("id", flat=True),
        *Run.objects.filter(releases__isnull=False).values_list("id", flat=True),
    }
    return kept | ({newest.pk, newest.base_id or newest.pk} if newest else set())


def _holders(page_runs: Any) -> Any:
    return PageRun.objects.filter(pk__in=page_runs.holders())


def _thin(run: Run) -> int:
    """Let the run's products go, unless somebody has published it meanwhile."""
    with transaction.atomic():
        Run.objects.select_for_update(of=("self",)).get(pk=run.pk)  # see `publish_run`
        if PageRun.objects.filter(run=run, publications__isnull=False).exists():
            return 0
        Run.objects.filter(pk=run.pk).update(thinned_at=timezone.now())
    return _let_go(run)


def _half_thinned() -> Iterable[Run]:
    """Runs that a worker died of thinning: their listings go last."""
    thinned = Run.objects.exclude(thinned_at=None).order_by("id")
    return thinned.filter(Exists(PageRun.objects.filter(run=OuterRef("pk")).exclude(listing=None)))


def _let_go(run: Run) -> int:
    """Delete the products of a thinned run, some pages at a time; what they told goes last."""
    gone, pages = 0, list(run.page_runs.values_list("id", flat=True))
    for start in range(0, len(pages), AT_ONCE):
        with transaction.atomic():
            some = RankedProduct.objects.filter(page_run__in=pages[start : start + AT_ONCE])
            gone += some.delete()[0]
    run.page_runs.update(listing=None)
    return gone


def _products(run: Run) -> Any:
    return RankedProduct.objects.filter(page_run__run=run)


def _files_of(runs: Iterable[Run]) -> set[str]:
    return {run.blend[name] for run in runs for name in FILES if run.blend.get(name)}


def _files_in_use(gone: list[int]) -> set[str]:
    """Names of files that other runs and all versions go by."""
    others = Run.objects.filter(thinned_at=None).exclude(pk__in=gone)
    made: list[dict[str, Any]] = [*others.values_list("blend", flat=True)]
    made += Training.objects.values_list("made", flat=True)
    return {each[name] for each in made for name in FILES if each.get(name)}
