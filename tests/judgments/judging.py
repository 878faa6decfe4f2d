"""People who judge, for tests: what they get and what they press."""

from __future__ import annotations

import uuid
from typing import Any

from judgments.actions.judge import Outcome, Submission, Submitted, lease, sit, submit
from judgments.models import Annotator, Answer, AnswerKind, Campaign, Gold, Judgment, Seat
from tests.factories import make_annotator, make_category, make_item, make_product


class Tab:
    """One tab of a person: it knows the number of its next answer."""

    def __init__(self, annotator: Annotator | None = None, **asked: Any) -> None:
        self.annotator = annotator or make_annotator()
        self.sitting = sit(self.annotator, id=uuid.uuid4(), **asked)
        self.sequence = 0

    def seats(self, count: int = 20) -> list[Seat]:
        """What stands before this tab now."""
        return lease(self.sitting, count).seats

    def stopped(self) -> str:
        """Why nothing does."""
        return lease(self.sitting).stopped

    def said(self, seat: Seat, kind: str = AnswerKind.GRADE, **fields: Any) -> Submission:
        """The next answer, not sent yet; an exact product where no grade is given."""
        self.sequence += 1
        if kind == AnswerKind.GRADE:
            fields.setdefault("grade", 3)
        return Submission(uuid.uuid4(), self.sequence, seat.pk, kind, **fields)

    def press(self, seat: Seat, kind: str = AnswerKind.GRADE, **fields: Any) -> Outcome:
        """Answer, and send it."""
        return self.send(self.said(seat, kind, **fields)).outcomes[0]

    def send(self, *submissions: Submission) -> Submitted:
        """Send answers, for the first time or again."""
        return submit(self.sitting, submissions)

    def undo(self, outcome: Outcome) -> Outcome:
        """Take an answer back."""
        answer = Answer.objects.get(token=outcome.token)
        return self.press(answer.seat, AnswerKind.UNDO, undoes=answer.token)


def make_items(campaign: Campaign, count: int, **fields: Any) -> list[Seat]:
    """Return the seats of so many more items of one new page."""
    page = fields.pop("page", None) or make_category(is_page=True)
    items = [make_item(campaign, page, make_product(), **fields) for _ in range(count)]
    return list(Seat.objects.filter(item__in=items))


def make_gold(count: int, grade: int = 3, **fields: Any) -> list[Gold]:
    """Return so many products of one new page whose grade is known, in use."""
    page = fields.pop("page", None) or make_category(is_page=True)
    values = {"page": page, "grade": grade, "state": "active"} | fields
    return [Gold.objects.create(product=make_product(), **values) for _ in range(count)]


def grades_of(annotator: Annotator) -> list[int]:
    """All this person ever said, oldest first, what was taken back left out."""
    said = Judgment.objects.filter(annotator=annotator, withdrawn=False)
    return list(said.order_by("id").values_list("grade", flat=True))
