"""Judging: what comes next, and what becomes of each answer."""

from __future__ import annotations

import uuid

import pytest

from judgments.actions.judge import Submission, lease, sit, submit
from judgments.models import AnswerKind, Judgment, SeatState
from tests.factories import make_annotator, make_campaign, make_category, make_item, make_product

pytestmark = pytest.mark.django_db


def test_one_key_keeps_one_judgment() -> None:
    page, campaign = make_category(), make_campaign(overlap=1)
    item = make_item(campaign, page, make_product())
    sitting = sit(make_annotator("Ann"), id=uuid.uuid4())
    leased = lease(sitting)
    assert [seat.item for seat in leased.seats] == [item]
    assert (leased.left, leased.stopped) == (1, "")
    token = uuid.uuid4()
    done = submit(sitting, [Submission(token, 1, leased.seats[0].pk, AnswerKind.GRADE, grade=3)])
    assert (done.sequence, done.outcomes[0].refused) == (1, "")
    judgment = Judgment.objects.get()
    assert (judgment.page, judgment.product, judgment.grade) == (page, item.product, 3)
    assert judgment.token == token
    seat = item.seats.get()
    item.refresh_from_db()
    assert (seat.state, item.closed) == (SeatState.JUDGED, True)
    assert lease(sitting).stopped == "Nothing is left for you here."
