"""Reads of where people disagree: the list, lowest agreement first, and one product in full."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Avg,
    Exists,
    F,
    FloatField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.functions import Cast

from judgments.models import (
    BLIND,
    Adjudication,
    Annotator,
    Answer,
    AnswerKind,
    Campaign,
    Cause,
    Gold,
    GoldState,
    Grade,
    Guideline,
    GuidelineRevision,
    Item,
    Judgment,
    JudgmentSource,
    Purpose,
    Seat,
    SeatState,
)
from judgments.queries.judgments import blind_judgments, current_judgments
from taxonomy.models import Category, Discriminator, Product, Revision

HASTE = 2.0  # seconds: below it a time is marked, as a hint that nobody can have looked
Pair = tuple[int, int]  # page, product


@dataclass(frozen=True)
class Disputed:
    """A product on a page of which people think differently."""

    page: Category
    product: Product
    grades: list[int]  # what each of them thinks, lowest first
    cannot_tell: int


@dataclass(frozen=True)
class Word:
    """What one person thinks, and how long they looked."""

    judgment: Judgment
    blind: bool

    @property
    def hasty(self) -> bool:
        """Whether it came so fast that it may be a slip: a hint, nothing more."""
        return self.judgment.seconds is not None and self.judgment.seconds < HASTE


@dataclass(frozen=True)
class Dispute:
    """All that is known of one product on one page."""

    page: Category
    product: Product
    words: list[Word]  # the newest of each person, blind ones first
    cannot_tell: list[Answer]
    gold: Gold | None
    decisions: list[Adjudication]  # newest first, those taken back among them
    asked_again: bool  # the question is open once more

    @property
    def standing(self) -> Adjudication | None:
        """The decision that counts."""
        stands = (one for one in self.decisions if not one.taken_back_at and not one.asked_again_at)
        return next(stands, None)

    @property
    def based_on(self) -> int:
        """What a form says it has seen: the newest decision's id, 0 for none."""
        return self.decisions[0].pk if self.decisions else 0


def disputed(
    campaign: Campaign | None = None,
    page: Category | None = None,
    branch: Category | None = None,
    person: Annotator | None = None,
) -> list[Pair]:
    """Return what is to be settled as pairs of page and product, lowest agreement first.

    Two people or more judged it without knowing of each other, they differ, nobody has decided,
    and it is not being asked again. The lowest agreement is the widest range of grades, among
    equal ranges the largest variance, then the most who could not tell. `person` keeps what that
    annotator judged, `campaign` what was asked in it. Four queries.
    """
    words = blind_judgments()
    if page:
        words = words.filter(page=page)
    if branch:
        words = words.filter(page__lineage__startswith=branch.lineage)
    if person:
        words = words.filter(Exists(_of_pair(blind_judgments().filter(annotator=person))))
    if campaign:
        words = words.filter(Exists(_of_pair(Item.objects.filter(campaign=campaign))))
    spread = _spread(words)
    again = Item.objects.filter(purpose=Purpose.AGAIN, closed=False)
    for done in (Adjudication.objects.standing(), again):
        for pair in done.values_list("page", "product"):
            spread.pop(pair, None)
    could_not = Seat.objects.filter(state=SeatState.CANNOT_TELL)
    undecided = Counter(could_not.values_list("item__page", "item__product"))
    return sorted(spread, key=lambda pair: (*spread[pair], -undecided[pair], pair))


def disputes(pairs: Sequence[Pair]) -> list[Disputed]:
    """Return what the list shows of these pairs, in their order; four queries, however many."""
    pages = Category.objects.in_bulk({page for page, _ in pairs})
    products = Product.objects.select_related("retailer").in_bulk({pk for _, pk in pairs})
    asked = Q(page__in=pages, product__in=products)
    grades: dict[Pair, list[int]] = defaultdict(list)
    for page, product, grade in (
        blind_judgments().filter(asked).values_list("page", "product", "grade")
    ):
        grades[page, product].append(grade)
    could_not = Seat.objects.filter(
        state=SeatState.CANNOT_TELL, item__page__in=pages, item__product__in=products
    )
    undecided = Counter(could_not.values_list("item__page", "item__product"))
    return [
        Disputed(
            pages[page], products[product], sorted(grades[page, product]), undecided[page, product]
        )
        for page, product in pairs
    ]


def dispute(page: Category, product: Product) -> Dispute:
    """Return all that is known of a product on a page: for those who settle it."""
    pair = {"page": page, "product": product}
    return Dispute(
        page=page,
        product=product,
        words=_words(pair),
        cannot_tell=_cannot_tell(pair),
        gold=Gold.objects.filter(**pair).exclude(state=GoldState.DISMISSED).first(),
        decisions=list(
            Adjudication.objects.filter(**pair).select_related(
                "by",
                "judgment__belongs_to",
                "guideline__category",
                "discriminator__category",
                "discriminator__sibling",
            )
        ),
        asked_again=Item.objects.filter(**pair, purpose=Purpose.AGAIN, closed=False).exists(),
    )


