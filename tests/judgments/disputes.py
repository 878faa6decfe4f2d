"""Products that people disagree about."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User

from judgments.actions.adjudicate import Decision, adjudicate
from judgments.models import Adjudication, Campaign, Item, Judgment, Purpose, Seat, SeatState
from judgments.queries.adjudication import dispute
from taxonomy.models import Category, Product
from tests.factories import make_annotator, make_campaign, make_judgment, make_product, make_user


def make_dispute(
    page: Category, grades: Sequence[int], *, product: Product | None = None, start: int = 1
) -> Product:
    """Return a product of which "rater-1", "rater-2" and so on think so."""
    product = product or make_product()
    for number, grade in enumerate(grades, start):
        make_judgment(page, product, grade, f"rater-{number}")
    return product


def make_answered(page: Category, grades: Sequence[int], campaign: Campaign | None = None) -> Item:
    """Return an item of a campaign whose seats so many people have answered."""
    campaign = campaign or make_campaign()
    product = make_product()
    item = Item.objects.create(
        campaign=campaign, page=page, product=product, rank=0, purpose=Purpose.LABEL, closed=True
    )
    for number, grade in enumerate(grades):
        who = make_annotator()
        seat = Seat.objects.create(item=item, number=number, state=SeatState.JUDGED, annotator=who)
        Judgment.objects.create(
            page=page, product=product, annotator=who, grade=grade, source="annotator", seat=seat
        )
    return item


def settle(
    page: Category, product: Product, grade: int | None = 3, *, by: User | None = None, **said: Any
) -> Adjudication:
    """Settle it, having seen all that was decided before."""
    return adjudicate(
        page,
        product,
        Decision(**({"cause": "slip", "grade": grade} | said)),
        by=by or make_user("leads"),
        token=uuid.uuid4(),
        based_on=dispute(page, product).based_on,
    )
