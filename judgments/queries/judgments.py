"""Reads of judgments."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from judgments.models import BLIND, Item, Judgment, Purpose, Seat, SeatState
from taxonomy.models import Category, Revision

COUNTS_FOR = "counts_for"


def current_judgments(until: int | None = None) -> QuerySet[Judgment]:
    """Return each annotator's latest judgment of each product on each page, unless it took back.

    `until` is the last id that counts: the judgments as they stood when it was made.
    """
    return _latest(Judgment.objects.all(), until)


def blind_judgments(until: int | None = None) -> QuerySet[Judgment]:
    """Return each annotator's latest judgment of those made without knowing what others thought.

    What somebody decided later, having seen the others' grades, does not hide what they had said
    before. `until` is the last id that counts.
    """
    return _latest(Judgment.objects.filter(source__in=BLIND), until)


def _latest(words: QuerySet[Judgment], until: int | None) -> QuerySet[Judgment]:
    counted = words if until is None else words.filter(id__lte=until)
    same = counted.filter(
        page=OuterRef("page"), product=OuterRef("product"), annotator=OuterRef("annotator")
    )
    # Asks the index `latest_word` once a row, so that a filter by page stays a short read. The
    # limit keeps PostgreSQL from joining all words with all words, as it does with NOT EXISTS
    # where it believes the table empty: for minutes, when it last looked amid a long import.
    last = same.order_by("-id").values("id")[:1]
    return counted.filter(id=Subquery(last), withdrawn=False)


def counting(judgments: QuerySet[Judgment]) -> QuerySet[Judgment]:
    """Return the judgments with the page that each counts for, as COUNTS_FOR.

    What people judged for a category that was retired counts for the one in its place; the
    judgment itself stays what it was.
    """
    return judgments.annotate(**{COUNTS_FOR: Coalesce("page__successor", "page")})


def guideline_now() -> int:
    """Return what a judgment made now keeps as `revisions_until`; 0 while there is no text.

    `Revision.objects.live(until)` gives the texts that are its guideline.
    """
    return Revision.objects.aggregate(newest=Max("id"))["newest"] or 0


@dataclass(frozen=True)
class JudgedFigures:
    """How much has been judged."""

    judgments: int
    products: int
    pages: int
    simulated: int  # of the judgments, those of nobody


def judged_figures(until: int | None = None) -> JudgedFigures:
    """Return how much has been judged in all, or up to the judgment `until`."""
    judgments = Judgment.objects.all() if until is None else Judgment.objects.filter(pk__lte=until)
    counts = judgments.aggregate(
        judgments=Count("id"),
        products=Count("product", distinct=True),
        pages=Count("page", distinct=True),
        simulated=Count("id", filter=Q(annotator__simulated=True)),
    )
    return JudgedFigures(**counts)


def pages_by_judgments() -> QuerySet[Category]:
    """Return the pages with their number of judgments as `judged`, the fewest first."""
    return Category.objects.pages().annotate(judged=Count("judgments")).order_by("judged", "path")


def unbiased_for(user: User, judgments: QuerySet[Judgment]) -> QuerySet[Judgment]:
    """Return those judgments whose grade this person may see without being bent by it.

    An annotator sees what others think of a product on a page after having judged it there, and
    not while the question stands before them once more.
    """
    about = {"page": OuterRef("page"), "product": OuterRef("product")}
    own = current_judgments().filter(annotator__user=user, **about)
    answered = Seat.objects.filter(
        item=OuterRef("pk"), annotator__user=user, state=SeatState.JUDGED
    )
    once_more = Item.objects.filter(
        Q(purpose=Purpose.AGAIN) | Q(only_for__user=user),
        ~Exists(answered),
        closed=False,
        **about,
    )
    return judgments.filter(Exists(own), ~Exists(once_more))
