"""Gold: what is proposed, taken into use, dismissed, and what came of showing it."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from judgments.actions.gold import BadGold, add_gold, decide, propose_gold
from judgments.models import Gold, Item, Judgment, Purpose, Seat, SeatState
from judgments.queries.gold import gold_lines, golds, look_again
from tests.factories import (
    make_annotator,
    make_campaign,
    make_category,
    make_judgment,
    make_product,
    make_user,
)
from tests.judgments.disputes import make_dispute, settle

pytestmark = pytest.mark.django_db


def answered(gold: Gold, *grades: int) -> None:
    """Show the gold to so many people."""
    campaign = make_campaign()
    for grade in grades:
        who = make_annotator()
        item = Item.objects.create(
            campaign=campaign,
            page=gold.page,
            product=gold.product,
            purpose=Purpose.GOLD,
            gold=gold,
            only_for=who,
            rank=0,
            closed=True,
        )
        seat = Seat.objects.create(item=item, number=0, state=SeatState.JUDGED, annotator=who)
        Judgment.objects.create(
            page=gold.page,
            product=gold.product,
            annotator=who,
            grade=grade,
            source="annotator",
            seat=seat,
        )


class TestProposals:
    def test_three_people_of_one_mind_make_a_proposal(self) -> None:
        page = make_category()
        product = make_dispute(page, (3, 3, 3))
        make_dispute(page, (3, 3))
        make_dispute(page, (3, 3, 2))
        assert propose_gold() == 1
        gold = Gold.objects.get()
        assert (gold.page, gold.product, gold.grade, gold.state) == (page, product, 3, "proposed")

    def test_what_merchandisers_said_makes_none(self) -> None:
        page = make_category()
        product = make_dispute(page, (0, 0))
        word = make_judgment(page, product, 0, "Mira")
        Judgment.objects.filter(pk=word.pk).update(source="merchandiser")
        assert propose_gold() == 0

    def test_what_was_settled_after_a_slip_is_proposed_and_what_is_hard_is_not(self) -> None:
        page = make_category()
        slip, hard = make_dispute(page, (0, 3)), make_dispute(page, (0, 3))
        settle(page, slip, 3)
        settle(page, hard, 3, cause="hard")
        propose_gold()
        assert [gold.product for gold in Gold.objects.all()] == [slip]

    def test_a_page_gets_at_most_three_right_and_three_wrong_ones(self) -> None:
        page = make_category()
        for grade in (3, 3, 3, 3, 0, 0, 0, 0):
            make_dispute(page, (grade,) * 3)
        assert propose_gold() == 6
        assert propose_gold() == 0

    def test_what_was_dismissed_is_not_proposed_again(self) -> None:
        page = make_category()
        make_dispute(page, (3, 3, 3))
        propose_gold()
        decide(list(Gold.objects.all()), "dismissed", by=make_user("leads"))
        assert propose_gold() == 0


class TestDeciding:
    def test_many_are_taken_into_use_at_once(self) -> None:
        page, lead = make_category(), make_user("leads")
        for grade in (3, 3, 0):
            make_dispute(page, (grade,) * 3)
        propose_gold()
        assert decide(list(Gold.objects.all()), "active", by=lead) == 3
        assert decide(list(Gold.objects.all()), "active", by=lead) == 0
        assert {gold.decided_by for gold in Gold.objects.all()} == {lead}

    def test_training_keeps_the_explanation(self) -> None:
        page = make_category()
        make_dispute(page, (3, 3, 3))
        propose_gold()
        said = {"training": True, "explanation": " it is whole "}
        decide(list(Gold.objects.all()), "active", by=make_user("leads"), **said)  # type: ignore[arg-type]
        gold = Gold.objects.get()
        assert (gold.training, gold.explanation) == (True, "it is whole")

    def test_by_hand_settles_a_proposal_and_says_when_another_grade_is_in_use(self) -> None:
        page, lead = make_category(), make_user("leads")
        product = make_dispute(page, (3, 3, 3))
        propose_gold()
        made = add_gold(page, product, 2, by=lead)
        assert add_gold(page, product, 2, by=lead) == made
        assert sorted(Gold.objects.values_list("state", "grade")) == [
            ("active", 2),
            ("dismissed", 3),
        ]
        with pytest.raises(BadGold, match="dismiss that first"):
            add_gold(page, product, 0, by=lead)

    def test_what_is_in_use_is_replaced_by_dismissing_it(self) -> None:
        page, product, lead = make_category(), make_product(), make_user("leads")
        first = add_gold(page, product, 2, by=lead)
        decide([first], "dismissed", by=lead)
        second = add_gold(page, product, 0, by=lead)
        assert (second.state, second.grade) == ("active", 0)


class TestWhatCameOfIt:
    def test_it_is_missed_on_the_other_side_of_right_and_wrong(self) -> None:
        page, lead = make_category(), make_user("leads")
        gold = add_gold(page, make_product(), 3, by=lead)
        answered(gold, 3, 2, 1)
        (line,) = gold_lines(golds("active"))
        assert (line.shown, line.missed, line.look_again) == (3, 1, False)
        assert look_again() == []

    def test_one_that_more_than_half_miss_is_to_be_looked_at_again(self) -> None:
        page, lead = make_category(), make_user("leads")
        gold = add_gold(page, make_product(), 3, by=lead)
        answered(gold, 0, 1, 3)
        assert [line.gold for line in look_again()] == [gold]

    def test_the_list_takes_as_few_queries_however_long(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        page, lead = make_category(), make_user("leads")
        for _ in range(8):
            answered(add_gold(page, make_product(), 3, by=lead), 3, 0)
        with django_assert_num_queries(3):
            lines = gold_lines(golds("active"))
            assert [line.gold.product.retailer.name for line in lines]