def decided() -> QuerySet[Adjudication]:
    """Return the decisions that stand, newest first."""
    named = ("page", "product", "judgment__belongs_to", "by", "guideline__category")
    between = ("discriminator__category", "discriminator__sibling")
    return Adjudication.objects.standing().select_related(*named, *between).order_by("-id")


def gaps(
    *, guideline: Guideline | None = None, discriminators: Iterable[Discriminator] = ()
) -> QuerySet[Adjudication]:
    """Return the standing decisions that wait for a text to be written or changed."""
    about = Q(discriminator__in=list(discriminators))
    if guideline:
        about |= Q(guideline=guideline)
    found = Adjudication.objects.standing().filter(about, cause=Cause.GAP)
    return found.select_related("page", "product__retailer", "judgment__belongs_to", "by")


def closed_gaps() -> QuerySet[Adjudication]:
    """Return the gaps whose text has a newer live revision than there was when they were found."""
    guidelines = GuidelineRevision.objects.filter(
        guideline=OuterRef("guideline"), number__gt=OuterRef("revision"), state="live"
    )
    texts = Revision.objects.filter(
        discriminator=OuterRef("discriminator"), number__gt=OuterRef("revision"), state="live"
    )
    newer = Exists(guidelines.exclude(text="")) | Exists(texts.exclude(text=""))
    return Adjudication.objects.standing().filter(newer, cause=Cause.GAP).order_by("id")


def asked_again(guideline: Guideline) -> QuerySet[Adjudication]:
    """Return the gaps that this guideline has closed, newest first; `waits` while they are asked
    about again."""
    open_items = Item.objects.filter(
        page=OuterRef("page"), product=OuterRef("product"), purpose=Purpose.AGAIN, closed=False
    )
    closed = Adjudication.objects.filter(guideline=guideline, asked_again_at__isnull=False)
    named = closed.select_related("page", "product").annotate(waits=Exists(open_items))
    return named.order_by("-asked_again_at", "-id")


def sides(
    page: Category, sibling: Category | None, number: int = 3
) -> tuple[list[Judgment], list[Judgment]]:
    """Return words on products that surely belong on the page, and on ones that surely do not.

    All who judged such a product say so; with a sibling, those beyond belong there.
    """
    words = blind_judgments().filter(page=page).select_related("product__retailer", "belongs_to")
    others = _of_pair(blind_judgments())
    right = words.filter(~Exists(others.filter(grade__lt=Grade.EXACT)), grade=Grade.EXACT)
    if sibling:
        there = blind_judgments().filter(page=sibling).select_related("product__retailer")
        beyond = there.filter(~Exists(others.filter(grade__lt=Grade.EXACT)), grade=Grade.EXACT)
    else:
        beyond = words.filter(~Exists(others.filter(grade__gt=Grade.WRONG)), grade=Grade.WRONG)
    return _by_product(right, number), _by_product(beyond, number)


def _of_pair(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(page=OuterRef("page"), product=OuterRef("product"))


def _spread(words: QuerySet[Judgment]) -> dict[Pair, tuple[int, float]]:
    """The range of grades and their variance, both negative, of the pairs that have a range."""
    grade = Cast("grade", FloatField())
    pairs = words.order_by().values("page", "product")
    measured = pairs.annotate(
        low=Min("grade"),
        high=Max("grade"),
        variance=Avg(grade * grade) - Avg(grade) * Avg(grade),
    )
    rows = measured.filter(low__lt=F("high")).values_list(
        "page", "product", "low", "high", "variance"
    )
    # The same grades in another order must not differ in the last digit.
    return {
        (page, product): (low - high, -round(variance, 9))
        for page, product, low, high, variance in rows
    }


def _words(pair: dict[str, Any]) -> list[Word]:
    """The newest blind word of each person, then what they and others said knowing more."""
    named = ("annotator", "belongs_to", "guideline__guideline__category")
    blind = (
        blind_judgments()
        .filter(**pair)
        .select_related(*named)
        .order_by("-grade", "annotator__name")
    )
    knowing = current_judgments().filter(**pair).exclude(source__in=BLIND)
    knowing = knowing.exclude(source=JudgmentSource.ADJUDICATOR).select_related(*named)
    return [Word(one, True) for one in blind] + [Word(one, False) for one in knowing]


def _cannot_tell(pair: dict[str, Any]) -> list[Answer]:
    """Why some could not tell: of each seat that stands so, the newest answer."""
    seats = Seat.objects.filter(
        item__page=pair["page"], item__product=pair["product"], state=SeatState.CANNOT_TELL
    )
    newer = Answer.objects.filter(seat=OuterRef("seat"), id__gt=OuterRef("id"), refused="")
    said = Answer.objects.filter(~Exists(newer), seat__in=seats, kind=AnswerKind.CANNOT_TELL)
    return list(said.select_related("sitting__annotator").order_by("id"))


def _by_product(words: QuerySet[Judgment], number: int) -> list[Judgment]:
    found = {word.product_id: word for word in words.order_by("product", "id")[: number * 8]}
    return list(found.values())[:number]
