"""What is there to judge for a person: whose turn it is, campaign by campaign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from judgments.models import (
    Annotator,
    AnswerKind,
    Campaign,
    CampaignState,
    Item,
    Judgment,
    Participation,
    ParticipationState,
    Purpose,
    Seat,
    SeatState,
    Sitting,
    View,
)
from taxonomy.models import Category

ASIDE = (SeatState.LATER, SeatState.CANNOT_TELL)


@dataclass(frozen=True)
class Queue:
    """A campaign as one person finds it: what is left, what they did, and how they stand."""

    campaign: Campaign
    left: int  # items this person can still be given
    done: int  # items this person has judged
    state: str  # of ParticipationState
    reason: str  # why warned or paused, in a sentence


@dataclass(frozen=True)
class Branch:
    """A branch of a campaign's pages, and how many open items it has for a person."""

    category: Category
    left: int


@dataclass(frozen=True)
class Progress:
    """How far a sitting has come: of its present batch, and in all."""

    answered: int  # answers that count
    in_batch: int  # of these, since the last pause
    batch: int  # answers, then a pause
    sequence: int  # the number of the last answer that arrived


def campaigns_for(annotator: Annotator) -> QuerySet[Campaign]:
    """Return the running campaigns that are open to this person, paused in them or not.

    A campaign is for those who are assigned, and for everybody where nobody is.
    """
    parts = Participation.objects.filter(campaign=OuterRef("pk"), assigned=True)
    return Campaign.objects.filter(
        Exists(parts.filter(annotator=annotator)) | ~Exists(parts), state=CampaignState.RUNNING
    ).order_by("id")


def working_campaigns(annotator: Annotator) -> QuerySet[Campaign]:
    """Return the running campaigns in which this person may go on."""
    paused = Participation.objects.filter(annotator=annotator, state=ParticipationState.PAUSED)
    return campaigns_for(annotator).exclude(pk__in=paused.values("campaign"))


def available_seats() -> QuerySet[Seat]:
    """Return the seats that nobody has: open ones, and those whose lease has run out."""
    free = Q(state=SeatState.OPEN)
    run_out = Q(state__in=(SeatState.HELD, SeatState.LATER), lease_until__lt=timezone.now())
    return Seat.objects.filter(free | run_out)


def open_items(annotator: Annotator) -> QuerySet[Item]:
    """Return the items that this person may be given, were there a seat.

    Nothing that they sit at already, nor what they have judged elsewhere, unless it is asked
    again of everybody.
    """
    said = Judgment.objects.filter(annotator=annotator, product=OuterRef("product"))
    free_to_ask = Q(free_here=True, free_next_door=True) | Q(purpose=Purpose.AGAIN)
    return Item.objects.alias(
        free_here=_unsaid(said.filter(page=OuterRef("page"))),
        free_next_door=_unsaid(said.filter(page=OuterRef("sibling"))),
    ).filter(
        free_to_ask,
        ~Exists(Seat.objects.filter(item=OuterRef("pk"), annotator=annotator)),
        closed=False,
        only_for=None,
    )


def _unsaid(words: QuerySet[Judgment]) -> Coalesce:
    """Return whether the last of the words was taken back, or none was ever said.

    Looked up item by item, in their turn: PostgreSQL joins nothing with a limit.
    """
    return Coalesce(Subquery(words.order_by("-id").values("withdrawn")[:1]), True)


def items_left(annotator: Annotator) -> QuerySet[Item]:
    """Return the items that this person could be given now."""
    free = available_seats().filter(item=OuterRef("pk"))
    return open_items(annotator).filter(Exists(free))


def let_go(annotator: Annotator) -> QuerySet[Item]:
    """Return the items that stood before this person when they went away, and still wait there.

    They are no `items_left`, having a seat of this person's already: their next sitting takes
    them over.
    """
    own = Seat.objects.filter(item=OuterRef("pk"), annotator=annotator, state=SeatState.HELD)
    return Item.objects.filter(Exists(own.filter(lease_until__lt=timezone.now())), closed=False)


def campaigns_of(sitting: Sitting) -> QuerySet[Campaign]:
    """Return the campaigns that this sitting works through, as far as its person may go on."""
    open_here = working_campaigns(sitting.annotator)
    return open_here.filter(pk=sitting.campaign_id) if sitting.campaign_id else open_here


def queue_of(
    sitting: Sitting, campaigns: Iterable[Campaign], *, seated: bool = True
) -> QuerySet[Item]:
    """Return the campaigns' items that this sitting could be given now.

    Without `seated` also those whose seats are all before other people.
    """
    items = items_left(sitting.annotator) if seated else open_items(sitting.annotator)
    items = items.filter(
        campaign__in=[campaign.pk for campaign in campaigns],
        sibling__isnull=sitting.view != View.CONTRAST,
    )
    if sitting.branch:
        items = items.filter(page__lineage__startswith=sitting.branch.lineage)
    return items


def queues(annotator: Annotator) -> list[Queue]:
    """Return this person's campaigns in the order in which they would be worked through."""
    parts = {part.campaign_id: part for part in annotator.participations.all()}
    done = dict(
        annotator.seats.filter(state=SeatState.JUDGED, item__campaign__state=CampaignState.RUNNING)
        .values_list("item__campaign")
        .annotate(count=Count("id"))
    )
    left, waiting = items_left(annotator), let_go(annotator)
    found = []
    for campaign in campaigns_for(annotator):
        part = parts.get(campaign.pk)
        found.append(
            Queue(
                campaign=campaign,
                left=sum(items.filter(campaign=campaign).count() for items in (left, waiting)),
                done=done.get(campaign.pk, 0),
                state=part.state if part else ParticipationState.ACTIVE,
                reason=part.reason if part else "",
            )
        )
    return found


def branches_of(queue: Queue, annotator: Annotator) -> list[Branch]:
    """Return the branches just below the campaign's own, or the roots, that have open items."""
    above = queue.campaign.branch.lineage if queue.campaign.branch else "/"
    counts: Counter[int] = Counter()
    for items in (items_left(annotator), let_go(annotator)):
        pages = items.filter(campaign=queue.campaign).values_list("page__lineage")
        for lineage, count in pages.annotate(count=Count("id")):
            below = lineage.removeprefix(above).strip("/").split("/")[0]
            counts[int(below or lineage.strip("/").rsplit("/", 1)[-1])] += count
    found = Category.objects.filter(pk__in=counts).order_by("path")
    return [Branch(category, counts[category.pk]) for category in found]


def put_aside(annotator: Annotator, state: str) -> QuerySet[Seat]:
    """Return what this person put off ("later") or cannot tell, while its campaign runs."""
    return (
        annotator.seats.filter(state=state, item__campaign__in=working_campaigns(annotator))
        .select_related("item__page", "item__product__retailer", "item__sibling")
        .order_by("answered_at", "lease_until", "id")
    )


def progress(sitting: Sitting) -> Progress:
    """Return how far a sitting has come."""
    counting = sitting.answers.filter(refused="", undone_by=None).exclude(kind=AnswerKind.UNDO)
    answered = counting.count()
    return Progress(
        answered=answered,
        in_batch=answered % sitting.batch,
        batch=sitting.batch,
        sequence=sitting.sequence,
    )
