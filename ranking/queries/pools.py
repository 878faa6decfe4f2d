"""What a page's newest ranking holds that is worth judging: reads of rows, no arrays."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.conf import settings
from django.db.models import F, Max, Q, QuerySet, Window
from django.db.models.expressions import OrderBy
from django.db.models.functions import Abs, Coalesce, RowNumber

from judgments.pools import batches
from judgments.queries.pools import Candidate, Wanted
from judgments.queries.shown import Shown, place_of, weight_of
from ranking.models import ConfusedPair, FenceProduct, PageRun, RankedProduct, State
from ranking.queries.fence import sureness

TOP, CUT, REMOVED, FENCE = "top", "cut", "removed", "fence"
LOW_CONFIDENCE = "minimum confidence"  # the rule that makes the cut


def newest_rankings(pages: Sequence[int]) -> dict[int, int]:
    """Return the newest ranking of each page that has one: the id of the page run that has its
    products → the page."""
    done = PageRun.objects.filter(page__in=pages, state=State.DONE).order_by()
    newest = done.values("page").annotate(newest=Max("id")).values("newest")
    held = PageRun.objects.filter(pk__in=newest).annotate(held_by=Coalesce("carried_from", "id"))
    return dict(held.values_list("held_by", "page"))


def rankings(pages: Sequence[int]) -> Iterator[tuple[int, list[Shown]]]:
    """Yield each ranked page with the products it shows at first sight, by position."""
    for some in batches(pages):
        runs = newest_rankings(some)
        shown: dict[int, list[Shown]] = {page: [] for page in runs.values()}
        rows = RankedProduct.objects.filter(
            page_run__in=runs, position__lte=settings.SEESTOCKS_PAGE_SIZE
        ).order_by("page_run", "position")
        columns = ("page_run", "product", "position", "confidence")
        for run, product, position, confidence in rows.values_list(*columns):
            shown[runs[run]].append(Shown(product, position, confidence))
        yield from shown.items()


def sizes(pages: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield each ranked page with the number of products it shows at first sight."""
    for some in batches(pages):
        shown = PageRun.objects.filter(pk__in=newest_rankings(some)).order_by()
        for page, number in shown.values_list("page", "shown"):
            yield page, min(number, settings.SEESTOCKS_PAGE_SIZE)


def top_of_page(wanted: Wanted) -> Iterator[Candidate]:
    """Yield what the pages show first."""
    for pages in batches(wanted.pages):
        runs = newest_rankings(pages)
        first = RankedProduct.objects.filter(page_run__in=runs, position__lte=wanted.number)
        yield from _shown(first, runs, TOP)


def near_the_cut(wanted: Wanted) -> Iterator[Candidate]:
    """Yield what stands nearest to the cut: half of it just shown, half just not sure enough."""
    below = wanted.number // 2
    last = _turn(F("confidence").asc(), F("position").desc())
    first = _turn(F("confidence").desc(), F("product").asc())
    for pages in batches(wanted.pages):
        runs = newest_rankings(pages)
        shown = RankedProduct.objects.filter(page_run__in=runs, position__isnull=False)
        least_sure = shown.annotate(turn=last).filter(turn__lte=wanted.number - below)
        yield from _shown(least_sure, runs, CUT)
        yield from _removed(runs, CUT, Q(removed_by=LOW_CONFIDENCE), below, first)


def removed_otherwise(wanted: Wanted) -> Iterator[Candidate]:
    """Yield what was taken off the pages by other rules, the surest first."""
    surest = _turn(F("confidence").desc(), F("product").asc())
    for pages in batches(wanted.pages):
        others = Q(position=None) & ~Q(removed_by=LOW_CONFIDENCE)
        yield from _removed(newest_rankings(pages), REMOVED, others, wanted.number, surest)


def on_the_fence(wanted: Wanted) -> Iterator[Candidate]:
    """Yield what stands between a page and a sibling, the nearest to the fence first.

    It is asked for on the side on which it stands, or on the other where that is not wanted.
    """
    among = set(wanted.pages)
    for pages in batches(wanted.pages):
        left = dict.fromkeys(pages, wanted.number)
        shown = dict(rankings(pages))
        taken: set[tuple[int, int]] = set()
        for first, second, product, margin in _fence_rows(pages, wanted.number):
            stands, other = (first, second) if margin > 0 else (second, first)
            page, sibling = (stands, other) if stands in among else (other, stands)
            if left.get(page) and (page, product) not in taken:
                left[page] -= 1
                taken.add((page, product))
                contradicts = 1 - sureness(margin) if page == stands else sureness(margin)
                change = contradicts * weight_of(place_of(product, shown.get(page, [])))
                yield Candidate(page, product, FENCE, change, sibling)


def _turn(*order: OrderBy) -> Window:
    return Window(RowNumber(), partition_by=[F("page_run")], order_by=list(order))


def _shown(rows: QuerySet[RankedProduct], runs: dict[int, int], pool: str) -> Iterator[Candidate]:
    """What would change if people found wrong what is shown."""
    columns = ("page_run", "product", "position", "confidence")
    for run, product, place, sure in rows.order_by("page_run", "position").values_list(*columns):
        yield Candidate(runs[run], product, pool, (1 - sure) * weight_of(place))


def _removed(
    runs: dict[int, int], pool: str, which: Q, number: int, turn: Window
) -> Iterator[Candidate]:
    """What would change if people found right what is removed, at the place it would take."""
    rows = RankedProduct.objects.filter(which, page_run__in=runs).annotate(turn=turn)
    chosen = list(
        rows.filter(turn__lte=number)
        .order_by("page_run", "turn")
        .values_list("page_run", "product", "score", "confidence")
    )
    scores = _scores({run for run, *_ in chosen})
    for run, product, score, sure in chosen:
        place = 1 + bisect_left(scores.get(run, []), -score)
        yield Candidate(runs[run], product, pool, sure * weight_of(place))


def _scores(runs: set[int]) -> dict[int, list[float]]:
    """The scores of what each page run shows, negated, so that they rise."""
    shown = RankedProduct.objects.filter(page_run__in=runs, position__isnull=False).order_by()
    scores: defaultdict[int, list[float]] = defaultdict(list)
    for run, score in shown.values_list("page_run", "score"):
        scores[run].append(-score)
    return {run: sorted(found) for run, found in scores.items()}


def _fence_rows(
    pages: Sequence[int], number: int
) -> QuerySet[FenceProduct, tuple[int, int, int, float]]:
    """Both siblings, product and log-odds for the first; of each pair enough for both its pages."""
    here = Q(first__in=pages) | Q(second__in=pages)
    rows = FenceProduct.objects.filter(pair__in=ConfusedPair.objects.standing().filter(here))
    away = Abs(F("margin"))
    nearest = rows.annotate(
        away=away,
        turn=Window(RowNumber(), partition_by=[F("pair")], order_by=[away.asc(), F("id").asc()]),
    ).filter(turn__lte=2 * number)
    return nearest.order_by("away", "id").values_list(
        "pair__first", "pair__second", "product", "margin"
    )
