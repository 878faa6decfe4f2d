"""Reads of gold: what might become one, how often each was shown, and how often missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, Exists, F, Max, Min, OuterRef, QuerySet

from judgments.models import Adjudication, Cause, Gold, GoldState, Grade, Judgment
from judgments.queries.judgments import blind_judgments

UNANIMOUS_FROM = 3  # people who must agree
LOOKED_AGAIN_FROM = 2  # answers, before a gold that most miss is doubted
RIGHT_FROM = Grade.ACCEPTABLE  # gold is missed by a grade on the other side


@dataclass(frozen=True)
class GoldLine:
    """A gold in the list, with what people said of it before and what came of showing it."""

    gold: Gold
    people: int  # who gave this very grade without knowing of each other
    shown: int  # answers to it as gold
    missed: int  # of these, on the other side of right and wrong

    @property
    def look_again(self) -> bool:
        """Whether more than half miss it: then it is rather the gold that is wrong."""
        return self.shown >= LOOKED_AGAIN_FROM and self.missed * 2 > self.shown


@dataclass(frozen=True)
class Known:
    """A product of which it is known what it is on a page."""

    page: int
    product: int
    grade: int


def golds(state: str = "") -> QuerySet[Gold]:
    """Return the gold in a state, of GoldState, or all; newest first."""
    found = Gold.objects.select_related("page", "product__retailer", "decided_by")
    return found.filter(state=state) if state else found


def gold_counts() -> dict[str, int]:
    """Return how much gold is in each state."""
    counted = dict(Gold.objects.order_by().values_list("state").annotate(Count("id")))
    return {state: counted.get(state, 0) for state in GoldState.values}


def gold_lines(found: Iterable[Gold]) -> list[GoldLine]:
    """Return what the list shows of this gold; three queries, however much."""
    found = list(found)
    shown, missed = _answers(found)
    people = _people(found)
    return [
        GoldLine(
            gold, people[gold.page_id, gold.product_id, gold.grade], shown[gold.pk], missed[gold.pk]
        )
        for gold in found
    ]


def look_again() -> list[GoldLine]:
    """Return the gold in use that more than half of those who got it miss."""
    in_use = gold_lines(golds(GoldState.ACTIVE))
    return [line for line in in_use if line.look_again]


def unanimous() -> Iterator[Known]:
    """Yield what three people or more said alike, those with most people first, and no gold is of.

    Only what was said without knowing of each other counts: what a merchandiser hid does not.
    """
    words = blind_judgments().filter(~Exists(_known()))
    pairs = (
        words.order_by()
        .values("page", "product")
        .annotate(people=Count("id"), low=Min("grade"), high=Max("grade"))
    )
    agreed = pairs.filter(people__gte=UNANIMOUS_FROM, low=F("high"))
    for row in agreed.order_by("-people", "page", "product").iterator():
        yield Known(row["page"], row["product"], row["low"])


def adjudicated() -> Iterator[Known]:
    """Yield what was decided since somebody had slipped, newest first, and no gold is of.

    What is hard to tell, or left open by a text, would be no fair test.
    """
    decided = Adjudication.objects.standing().filter(~Exists(_known()), cause=Cause.SLIP)
    rows = decided.exclude(judgment=None).values_list("page", "product", "judgment__grade")
    for page, product, grade in rows.order_by("-id").iterator():
        yield Known(page, product, grade)


def _known() -> QuerySet[Gold]:
    return Gold.objects.filter(page=OuterRef("page"), product=OuterRef("product"))


def _answers(found: list[Gold]) -> tuple[Counter[int], Counter[int]]:
    """How often each was answered as gold, and how often missed."""
    newer = Judgment.objects.filter(seat=OuterRef("seat"), id__gt=OuterRef("id"))
    answers = Judgment.objects.filter(~Exists(newer), seat__item__gold__in=found, withdrawn=False)
    shown: Counter[int] = Counter()
    missed: Counter[int] = Counter()
    known = {gold.pk: gold.grade for gold in found}
    for gold, grade in answers.values_list("seat__item__gold", "grade"):
        shown[gold] += 1
        missed[gold] += (grade >= RIGHT_FROM) != (known[gold] >= RIGHT_FROM)
    return shown, missed


def _people(found: list[Gold]) -> Counter[tuple[int, int, int]]:
    """How many gave each grade of these products there, not counting answers to gold."""
    pages, products = {gold.page_id for gold in found}, {gold.product_id for gold in found}
    words = blind_judgments().filter(page__in=pages, product__in=products)
    words = words.exclude(seat__item__purpose="gold")
    return Counter(words.values_list("page", "product", "grade"))
