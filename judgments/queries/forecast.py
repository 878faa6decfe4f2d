"""How good the pages of a campaign are, and how much judging is left until that is known.

Estimated on what the campaign drew at random from what its pages show: nothing else that it
asks is typical of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from django.db.models import Count, Max, Q

from judgments.models import (
    Campaign,
    CampaignState,
    Grade,
    Item,
    JudgmentSource,
    Purpose,
    Seat,
    SeatState,
)
from judgments.pools import RANDOM, batches
from judgments.queries.intervals import wilson, without_replacement
from judgments.queries.judgments import current_judgments
from judgments.queries.shown import sizes_of
from judgments.queries.truth import words_of
from judgments.truth import Word, median_of

DAY = timedelta(days=1)
NOT_YET = "What is to be judged is still being gathered."
NOTHING_DRAWN = (
    "This campaign drew nothing at random, so what people say in it is not typical of its pages."
)
NOTHING_JUDGED = "Nothing that was drawn at random has been judged yet."


@dataclass(frozen=True, slots=True)
class Drawn:
    """A product drawn at random. `stands_for` is how many of those shown it speaks for.

    `asked` is false for what enough people had judged before, or are asked about elsewhere;
    `right` is None until somebody has judged it.
    """

    stands_for: float
    asked: bool
    right: bool | None


@dataclass(frozen=True)
class Estimate:
    """The share of right products among those shown, 0 to 1, with its 95 % interval.

    All three are None as long as nothing that was drawn is judged. `more` is how many more of
    the drawn must be judged until half the interval is at most the aim; None when all of them
    are not enough, or nothing is known. `in_the_end` is what half of it will be after all.
    """

    share: float | None
    low: float | None
    high: float | None
    judged: int
    drawn: int
    shown: int
    more: int | None
    in_the_end: float | None

    @property
    def margin(self) -> float | None:
        """Half of the interval."""
        if self.low is None or self.high is None:
            return None
        return (self.high - self.low) / 2


@dataclass(frozen=True)
class Forecast:
    """An estimate, and what is missing for it: labels, and days at the newest pace.

    `undefined` says in a sentence why there is no estimate. `labels` are the answers in the
    campaign's order until the aim is reached, None when that cannot be told or will not be.
    `pace` is the labels of the 24 hours before the newest one, which came at `newest`.
    """

    estimate: Estimate
    undefined: str
    labels: int | None
    pace: int
    newest: datetime | None

    @property
    def days(self) -> float | None:
        """Days until the aim at that pace; None without a pace or a number of labels."""
        return self.labels / self.pace if self.labels is not None and self.pace else None


def estimate(drawn: Sequence[Drawn], shown: int, aim: float) -> Estimate:
    """Return what the drawn tell of `shown` products; their order is of no matter.

    Each product counts for as many as it was drawn from. Of those asked here only a part is
    judged yet: it stands for all of them, and what was known before stands for itself, since
    what was judged before is not typical (weighting-class adjustment, Oh & Scheuren 1983).
    Wilson's interval at the effective size (Kish 1965), corrected for a finite population.
    """
    judged = [one for one in drawn if one.right is not None]
    shown = max(shown, len(drawn))
    if not judged:
        return Estimate(None, None, None, 0, len(drawn), shown, None, None)
    weights = _weights(drawn, judged)
    total = sum(weights)
    right = (weight for weight, one in zip(weights, judged, strict=True) if one.right)
    share = min(1.0, sum(right) / total)
    # What unequal weights cost: so much of each judged product counts.
    worth = total**2 / sum(weight**2 for weight in weights) / len(judged)
    low, high = _interval(share, worth, len(judged), shown)
    possible = range(len(judged), len(drawn) + 1)
    enough = (n for n in possible if _half(share, worth, n, shown) <= aim)
    needed = next(enough, None)
    return Estimate(
        share,
        low,
        high,
        len(judged),
        len(drawn),
        shown,
        None if needed is None else needed - len(judged),
        _half(share, worth, len(drawn), shown),
    )


def forecast(campaign: Campaign) -> Forecast:
    """Return what is known of the campaign's pages, and how long until it is known well."""
    items = list(
        campaign.items.filter(pool=RANDOM, purpose=Purpose.LABEL)
        .annotate(places=Count("seats"))
        .order_by("rank", "id")
        .values_list("page", "product", "rank", "closed", "places")
    )
    by_page: defaultdict[int, list[int]] = defaultdict(list)
    for page, product, *_ in items:
        by_page[page].append(product)
    sizes = sizes_of(sorted(by_page))
    said = _right(campaign, by_page)
    drawn = [
        Drawn(
            max(sizes.get(page, 0) / len(by_page[page]), 1.0),
            places > 0,
            said.get((page, product)),
        )
        for page, product, _, _, places in items
    ]
    found = estimate(drawn, sum(sizes.values()), campaign.aim)
    waiting = [
        rank
        for page, product, rank, closed, _ in items
        if not closed and (page, product) not in said
    ]
    newest, pace = _pace(campaign)
    labels = _labels_until(campaign, found, waiting)
    return Forecast(found, _why_not(campaign, found), labels, pace, newest)


