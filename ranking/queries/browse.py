"""Reads of rankings, for people who look at pages. Loads no arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from judgments.models import Judgment
from judgments.queries import current_judgments
from judgments.queries.intervals import wilson
from judgments.queries.truth import words_of
from judgments.truth import median_of
from ranking import labels
from ranking.models import PageRun, RankedProduct, Run, State
from ranking.queries import charts
from ranking.queries.lineup import Line
from ranking.queries.overview import TOP, newest_done
from taxonomy.models import Category, Product

ODD = 0.5  # from here on a price is marked as an outlier: half as odd as can be
RIGHT = 2  # the median grade, or the decided one, from which a product is right on a page


@dataclass(frozen=True)
class RightInTop:
    """How many of the judged products of the top ten are right, with a 95 % interval."""

    judged: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class PageFigures:
    """What stands above a page's ranking, with its charts; None where there is nothing to say."""

    right: RightInTop | None
    retailers: list[charts.RetailerShare]  # of all products shown
    in_top: int  # retailers among the first ten
    largest_retailer: str  # the one with most of the first ten
    largest_share: float
    median_price: Decimal | None  # of the first ten
    currency: str
    prices: list[charts.PriceBand]  # of all shown and of what went as an outlier
    odd_prices: int
    confidence: list[charts.Bar]  # of every product shown that the machine has looked at
    confidences: list[charts.ConfidenceRow]
    surest: float | None
    least: float | None


@dataclass(frozen=True)
class Removal:
    """How many products one rule removed."""

    rule: str
    label: str
    products: int


@dataclass(frozen=True)
class Moved:
    """By how many places a rule moved a product, up is positive, and why."""

    label: str
    reason: str
    places: int


@dataclass(frozen=True)
class SignalLine:
    """One signal of one product: its value, and what it added to the score."""

    label: str
    meaning: str
    value: float | None
    measured: bool  # False for the part that no signal adds
    added: float
    start: float  # where its bar begins, from 0 to 200 with the middle at 100
    width: float


def shown_page_run(page: Category) -> PageRun | None:
    """Return the page run whose ranking the page shows: its newest finished one."""
    done = PageRun.objects.filter(page=page, state=State.DONE).select_related("run")
    return done.order_by("-id").first()


def newer_page_run(page: Category, shown: PageRun | None) -> PageRun | None:
    """Return the page's newest part in a run that came after the one shown, if there is one."""
    newer = PageRun.objects.filter(page=page, id__gt=shown.pk if shown else 0)
    return newer.select_related("run").order_by("-id").first()


def ranking(page_run: PageRun) -> QuerySet[RankedProduct]:
    """Return the products shown, by position, with what a tile needs and no signals."""
    return _tiles(page_run).filter(position__isnull=False).order_by("position")


def removed(page_run: PageRun, rule: str = "") -> QuerySet[RankedProduct]:
    """Return the products removed (by one rule), the surest first."""
    gone = _tiles(page_run).filter(position=None)
    return (gone.filter(removed_by=rule) if rule else gone).order_by("-confidence", "id")


def removals(page_run: PageRun) -> list[Removal]:
    """Return how many products each rule removed, most first."""
    gone = page_run.ranked.filter(position=None).order_by()
    counts = gone.values_list("removed_by").annotate(n=Count("id")).order_by("-n", "removed_by")
    return [Removal(rule, labels.rule_label(rule), n) for rule, n in counts]


def page_figures(page_run: PageRun, lines: Sequence[Line], *, page_size: int) -> PageFigures:
    """Return the figures of a page's first products and the charts of all that it shows.

    `lines` are the page's, those shown by place first; of these the first `page_size` are looked
    at. Prices are drawn where there is one currency.
    """
    shown = [line for line in lines if line.place is not None][:page_size]
    products = [line.product for line in shown]
    priced = _priced(shown, [line for line in lines if line.ranked.removed_by == "outlier"])
    currencies = {product.currency for product in products if product.price is not None}
    one_currency = len(currencies) == 1
    first = [product.price for product in products[:TOP] if product.price is not None]
    sure = [line.ranked.confidence for line in shown if line.is_candidate]
    names = Counter(product.retailer.name for product in products[:TOP])
    largest, most = names.most_common(1)[0] if names else ("", 0)
    return PageFigures(
        right=_right_in(page_run, [product.pk for product in products[:TOP]]),
        retailers=charts.retailer_shares(products, TOP),
        in_top=len(names),
        largest_retailer=largest,
        largest_share=most / len(products[:TOP]) if most else 0.0,
        median_price=median(first) if first and one_currency else None,
        currency=currencies.pop() if one_currency else "",
        prices=charts.price_bands(priced) if one_currency else [],
        odd_prices=sum(one.is_odd for one in priced) if one_currency else 0,
        confidence=charts.confidence_bars(sure),
        confidences=charts.confidence_rows(sure),
        surest=sure[0] if sure else None,
        least=min(sure, default=None),
    )


