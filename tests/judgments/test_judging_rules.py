"""Whatever people do in whatever order, the rules of judging hold."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from judgments.actions.judge import Gap, Submission, Submitted
from judgments.models import Answer, Item, Seat
from judgments.queries import current_judgments
from tests.factories import make_annotator, make_campaign
from tests.judgments.judging import Tab, make_gold, make_items

OVERLAP = 2
ITEMS = 6
TABS = 5  # of three people


class Judging(RuleBasedStateMachine):
    """Three people in five tabs claim, answer, repeat, take back, stay away and come again."""

    tabs: list[Tab]

    def __init__(self) -> None:
        super().__init__()
        self._rows = transaction.atomic()
        self._rows.__enter__()
        self.campaign = make_campaign(overlap=OVERLAP, gold_every=3, repeat_every=4)
        make_items(self.campaign, ITEMS)
        make_gold(2)
        people = [make_annotator(user=None) for _ in range(3)]
        self.tabs = [Tab(people[number % 3]) for number in range(TABS)]
        self.sent: list[tuple[Tab, Submission, Submitted]] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._rows.__exit__(None, None, None)

    @rule(tab=st.integers(0, TABS - 1), count=st.integers(1, 4))
    def ask(self, tab: int, count: int) -> None:
        seats = self.tabs[tab].seats(count)
        assert len(seats) <= count
        assert {seat.annotator_id for seat in seats} <= {self.tabs[tab].annotator.pk}

    @rule(
        tab=st.integers(0, TABS - 1),
        seat=st.integers(0, 2 * ITEMS),
        said=st.sampled_from(
            [
                ("grade", {"grade": 0}),
                ("grade", {"grade": 3}),
                ("later", {}),
                ("cannot_tell", {"reason": "picture"}),
            ]
        ),
    )
    def answer(self, tab: int, seat: int, said: tuple[str, dict[str, Any]]) -> None:
        """On any seat, held or not: what cannot count is refused."""
        seats = list(Seat.objects.filter(item__sibling=None))
        self._send(self.tabs[tab], seats[seat % len(seats)], said[0], **said[1])

    @rule(tab=st.integers(0, TABS - 1), grade=st.integers(0, 3))
    def answer_what_comes(self, tab: int, grade: int) -> None:
        for seat in self.tabs[tab].seats(1):
            assert self._send(self.tabs[tab], seat, "grade", grade=grade) == ""

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 10**6))
    def send_again(self, which: int) -> None:
        tab, said, before = self.sent[which % len(self.sent)]
        counts = Answer.objects.count(), current_judgments().count()
        assert tab.send(said).outcomes == before.outcomes
        assert (Answer.objects.count(), current_judgments().count()) == counts

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 10**6))
    def take_back(self, which: int) -> None:
        tab, said, _ = self.sent[which % len(self.sent)]
        if said.kind != "undo":
            self._send(tab, Seat.objects.get(pk=said.seat), "undo", undoes=said.token)

    @rule(tab=st.integers(0, TABS - 1))
    def leave_a_gap(self, tab: int) -> None:
        sequence, one = self.tabs[tab].sequence, self.tabs[tab]
        one.sequence += 1
        with pytest.raises(Gap) as missing:
            one.press(Seat.objects.all()[0])
        assert missing.value.expected == sequence + 1
        one.sequence = sequence

    @rule(tab=st.integers(0, TABS - 1))
    def stay_away(self, tab: int) -> None:
        held = Seat.objects.filter(sitting=self.tabs[tab].sitting).exclude(lease_until=None)
        held.update(lease_until=timezone.now() - timedelta(seconds=1))

    def _send(self, tab: Tab, seat: Seat, kind: str, **fields: Any) -> str:
        said = tab.said(seat, kind, **fields)
        done = tab.send(said)
        self.sent.append((tab, said, done))
        return done.outcomes[0].refused

    @invariant()
    def no_more_people_answer_than_are_asked(self) -> None:
        for item in Item.objects.filter(only_for=None):
            people = [seat.annotator_id for seat in item.seats.exclude(annotator=None)]
            assert len(people) == len(set(people)) <= OVERLAP

    @invariant()
    def each_person_has_one_word_for_each_judged_seat(self) -> None:
        said = current_judgments().values_list("page", "product", "annotator")
        judged = Seat.objects.filter(state="judged")
        seats = judged.values_list("item__page", "item__product", "annotator")
        assert max(Counter(said).values(), default=1) == 1
        assert set(said) <= set(seats)

    @invariant()
    def answers_are_numbered_without_gaps(self) -> None:
        for tab in self.tabs:
            tab.sitting.refresh_from_db()
            numbers = list(tab.sitting.answers.values_list("sequence", flat=True))
            assert numbers == list(range(1, tab.sitting.sequence + 1))

    @invariant()
    def an_item_is_closed_when_all_its_seats_are_answered(self) -> None:
        for item in Item.objects.all():
            states = {seat.state for seat in item.seats.all()}
            assert item.closed == (states <= {"judged", "cannot_tell"})


def test_the_rules_hold_whatever_people_do(db: None) -> None:
    run_state_machine_as_test(
        Judging,
        settings=settings(max_examples=15, stateful_step_count=25, deadline=None),
    )
