"""Questions of a campaign, each written once, with as many seats as people are to be asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db import transaction
from django.db.models import Count, Max

from judgments.models import Campaign, CampaignState, Item, JudgmentSource, Purpose, Seat
from judgments.pools import DISAGREEMENT, batches
from judgments.queries.judgments import current_judgments
from judgments.queries.pools import Candidate

ITEMS_AT_ONCE = 1_000  # of one transaction: others can write in between
ROWS_AT_ONCE = 1_000  # of one statement
Pair = tuple[int, int]


class CampaignOver(Exception):
    """The campaign is finished: nothing more is asked in it."""


@dataclass(frozen=True)
class Sorted:
    """Candidates that are to be asked, and those that are not.

    Left out is what enough people have judged, or what another campaign asks about.
    """

    to_ask: list[Candidate]
    left_out: list[Candidate]


def add_items(campaign: Campaign, candidates: Sequence[Candidate]) -> int:
    """Ask these next to last in the campaign, in their order; return how many are asked.

    What it has already is passed over; see `Sorted` for what is left out. Raises CampaignOver.
    """
    with transaction.atomic():
        held = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if held.state == CampaignState.FINISHED:
            raise CampaignOver(f"{held.name} is finished.")
        own = _own(held, candidates)
        new = [one for one in candidates if (one.page, one.product) not in own]
        sorted_out = sort_out(held, new)
        last = held.items.aggregate(last=Max("rank"))["last"]
        rank = 0 if last is None else last + 1
        write_left_out(held, sorted_out.left_out)
        return sum(
            write_items(held, part, rank + start)
            for start, part in in_parts(sorted_out.to_ask, ITEMS_AT_ONCE)
        )


def sort_out(campaign: Campaign, candidates: Sequence[Candidate]) -> Sorted:
    """Return which of the candidates the campaign is to ask, whether or not it has them yet."""
    pages = sorted({one.page for one in candidates})
    elsewhere, known = _asked(campaign, pages), _known(campaign, pages)

    def is_left_out(one: Candidate) -> bool:
        pair = one.page, one.product
        return pair in elsewhere or (pair in known and one.pool != DISAGREEMENT)

    return Sorted(
        [one for one in candidates if not is_left_out(one)],
        [one for one in candidates if is_left_out(one)],
    )


def write_items(campaign: Campaign, candidates: Sequence[Candidate], rank: int) -> int:
    """Write open items from that rank on, with their seats; return how many are new.

    In a transaction that holds the campaign. What another campaign has come to ask meanwhile
    is passed over.
    """
    own = _own(campaign, candidates)
    items = [
        _item(campaign, one, turn)
        for turn, one in enumerate(candidates, rank)
        if (one.page, one.product) not in own
    ]
    Item.objects.bulk_create(items, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)
    written = campaign.items.filter(
        rank__gte=rank, rank__lt=rank + len(candidates), closed=False, seats=None
    )
    ids = list(written.filter(purpose=Purpose.LABEL).values_list("id", flat=True))
    seats = (Seat(item_id=pk, number=n) for pk in ids for n in range(campaign.overlap))
    while some := list(islice(seats, ROWS_AT_ONCE)):
        Seat.objects.bulk_create(some)
    return len(ids)


def write_left_out(campaign: Campaign, candidates: Sequence[Candidate]) -> None:
    """Keep what is not asked as closed items without seats.

    So that it can be told how many they are, and that an estimate knows all that was drawn.
    """
    own = _own(campaign, candidates)
    items = [
        _item(campaign, one, 0, closed=True)
        for one in candidates
        if (one.page, one.product) not in own
    ]
    Item.objects.bulk_create(items, batch_size=ROWS_AT_ONCE)


def in_parts(
    candidates: Sequence[Candidate], size: int
) -> Iterator[tuple[int, Sequence[Candidate]]]:
    """Yield parts of at most `size` candidates, each with its place among all."""
    for start in range(0, len(candidates), size):
        yield start, candidates[start : start + size]


def _item(campaign: Campaign, one: Candidate, rank: int, *, closed: bool = False) -> Item:
    return Item(
        campaign=campaign,
        page_id=one.page,
        product_id=one.product,
        sibling_id=one.sibling,
        pool=one.pool,
        expected_change=one.expected_change,
        rank=rank,
        closed=closed,
    )


def _own(campaign: Campaign, candidates: Sequence[Candidate]) -> set[Pair]:
    """Which of these the campaign asks, has asked, or has left out."""
    own: set[Pair] = set()
    for _, part in in_parts(candidates, ROWS_AT_ONCE):
        here = campaign.items.filter(purpose=Purpose.LABEL, page__in={one.page for one in part})
        known = here.filter(product__in={one.product for one in part})
        own.update(known.values_list("page", "product"))
    return own


def _asked(campaign: Campaign, pages: Sequence[int]) -> set[Pair]:
    """What other campaigns ask about now."""
    asked = Item.objects.filter(purpose__in=(Purpose.LABEL, Purpose.AGAIN), closed=False)
    elsewhere = asked.exclude(campaign=campaign)
    return {
        pair
        for some in batches(pages)
        for pair in elsewhere.filter(page__in=some).values_list("page", "product")
    }


def _known(campaign: Campaign, pages: Sequence[int]) -> set[Pair]:
    """What as many people have judged as the campaign would ask.

    Simulated ones are no people; a merchandiser may hide a product for other reasons.
    """
    judged = current_judgments().exclude(source=JudgmentSource.MERCHANDISER)
    people = judged.filter(annotator__simulated=False).order_by()
    known: set[Pair] = set()
    for some in batches(pages):
        counted = people.filter(page__in=some).values_list("page", "product")
        enough = counted.annotate(people=Count("id")).filter(people__gte=campaign.overlap)
        known |= {(page, product) for page, product, _ in enough}
    return known