def _weights(drawn: Sequence[Drawn], judged: Sequence[Drawn]) -> list[float]:
    """Of each judged product: what it stands for, and for those of its kind not judged yet."""
    of_all: defaultdict[bool, float] = defaultdict(float)
    of_judged: defaultdict[bool, float] = defaultdict(float)
    for one in drawn:
        of_all[one.asked] += one.stands_for
    for one in judged:
        of_judged[one.asked] += one.stands_for
    return [one.stands_for * of_all[one.asked] / of_judged[one.asked] for one in judged]


def _interval(share: float, worth: float, judged: int, shown: int) -> tuple[float, float]:
    size = without_replacement(worth * judged, judged, shown)
    return (share, share) if size == inf else wilson(share * size, size)


def _half(share: float, worth: float, judged: int, shown: int) -> float:
    low, high = _interval(share, worth, judged, shown)
    return (high - low) / 2


def _right(campaign: Campaign, by_page: Mapping[int, Sequence[int]]) -> dict[tuple[int, int], bool]:
    """Whether people find products right, by page and product: their median, or the decision.

    Simulated people count where this campaign asked them; a merchandiser's word is no grade: it
    may have other reasons.
    """
    who = Q(annotator__simulated=False) | Q(seat__item__campaign=campaign)
    words: dict[tuple[int, int], list[Word]] = {}
    for pages in batches(sorted(by_page)):
        products = {product for page in pages for product in by_page[page]}
        said = current_judgments().filter(who, page__in=pages, product__in=products)
        words |= words_of(said.exclude(source=JudgmentSource.MERCHANDISER))
    return {pair: median_of(these) >= Grade.ACCEPTABLE for pair, these in words.items()}


def _labels_until(campaign: Campaign, found: Estimate, waiting: Sequence[int]) -> int | None:
    """The open seats up to the turn of the last drawn product that is needed."""
    if found.more is None or found.more > len(waiting):
        return None
    if not found.more:
        return 0
    last = waiting[found.more - 1]
    before = Item.objects.filter(campaign=campaign, closed=False, rank__lte=last)
    asked = before.filter(purpose__in=(Purpose.LABEL, Purpose.AGAIN))
    unanswered = (SeatState.OPEN, SeatState.HELD, SeatState.LATER)
    return Seat.objects.filter(item__in=asked, state__in=unanswered).count()


def _pace(campaign: Campaign) -> tuple[datetime | None, int]:
    """When the newest label came, and how many came in the 24 hours up to then."""
    labels = Seat.objects.filter(
        item__campaign=campaign, state=SeatState.JUDGED, answered_at__isnull=False
    )
    newest: datetime | None = labels.aggregate(at=Max("answered_at"))["at"]
    if newest is None:
        return None, 0
    return newest, labels.filter(answered_at__gt=newest - DAY).count()


def _why_not(campaign: Campaign, found: Estimate) -> str:
    if campaign.state == CampaignState.GATHERING:
        return NOT_YET
    if not found.drawn:
        return NOTHING_DRAWN
    return "" if found.judged else NOTHING_JUDGED
