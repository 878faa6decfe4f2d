"""What is to be judged, by how many, and who has which place: campaign → item → seat."""

from __future__ import annotations

import secrets
import uuid
from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from judgments.models.gold import Gold
from judgments.models.people import Annotator
from judgments.models.sittings import Sitting
from taxonomy.models import Category, Product


class CampaignState(models.TextChoices):
    GATHERING = "gathering", "gathering"  # a worker looks for what is worth judging
    RUNNING = "running", "running"
    PAUSED = "paused", "paused"
    FINISHED = "finished", "finished"


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def unfinished(self) -> CampaignQuerySet:
        """Return the campaigns that are not over."""
        return self.exclude(state=CampaignState.FINISHED)


class Campaign(models.Model):
    """Some pages' products, to be judged by a number of people each."""

    name = models.CharField(max_length=150, unique=True)
    note = models.CharField(max_length=500, blank=True)
    # Its pages: those of the branch, all without one; or those that are named.
    branch = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    pages = models.ManyToManyField(Category, blank=True, related_name="+")
    # How many products of each page come from which pool: pool's name → number.
    pools = models.JSONField(default=dict)
    overlap = models.PositiveSmallIntegerField(default=2)  # people asked about each item
    gold_every = models.PositiveSmallIntegerField(default=20)  # 0: no gold
    repeat_every = models.PositiveSmallIntegerField(default=40)  # 0: nothing is asked twice
    # Share of right products shown that it wants to know to ± this.
    aim = models.FloatField(default=0.05)
    state = models.CharField(
        max_length=10, choices=CampaignState.choices, default=CampaignState.GATHERING
    )
    error = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    # Made when the form was, so that a second click finds the first one's campaign.
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    made_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Campaign]] = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(overlap__gte=1, overlap__lte=9), name="overlap_in_1_to_9"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ParticipationState(models.TextChoices):
    ACTIVE = "active", "active"
    WARNED = "warned", "warned"
    PAUSED = "paused", "paused"


class Participation(models.Model):
    """A person's part in a campaign. A campaign in which nobody is `assigned` is for all."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="participations")
    annotator = models.ForeignKey(
        Annotator, on_delete=models.CASCADE, related_name="participations"
    )
    assigned = models.BooleanField(default=False)
    state = models.CharField(
        max_length=10, choices=ParticipationState.choices, default=ParticipationState.ACTIVE
    )
    reason = models.CharField(max_length=300, blank=True)  # why warned or paused, in a sentence
    # Gold answered before does not count any more: a lead has let the person go on.
    counted_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("campaign", "annotator"), name="one_part_each")
        ]

    def __str__(self) -> str:
        return f"{self.annotator} in {self.campaign}: {self.state}"


class Purpose(models.TextChoices):
    LABEL = "label", "label"
    GOLD = "gold", "gold"  # the answer is known
    REPEAT = "repeat", "repeat"  # the same person again, to see whether they still think so
    AGAIN = "again", "again"  # asked again because its guideline has changed


class Item(models.Model):
    """One question: does this product belong on this page? With a sibling: there, or on that?

    Its seats are made with it, as many as people are to be asked: no more can answer.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="items")
    page = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    sibling = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.LABEL)
    pool = models.CharField(max_length=20, blank=True)  # why it was chosen
    # How much the published page is expected to change by what people say of it.
    expected_change = models.FloatField(default=0)
    rank = models.PositiveIntegerField()  # its turn in the campaign, from 0
    gold = models.ForeignKey(Gold, null=True, blank=True, on_delete=models.PROTECT)
    # Gold and repeats are for one person; what is here for all has nobody.
    only_for = models.ForeignKey(
        Annotator, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    # All its seats are answered, or its campaign is over.
    closed = models.BooleanField(default=False)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("campaign", "rank", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("page", "product"),
                condition=Q(purpose__in=("label", "again"), closed=False),
                name="a_question_is_open_once",
            ),
            models.CheckConstraint(
                condition=Q(sibling=None) | ~Q(sibling=F("page")), name="a_sibling_is_another"
            ),
        ]
        indexes = [
            models.Index(
                fields=("campaign", "rank"), condition=Q(closed=False), name="open_items_by_turn"
            ),
            models.Index(fields=("page",), condition=Q(closed=False), name="open_items_by_page"),
        ]

    def __str__(self) -> str:
        return f"{self.product} on {self.page} ({self.purpose})"


class SeatState(models.TextChoices):
    OPEN = "open", "open"
    HELD = "held", "held"  # stands before somebody until the lease runs out
    LATER = "later", "later"  # put off by somebody, theirs until the lease runs out
    JUDGED = "judged", "judged"
    CANNOT_TELL = "cannot_tell", "cannot tell"


def seat_number() -> int:
    """Return an id that tells nothing, of 53 bits, which scripts can hold.

    Counted ones would show whoever judges which seats were made just for them: the known ones.
    """
    return secrets.randbelow(2**53 - 1) + 1


class Seat(models.Model):
    """One of an item's places: at most one person has it, and a person has at most one."""

    id = models.BigAutoField(primary_key=True, default=seat_number)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="seats")
    number = models.PositiveSmallIntegerField()  # from 0
    state = models.CharField(max_length=12, choices=SeatState.choices, default=SeatState.OPEN)
    annotator = models.ForeignKey(
        Annotator, null=True, blank=True, on_delete=models.PROTECT, related_name="seats"
    )
    # Where it stands on a screen: another tab of the same person shows something else.
    sitting = models.ForeignKey(
        Sitting, null=True, blank=True, on_delete=models.SET_NULL, related_name="seats"
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("item", "number")
        constraints = [
            models.UniqueConstraint(fields=("item", "number"), name="a_seat_once"),
            models.UniqueConstraint(fields=("item", "annotator"), name="one_seat_per_person"),
            models.CheckConstraint(
                condition=Q(state="open", annotator=None) | (~Q(state="open") & ~Q(annotator=None)),
                name="a_taken_seat_has_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=("annotator", "state"), name="seats_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"seat {self.number} of {self.item}: {self.state}"
