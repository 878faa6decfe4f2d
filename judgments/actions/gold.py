"""Writes of gold: proposed by what people agree on, taken into use or dismissed by a person."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection
from itertools import chain

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from judgments.models import Gold, GoldState, Grade
from judgments.queries.gold import RIGHT_FROM, adjudicated, unanimous
from taxonomy.imports.trees import UNWRITABLE
from taxonomy.models import Category, Product

OF_A_PAGE = 3  # at most so many right and so many wrong ones of a page are proposed
MAX_EXPLANATION = 300


class BadGold(Exception):
    """A gold that cannot be kept; the message says why in a sentence."""


def propose_gold() -> int:
    """Propose as gold what people agree on; return how many are new.

    Of each page at most OF_A_PAGE right and as many wrong ones, counting what is proposed or in
    use: what was decided after a slip first, then what most people said alike. What somebody
    dismissed is not proposed again.
    """
    taken = Counter(
        (page, grade >= RIGHT_FROM)
        for page, grade in Gold.objects.exclude(state=GoldState.DISMISSED).values_list(
            "page", "grade"
        )
    )
    seen: set[tuple[int, int]] = set()
    new: list[Gold] = []
    for known in chain(adjudicated(), unanimous()):
        side = (known.page, known.grade >= RIGHT_FROM)
        if taken[side] < OF_A_PAGE and (known.page, known.product) not in seen:
            taken[side] += 1
            seen.add((known.page, known.product))
            new.append(Gold(page_id=known.page, product_id=known.product, grade=known.grade))
    before = Gold.objects.count()
    Gold.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
    return Gold.objects.count() - before


def decide(
    golds: Collection[Gold],
    state: str,
    *,
    by: User,
    training: bool = False,
    explanation: str = "",
) -> int:
    """Take proposals into use or dismiss gold; return how many changed.

    As `training` it tells at once what is right, and the explanation. Gold in use does not change:
    it is dismissed, and a new one added. Raises BadGold.
    """
    explanation = _checked(explanation)
    if state not in (GoldState.ACTIVE, GoldState.DISMISSED):
        raise BadGold("Gold is taken into use, or dismissed.")
    waiting = Gold.objects.filter(pk__in=[gold.pk for gold in golds])
    if state == GoldState.DISMISSED:
        open_ones = waiting.exclude(state=GoldState.DISMISSED)
        return open_ones.update(state=state, decided_by=by)
    proposed = waiting.filter(state=GoldState.PROPOSED)
    said = {"explanation": explanation} if explanation else {}
    return proposed.update(state=state, decided_by=by, training=training, **said)


def add_gold(
    page: Category,
    product: Product,
    grade: int,
    *,
    by: User,
    training: bool = False,
    explanation: str = "",
) -> Gold:
    """Take a product into use as gold by hand; a proposal of it is settled by that.

    Saying again what is in use changes nothing. Raises BadGold, also when it is in use with
    another grade.
    """
    explanation = _checked(explanation)
    if grade not in Grade.values:
        raise BadGold("A grade is one of 0, 1, 2, 3.")
    if page.retired_at:
        raise BadGold(f"{page} is retired: nothing is judged there any more.")
    said = {"grade": grade, "training": training, "explanation": explanation}
    try:
        with transaction.atomic():
            open_ones = Gold.objects.filter(page=page, product=product)
            open_ones.filter(state=GoldState.PROPOSED).update(
                state=GoldState.DISMISSED, decided_by=by
            )
            return Gold.objects.create(
                page=page, product=product, state=GoldState.ACTIVE, decided_by=by, **said
            )
    except IntegrityError:
        there = Gold.objects.get(page=page, product=product, state=GoldState.ACTIVE)
        if all(getattr(there, name) == value for name, value in said.items()):
            return there
        raise BadGold("It is gold already, and says something else: dismiss that first.") from None


def _checked(explanation: str) -> str:
    explanation = explanation.strip()
    if len(explanation) > MAX_EXPLANATION:
        raise BadGold(f"The explanation is longer than {MAX_EXPLANATION} characters.")
    if any(unicodedata.category(letter) in UNWRITABLE for letter in explanation):
        raise BadGold("The explanation holds a character that cannot be stored.")
    return explanation