def _priced(shown: Sequence[Line], outliers: Sequence[Line]) -> list[charts.Priced]:
    """The prices of what is shown, and of what went as an outlier for its price."""
    odd = {line.ranked.product_id for line in outliers if _has_odd_price(line)}
    return [
        charts.Priced(line.product.price, is_odd=_has_odd_price(line))
        for line in [*shown, *(line for line in outliers if line.ranked.product_id in odd)]
        if line.product.price is not None
    ]


def _has_odd_price(line: Line) -> bool:
    return bool(line.ranked.oddities.get("price", 0.0) >= ODD)


def signal_lines(ranked: RankedProduct) -> list[SignalLine]:
    """Return where the score starts, then the signals that move it most, with their bars."""
    added: dict[str, float] = ranked.contributions
    keys = sorted(
        {*added, *ranked.signals},
        key=lambda key: (key != labels.BASE, -abs(added.get(key, 0.0)), key),
    )
    largest = max((abs(value) for value in added.values()), default=0.0) or 1.0
    return [_line(key, ranked, added.get(key, 0.0), largest) for key in keys]


def moves(ranked: RankedProduct) -> list[Moved]:
    """Return what rules moved the product, in their order."""
    return [
        Moved(labels.rule_label(one["rule"]), one["reason"], one["places"]) for one in ranked.moves
    ]


def judgments_of(page: int, product: int) -> QuerySet[Judgment]:
    """Return what people think of the product on the page."""
    of_page = current_judgments().filter(page=page, product=product)
    return of_page.select_related("annotator", "belongs_to").order_by("annotator__name")


def standings(product: Product) -> QuerySet[RankedProduct]:
    """Return what became of the product on each page as it is shown now."""
    newest = newest_done(OuterRef("page_run__page"))
    return (
        RankedProduct.objects.filter(product=product, page_run=Subquery(newest.holders()[:1]))
        .select_related("page_run__page", "page_run__run")
        .defer("signals", "contributions")
        .order_by(F("position").asc(nulls_last=True), "-confidence")
    )


def runs() -> QuerySet[Run]:
    """Return all runs, newest first, with counts of their pages: all, by how they ended, and those
    of the done ones that were carried over."""
    return (
        Run.objects.select_related("started_by", "branch", "base")
        .annotate(
            pages=Count("page_runs"),
            done=Count("page_runs", filter=Q(page_runs__state=State.DONE)),
            carried=Count("page_runs", filter=Q(page_runs__carried_from__isnull=False)),
            failed=Count("page_runs", filter=Q(page_runs__state=State.FAILED)),
            cancelled=Count("page_runs", filter=Q(page_runs__state=State.CANCELLED)),
        )
        .order_by("-id")
    )


def page_runs_of(run: Run, state: str = "") -> QuerySet[PageRun]:
    """Return the run's parts (in one state), in the order in which they are worked on."""
    parts = run.page_runs.select_related("page").order_by("id")
    return parts.filter(state=state) if state else parts


def _tiles(page_run: PageRun) -> QuerySet[RankedProduct]:
    tiles = page_run.ranked.select_related("product__retailer")
    return tiles.defer("signals", "contributions", "product__description", "product__attributes")


def _right_in(page_run: PageRun, top: list[int]) -> RightInTop | None:
    words = current_judgments().filter(page=page_run.page_id, product__in=top)
    judged = words_of(words)
    if not judged:
        return None
    right = sum(median_of(of_product) >= RIGHT for of_product in judged.values())
    low, high = wilson(right, len(judged))
    return RightInTop(len(judged), right / len(judged), low, high)


def _line(key: str, ranked: RankedProduct, added: float, largest: float) -> SignalLine:
    label, meaning = labels.signal_words(key)
    width = 96 * abs(added) / largest
    return SignalLine(
        label=label,
        meaning=meaning,
        value=ranked.signals.get(key),
        measured=key in ranked.signals,
        added=added,
        start=round(100 - width if added < 0 else 100, 2),
        width=round(width, 2),
    )
