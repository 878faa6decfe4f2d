"""What each answer does: to the seat it was given on, and to what its person says."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from judgments.actions.judge.leasing import LEASE
from judgments.actions.judge.submissions import (
    ON_SIBLINGS,
    Submission,
    SubmissionFault,
    clamped,
)
from judgments.models import (
    Answer,
    AnswerKind,
    CampaignState,
    Grade,
    Item,
    Judgment,
    JudgmentSource,
    Purpose,
    Seat,
    SeatState,
    Sitting,
)
from judgments.queries.guidelines import guidelines_of
from judgments.queries.judgments import guideline_now
from taxonomy.models import Category

LATER = timedelta(days=7)  # how long what was put off stays its person's
WAITING = (SeatState.OPEN, SeatState.HELD, SeatState.LATER)
ANSWERED = {AnswerKind.CANNOT_TELL: SeatState.CANNOT_TELL, AnswerKind.LATER: SeatState.LATER}
Said = tuple[Category, int, int | None]  # page, grade, the id of where it belongs


class Answering:
    """One batch of answers of one sitting: each is weighed in turn, and all are written at once.

    It locks the items, then the seats, each in the order of their ids: two people who answer
    the last two seats of an item wait for each other, and the second one closes it.
    """

    def __init__(self, sitting: Sitting, submissions: Sequence[Submission]) -> None:
        self._sitting, self._annotator = sitting, sitting.annotator
        asked = {one.seat for one in submissions}
        items = Item.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
        list(items.filter(pk__in=Seat.objects.filter(pk__in=asked).values("item")))
        seats = Seat.objects.select_for_update(of=("self",)).order_by("pk").filter(pk__in=asked)
        related = seats.select_related(
            "item__page", "item__sibling", "item__campaign", "item__gold"
        )
        self._seats = {seat.pk: seat for seat in related}
        named = {one.belongs_to for one in submissions if one.belongs_to is not None}
        self._categories = set(
            Category.objects.filter(pk__in=named).values_list("pk", flat=True) if named else ()
        )
        self._guidelines = guidelines_of(
            page for seat in self._seats.values() for page in _pages(seat.item)
        )
        self._revisions_until = guideline_now()
        self._answers: list[Answer] = []
        self._judgments: list[Judgment] = []
        self._changed: dict[int, Seat] = {}
        self._reopened: set[int] = set()

    def take(self, one: Submission, index: int) -> Answer:
        """Return the answer that this submission is; raises SubmissionFault."""
        seat = self._seats.get(one.seat)
        if seat is None:
            raise SubmissionFault(index, "seat", f"There is no seat {one.seat}.")
        if fault := self._fault(one, seat):
            raise SubmissionFault(index, *fault)
        undone = self._undone(one, one.undoes, index) if one.undoes else None
        refused = self._refusal_of_undo(seat, undone) if undone else self._refusal(seat)
        answer = Answer(
            sitting=self._sitting,
            sequence=one.sequence,
            token=one.token,
            seat=seat,
            kind=one.kind,
            grade=one.grade,
            belongs_to_id=one.belongs_to,
            reason=one.reason,
            note=one.note,
            seconds=clamped(one.seconds),
            refused=refused,
            undoes=undone if not refused else None,
        )
        self._answers.append(answer)
        if not refused:
            self._take_back(answer, undone) if undone else self._keep(answer)
        return answer

    def write(self) -> None:
        """Write what was taken since the last time."""
        Answer.objects.bulk_create(self._answers)
        Judgment.objects.bulk_create(self._judgments)
        Seat.objects.bulk_update(
            self._changed.values(), ["state", "sitting", "lease_until", "answered_at"]
        )
        self._close_items()
        self._answers, self._judgments = [], []
        self._changed, self._reopened = {}, set()

    def _fault(self, one: Submission, seat: Seat) -> tuple[str, str] | None:
        """Return the field that does not go with the seat, and why."""
        contrast = seat.item.sibling_id is not None
        if (one.kind == AnswerKind.GRADE and contrast) or (
            one.kind in ON_SIBLINGS and not contrast
        ):
            return "kind", "Two siblings are answered with first, second or neither; one page, not."
        if one.belongs_to is not None and one.belongs_to not in self._categories:
            return "belongs_to", f"There is no category {one.belongs_to}."
        if one.belongs_to == seat.item.page_id:
            return "belongs_to", "The product belongs elsewhere, not on this page."
        return None

    def _undone(self, one: Submission, token: uuid.UUID, index: int) -> Answer:
        """Return the answer to take back: one of this person's, on this seat."""
        self.write()
        answers = Answer.objects.filter(sitting__annotator=self._annotator, seat=one.seat)
        found = answers.exclude(kind=AnswerKind.UNDO).filter(token=token).first()
        if found is None:
            raise SubmissionFault(index, "undoes", "You gave no such answer here.")
        return found

    def _refusal(self, seat: Seat) -> str:
        """Return in a sentence why an answer on this seat cannot count; nothing when it can."""
        if seat.item.campaign.state == CampaignState.FINISHED:
            return "The campaign was finished before this arrived."
        if seat.annotator_id != self._annotator.pk:
            return "The time for this was over, and somebody else has it now."
        if seat.state == SeatState.JUDGED:
            return "You have judged this already."
        return ""

    def _refusal_of_undo(self, seat: Seat, undone: Answer) -> str:
        """Return in a sentence why the answer cannot be taken back; nothing when it can."""
        newest = seat.answers.filter(refused="", undone_by=None).exclude(kind=AnswerKind.UNDO)
        if undone.refused:
            return "It counted for nothing, so there is nothing to take back."
        if newest.order_by("-id").first() != undone:
            return "It was taken back already, or answered anew since."
        if self._has_said_more(undone):
            return "You have said something else of this product since, and that counts."
        if seat.item.campaign.state == CampaignState.FINISHED:
            return "The campaign was finished before this arrived."
        if seat.annotator_id != self._annotator.pk:
            return "Somebody else has this product by now."
        if seat.item.gold and seat.item.gold.training:
            return "This was for practice, and its answer has been told."
        return ""

    def _has_said_more(self, undone: Answer) -> bool:
        """Whether the person's newest word was given elsewhere: taking back would hide it."""
        if undone.kind in ANSWERED:
            return False
        item = undone.seat.item
        own = Judgment.objects.filter(annotator=self._annotator, product=item.product_id)
        newest = [own.filter(page=page).order_by("-id").first() for page in _pages(item)]
        return any(
            word and not word.withdrawn and word.seat_id != undone.seat_id for word in newest
        )

    def _keep(self, answer: Answer) -> None:
        """Have the seat answered or put off, and say what the answer says."""
        seat = answer.seat
        if answer.kind == AnswerKind.LATER:
            if seat.state != SeatState.CANNOT_TELL:  # that stays in its own list
                self._set(seat, SeatState.LATER, lease=LATER)
            return
        self._set(seat, ANSWERED.get(AnswerKind(answer.kind), SeatState.JUDGED))
        self._say(answer, answer)

    def _take_back(self, answer: Answer, undone: Answer) -> None:
        """Have the seat before its person again, and what was said withdrawn."""
        self._set(answer.seat, SeatState.HELD, lease=LEASE)
        self._reopened.add(answer.seat.item_id)
        self._say(answer, undone, withdrawn=True)

    def _set(self, seat: Seat, state: SeatState, *, lease: timedelta | None = None) -> None:
        now = timezone.now()
        seat.state = state
        seat.sitting = self._sitting
        seat.lease_until = now + lease if lease else None
        seat.answered_at = now if state not in WAITING else None
        self._changed[seat.pk] = seat

    def _say(self, answer: Answer, said: Answer, *, withdrawn: bool = False) -> None:
        """Make the judgments that `said` comes to, by the tokens of `answer`."""
        simulated = self._annotator.simulated
        for token, (page, grade, belongs_to) in zip(
            (answer.token, uuid.uuid5(answer.token, "sibling")),
            _said(said, answer.seat.item),
            strict=False,
        ):
            self._judgments.append(
                Judgment(
                    page=page,
                    product_id=answer.seat.item.product_id,
                    annotator=self._annotator,
                    grade=grade,
                    belongs_to_id=belongs_to,
                    withdrawn=withdrawn,
                    source=JudgmentSource.SIMULATED if simulated else JudgmentSource.ANNOTATOR,
                    seat=answer.seat,
                    seconds=answer.seconds,
                    guideline=self._guidelines.get(page.pk),
                    revisions_until=self._revisions_until,
                    token=token,
                )
            )

    def _close_items(self) -> None:
        """Close what is answered by all; open again what is not, unless it is asked elsewhere."""
        touched = {seat.item_id for seat in self._changed.values()}
        waiting = Seat.objects.filter(item=OuterRef("pk"), state__in=WAITING)
        asked = (Purpose.LABEL, Purpose.AGAIN)
        elsewhere = Item.objects.filter(
            page=OuterRef("page"), product=OuterRef("product"), purpose__in=asked, closed=False
        )
        items = Item.objects.filter(pk__in=touched)
        items.filter(~Exists(waiting), closed=False).update(closed=True)
        again = Item.objects.filter(Exists(waiting), pk__in=self._reopened, closed=True)
        again.filter(~Exists(elsewhere)).update(closed=False)


def _pages(item: Item) -> list[Category]:
    return [item.page, item.sibling] if item.sibling else [item.page]


def _said(answer: Answer, item: Item) -> list[Said]:
    """Return what the answer says of each page."""
    page, sibling = item.page, item.sibling
    if answer.kind == AnswerKind.GRADE and answer.grade is not None:
        return [(page, answer.grade, answer.belongs_to_id)]
    if sibling is None or answer.kind not in ON_SIBLINGS:
        return []
    if answer.kind == AnswerKind.FIRST:
        return [(page, Grade.EXACT, None), (sibling, Grade.WRONG, page.pk)]
    if answer.kind == AnswerKind.SECOND:
        return [(page, Grade.WRONG, sibling.pk), (sibling, Grade.EXACT, None)]
    return [(page, Grade.WRONG, None), (sibling, Grade.WRONG, None)]
