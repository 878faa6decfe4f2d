"""A campaign of the demo, half done by its simulated annotators; the other half waits for you."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from random import Random

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef

from judgments.actions.campaigns import start_campaign
from judgments.actions.gold import add_gold, decide, propose_gold
from judgments.actions.guidelines import Shown, write_guideline
from judgments.actions.judge import Submission, lease, sit, submit
from judgments.models import (
    Annotator,
    AnswerKind,
    Campaign,
    CannotTell,
    Gold,
    GoldState,
    Grade,
    Judgment,
    Seat,
)
from judgments.queries.pools import Candidate
from seestocks.demo.catalogue import FAMILIES, FAMILY_OF
from seestocks.demo.chance import dice
from seestocks.demo.guidelines import ADVICE
from seestocks.demo.people import EXACT, PEOPLE, TELLING, Person, given_grade, true_grade
from seestocks.demo.products import sound_offers
from taxonomy.models import Category, Filing, FilingSource, PictureState, Product

TOKEN = uuid.UUID("5f0d7b62-7c39-4a0e-9a55-2b1c9a1f7d10")  # by which the campaign is known again
NAME = "Bags, spices and shoes"
FAMILY_NAMES = ("Bags", "Seasonings and heat", "Shoes")
# Of each page, how many products at most are asked about that are filed there, and next door.
ASKED = (10, 5)
GOLD_EVERY = 10
LEAD = "lea"
# How far each has come, of what is asked, and how long a product takes them: median seconds, and
# the standard deviation of their logarithm.
COME = {"Ada Careful": 0.5, "Ben Average": 0.45, "Cleo Hasty": 0.55}
PACE = {"Ada Careful": (4.2, 0.5), "Ben Average": (2.8, 0.5), "Cleo Hasty": (1.1, 0.6)}
PUZZLED = 0.6  # how often somebody cannot tell what has no picture
AT_ONCE = 20


@transaction.atomic
def begin_campaign(seed: int) -> Campaign:
    """Return the demo's campaign, begun with its guidelines and gold unless it was already."""
    if known := Campaign.objects.filter(token=TOKEN).first():
        return known
    lead = User.objects.get(username=LEAD)
    kinds = {offer.offer_id: offer.kind.id for offer in sound_offers(seed)}
    families = {family.name: family for family in FAMILIES}
    pages = [kind.id for name in FAMILY_NAMES for kind in families[name].kinds]
    _advise(kinds, lead)
    _take_gold_into_use(pages, kinds, lead)
    campaign = start_campaign(
        name=NAME,
        note="What people confuse most: mixes and pepper, loafers and moccasins.",
        by=lead,
        token=TOKEN,
        pages=list(Category.objects.filter(pk__in=pages)),
        candidates=list(_asked(pages)),
        overlap=len(PEOPLE),
        gold_every=GOLD_EVERY,
    )
    asked = campaign.items.count()
    for person in PEOPLE:
        worker = _Worker(person, campaign, kinds, dice(seed, f"campaign/{person.name}"))
        worker.judge(round(COME[person.name] * asked))
    return campaign


def _advise(kinds: dict[str, int], lead: User) -> None:
    """Write the guidelines, each with a product that truly belongs where it is shown."""
    for advice in ADVICE:
        branch = None if advice.branch is None else Category.objects.get(pk=advice.branch)
        examples = [
            Shown(product, Grade.EXACT, why)
            for page, why in advice.examples
            if (product := _of_kind(page, kinds))
        ]
        write_guideline(branch, advice.text, based_on=0, live=True, by=lead, examples=examples)


def _of_kind(page: int, kinds: dict[str, int]) -> int | None:
    filed = Filing.objects.filter(category=page, product__picture_state=PictureState.READY)
    rows = filed.order_by("product").values_list("product", "product__offer_id")
    return next((pk for pk, offer in rows if kinds[offer] == page), None)


def _take_gold_into_use(pages: list[int], kinds: dict[str, int], lead: User) -> None:
    """Take the pages' proposals into use, one in four for practice; the others wait for a lead.

    These the simulated people know already: two more of each page are added by hand, of which one
    is filed next door.
    """
    propose_gold()
    proposed = list(Gold.objects.filter(page__in=pages, state=GoldState.PROPOSED).order_by("id"))
    decide([gold for n, gold in enumerate(proposed) if n % 4], GoldState.ACTIVE, by=lead)
    explanation = "All who judged it said so, and the guideline does."
    decide(proposed[::4], GoldState.ACTIVE, by=lead, training=True, explanation=explanation)
    for page in Category.objects.filter(pk__in=pages):
        for category in (page.pk, _next_door(page.pk)):
            for product in _unjudged(page.pk, category)[:1]:
                add_gold(page, product, true_grade(page.pk, kinds[product.offer_id]), by=lead)


def _asked(pages: list[int]) -> Iterator[Candidate]:
    """Yield of each page products that are filed there or next door, unless they are known."""
    for page in pages:
        for category, count in zip((page, _next_door(page)), ASKED, strict=True):
            for product in _unjudged(page, category)[:count]:
                yield Candidate(page=page, product=product.pk, pool="random", expected_change=0.0)


def _next_door(page: int) -> int:
    """Return the sibling that is named before it; of the first, the last."""
    kinds = [kind.id for kind in FAMILY_OF[page].kinds]
    return kinds[kinds.index(page) - 1]


def _unjudged(page: int, category: int) -> list[Product]:
    """Return the category's products of which nobody has said what they are on the page."""
    here = {"page": page, "product": OuterRef("pk")}
    known = Exists(Judgment.objects.filter(**here)) | Exists(Gold.objects.filter(**here))
    filed = Product.objects.filter(filings__category=category, filings__source=FilingSource.FEED)
    return list(filed.filter(~known).order_by("id"))


@dataclass(frozen=True)
class _Worker:
    """A simulated annotator at the queue, as quick and as careful as stated."""

    person: Person
    campaign: Campaign
    kinds: dict[str, int]
    rng: Random

    def judge(self, count: int) -> None:
        """Judge so many products, or until nothing more is given."""
        annotator = Annotator.objects.get(name=self.person.name, simulated=True)
        sitting = sit(annotator, id=self._token(), campaign=self.campaign)
        sequence = 0
        while count > 0 and (seats := lease(sitting, min(count, AT_ONCE)).seats):
            said = [self._answer(seat, sequence + n) for n, seat in enumerate(seats, 1)]
            sequence = submit(sitting, said).sequence
            count -= len(seats)

    def _answer(self, seat: Seat, sequence: int) -> Submission:
        median, spread = PACE[self.person.name]
        seconds = round(median * self.rng.lognormvariate(0, spread), 2)
        product, page = seat.item.product, seat.item.page_id
        answer = partial(
            Submission, token=self._token(), sequence=sequence, seat=seat.pk, seconds=seconds
        )
        if product.picture_state != PictureState.READY and self.rng.random() < PUZZLED:
            return answer(kind=AnswerKind.CANNOT_TELL, reason=CannotTell.PICTURE)
        truth = true_grade(page, self.kinds[product.offer_id])
        grade = given_grade(self.person, truth, self.rng)
        tells = grade == truth < EXACT and self.rng.random() < TELLING
        belongs_to = self.kinds[product.offer_id] if tells else None
        return answer(kind=AnswerKind.GRADE, grade=grade, belongs_to=belongs_to)

    def _token(self) -> uuid.UUID:
        return uuid.UUID(int=self.rng.getrandbits(128), version=4)
