"""What is woven into a person's queue: gold, whose grade is known, and repeats of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.crypto import salted_hmac

from judgments.models import (
    Campaign,
    Gold,
    GoldState,
    Item,
    Judgment,
    JudgmentSource,
    Purpose,
    SeatState,
    Sitting,
    View,
)
from judgments.queries.campaigns import pages_of

REPEAT_AFTER = 20  # answers: sooner, a person remembers rather than judges
CHOICES = 500  # that are looked at for one place


@dataclass(frozen=True)
class Place:
    """A place in a person's queue, so many items after the first of those being given out."""

    offset: int
    purpose: Purpose


def places(sitting: Sitting, campaign: Campaign, count: int) -> list[Place]:
    """Return which of the next `count` items this sitting gets of the campaign are woven in.

    One of every `gold_every` is gold and one of every `repeat_every` a repeat, anywhere among
    them: nobody can count it out, and a reload moves nothing.
    """
    if not (campaign.gold_every or campaign.repeat_every):
        return []
    counts = Counter(sitting.seats.order_by().values_list("item__campaign_id", flat=True))
    served = counts[campaign.pk]
    found = []
    for offset in range(count):
        if _falls_on(served + offset, campaign.gold_every, f"gold {campaign.pk} {sitting.pk}"):
            found.append(Place(offset, Purpose.GOLD))
        elif _falls_on(served + offset, campaign.repeat_every, f"{campaign.pk} {sitting.pk}"):
            found.append(Place(offset, Purpose.REPEAT))
    return found


def woven(sitting: Sitting, campaign: Campaign, place: Place, near: Sequence[int]) -> Item | None:
    """Return the item for that place, not saved yet; None when there is nothing fit for it.

    What is about one of the pages `near`, which stand before and after it, goes before the
    rest: a product from elsewhere in the midst of a page would show that it is special. In a
    grid nothing else will do.
    """
    find = _gold if place.purpose == Purpose.GOLD else _repeat
    return find(sitting, campaign, near)


def _gold(sitting: Sitting, campaign: Campaign, near: Sequence[int]) -> Item | None:
    if sitting.view == View.CONTRAST:
        return None  # a known grade is about one page
    about = {"page": OuterRef("page"), "product": OuterRef("product")}
    judged = Judgment.objects.filter(annotator=sitting.annotator, **about)
    shown = Item.objects.filter(only_for=sitting.annotator, **about)
    asked = Item.objects.filter(
        purpose__in=(Purpose.LABEL, Purpose.AGAIN), closed=False, **about
    )  # it will come by itself, and never twice
    known = Gold.objects.filter(~Exists(judged), ~Exists(shown), ~Exists(asked))
    known = _within(sitting, campaign, known.filter(state=GoldState.ACTIVE))
    pk = _drawn(sitting, known.order_by("id").values_list("pk", "page"), near)
    if pk is None:
        return None
    gold = Gold.objects.get(pk=pk)
    return _item(sitting, campaign, Purpose.GOLD, gold, gold=gold)


def _repeat(sitting: Sitting, campaign: Campaign, near: Sequence[int]) -> Item | None:
    said = Judgment.objects.filter(
        annotator=sitting.annotator,
        seat__state=SeatState.JUDGED,
        seat__item__campaign=campaign,
        page=F("seat__item__page"),  # of a contrast's two, the one
    ).order_by("-id")
    since = said.values_list("id", flat=True)[REPEAT_AFTER - 1 : REPEAT_AFTER].first()
    if since is None:
        return None
    long_ago = _repeatable(sitting, said.filter(id__lt=since))
    pk = _drawn(sitting, long_ago.values_list("seat__item", "page"), near)
    if pk is None:
        return None
    first = Item.objects.get(pk=pk)
    return _item(sitting, campaign, Purpose.REPEAT, first, sibling_id=first.sibling_id)


def _repeatable(sitting: Sitting, said: QuerySet[Judgment]) -> QuerySet[Judgment]:
    """Return what this person may be asked once more: once, as it was asked, and not settled."""
    about = {"page": OuterRef("page"), "product": OuterRef("product")}
    repeated = Item.objects.filter(only_for=sitting.annotator, purpose=Purpose.REPEAT, **about)
    # By this very person: another word of theirs would stand above their decision.
    settled = Judgment.objects.filter(
        annotator=sitting.annotator, source=JudgmentSource.ADJUDICATOR, **about
    )
    fit = said.filter(
        ~Exists(repeated),
        ~Exists(settled),
        seat__item__only_for=None,
        seat__item__sibling__isnull=sitting.view != View.CONTRAST,
    )
    return fit.filter(page__lineage__startswith=sitting.branch.lineage) if sitting.branch else fit


def _within(sitting: Sitting, campaign: Campaign, golds: QuerySet[Gold]) -> QuerySet[Gold]:
    """Return the gold on pages that the campaign is about, and the sitting asks for."""
    golds = golds.filter(page__in=pages_of(campaign))
    if sitting.branch:
        golds = golds.filter(page__lineage__startswith=sitting.branch.lineage)
    return golds


def _item(
    sitting: Sitting, campaign: Campaign, purpose: Purpose, about: Gold | Item, **fields: object
) -> Item:
    return Item(
        campaign=campaign,
        page_id=about.page_id,
        product_id=about.product_id,
        purpose=purpose,
        only_for=sitting.annotator,
        **fields,
    )


def _drawn(
    sitting: Sitting, rows: QuerySet[Any, tuple[int, int]], near: Sequence[int]
) -> int | None:
    """Return the id of the row that the lot falls on: of a page near, or of any."""
    found = list(rows[:CHOICES])
    beside = [row for row in found if row[1] in near]
    if sitting.view == View.GRID:
        found = beside
    lots = [(_lot(f"{sitting.annotator_id} {pk}"), pk) for pk, _ in beside or found]
    return min(lots)[1] if lots else None


def _falls_on(number: int, every: int, seed: str) -> bool:
    """Whether this number is the one of its window of `every`."""
    return every > 0 and number % every == _lot(f"{seed} {number // every}") % every


def _lot(seed: str) -> int:
    """The lot of that seed. The installation's secret key draws it: who judges knows the seeds."""
    drawn = salted_hmac("judgments.woven", seed, algorithm="sha256")
    return int.from_bytes(drawn.digest()[:8], "big")
