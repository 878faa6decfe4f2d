"""Asking again what a text had left open: once, about those products alone."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from judgments.actions.adjudicate import OpenText
from judgments.actions.ask_again import CAMPAIGN, ask_again
from judgments.actions.guidelines import write_guideline
from judgments.actions.judge import Submission, lease, sit, submit
from judgments.models import Adjudication, Annotator, Item, Judgment, Purpose, Seat, SeatState
from judgments.queries import current_judgments
from judgments.queries.adjudication import disputed
from judgments.queries.guidelines import standing_of
from judgments.tasks import sweep_gaps
from taxonomy.models import Category
from tests.factories import make_annotator, make_campaign, make_category, make_item, make_text
from tests.judgments.disputes import make_answered, make_dispute, settle

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


def write(branch: Category | None, text: str, *, live: bool = True) -> None:
    write_guideline(branch, text, based_on=standing_of(branch).number, live=live, by=None)


def again() -> list[Item]:
    return list(Item.objects.filter(purpose=Purpose.AGAIN).order_by("id"))


def test_when_the_guideline_goes_live_just_the_affected_product_is_asked_again() -> None:
    page = make_category()
    write(page, "Pepper.")
    campaign = make_campaign()
    asked = make_answered(page, (0, 3, 3), campaign)
    make_answered(page, (0, 3), campaign)
    settled = make_answered(page, (0, 3), campaign)
    settle(page, asked.product, cause="gap", gap=OpenText(page))
    settle(page, settled.product)
    assert not again()
    write(page, "Pepper, also in a mill.")
    (item,) = again()
    assert (item.campaign, item.page, item.product) == (campaign, page, asked.product)
    assert item.seats.filter(state=SeatState.OPEN).count() == 3


def test_a_draft_and_another_branchs_guideline_ask_nobody() -> None:
    page = make_category()
    settle(page, make_dispute(page, (0, 3)), cause="gap", gap=OpenText(page))
    write(page, "Pepper.", live=False)
    write(None, "Look at the picture.")
    assert not again()


def test_a_withdrawal_closes_no_gap() -> None:
    page = make_category()
    write(page, "Pepper.")
    settle(page, make_dispute(page, (0, 3)), cause="gap", gap=OpenText(page))
    write(page, "")
    assert not again()


def test_asking_twice_asks_once() -> None:
    page = make_category()
    settle(page, make_dispute(page, (0, 3)), cause="gap", gap=OpenText(page))
    write(page, "Pepper.")
    assert ask_again() == 0
    write(page, "Pepper and salt.")
    sweep_gaps()
    assert len(again()) == 1


def test_a_text_between_siblings_is_seen_by_the_sweep() -> None:
    parent = make_category()
    page, sibling = make_category(parent=parent), make_category(parent=parent)
    make_text(page, sibling, "whole")
    product = make_dispute(page, (0, 3))
    settle(page, product, cause="gap", gap=OpenText(page, sibling))
    sweep_gaps()
    assert not again()
    make_text(page, sibling, "whole, or ground")
    sweep_gaps()
    assert [item.product for item in again()] == [product]


def test_the_decision_made_by_the_old_text_counts_no_more() -> None:
    page = make_category()
    product = make_dispute(page, (0, 3))
    made = settle(page, product, 3, cause="gap", gap=OpenText(page))
    write(page, "Pepper.")
    assert not current_judgments().filter(source="adjudicator").exists()
    assert not Adjudication.objects.standing().exists()
    made.refresh_from_db()
    assert made.asked_again_at
    assert Judgment.objects.filter(source="adjudicator").count() == 2  # nothing was deleted


def test_it_comes_back_to_the_list_when_people_still_differ_by_the_new_text() -> None:
    page = make_category()
    product = make_dispute(page, (0, 3))
    settle(page, product, cause="gap", gap=OpenText(page))
    write(page, "Pepper.")
    assert not disputed()
    Item.objects.filter(purpose=Purpose.AGAIN).update(closed=True)
    assert list(disputed()) == [(page.pk, product.pk)]
    make_dispute(page, (3, 3), product=product)
    assert not disputed()


def test_a_question_from_a_finished_campaign_or_a_file_gets_a_campaign_of_its_own() -> None:
    page = make_category()
    finished = make_answered(page, (0, 3), make_campaign(state="finished"))
    settle(page, finished.product, cause="gap", gap=OpenText(page))
    settle(page, make_dispute(page, (0, 3)), cause="gap", gap=OpenText(page))
    write(page, "Pepper.")
    assert [(item.campaign.name, item.campaign.state) for item in again()] == [
        (CAMPAIGN, "running")
    ] * 2


def test_what_is_still_before_somebody_waits_until_they_are_done() -> None:
    page = make_category()
    campaign = make_campaign(overlap=3)
    product = make_dispute(page, (0, 3))
    item = make_item(campaign, page, product)
    later = timezone.now() + timedelta(minutes=5)
    Seat.objects.filter(item=item, number=0).update(
        state=SeatState.HELD, annotator=make_annotator(), lease_until=later
    )
    settle(page, product, cause="gap", gap=OpenText(page))
    write(page, "Pepper.")
    assert not again()
    Seat.objects.filter(item=item).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep_gaps()
    (asked,) = again()
    assert asked.campaign == campaign
    item.refresh_from_db()
    assert item.closed


def test_the_very_people_who_judged_get_it_again_and_their_new_word_counts() -> None:
    page = make_category()
    asked = make_answered(page, (0, 3))
    settle(page, asked.product, cause="gap", gap=OpenText(page))
    write(page, "Pepper.")
    for person in Annotator.objects.filter(seats__item=asked):
        sitting = sit(person, id=uuid.uuid4())
        (seat,) = lease(sitting).seats
        assert (seat.item.purpose, seat.item.product) == (Purpose.AGAIN, asked.product)
        submit(sitting, [Submission(uuid.uuid4(), 1, seat.pk, "grade", grade=3)])
    (item,) = again()
    assert item.closed
    assert not disputed()
    assert {word.grade for word in current_judgments().filter(source="annotator")} == {3}


@pytest.mark.django_db(transaction=True)
def test_workers_that_sweep_at_the_same_moment_ask_once() -> None:
    parent = make_category()
    page, sibling = make_category(parent=parent), make_category(parent=parent)
    settle(page, make_dispute(page, (0, 3)), cause="gap", gap=OpenText(page, sibling))
    make_text(page, sibling, "whole")
    gate = threading.Barrier(4)

    def sweep() -> None:
        gate.wait()
        try:
            sweep_gaps()
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (item,) = again()
    assert item.seats.count() == 2
    assert Judgment.objects.filter(withdrawn=True).count() == 1
