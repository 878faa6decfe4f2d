"""Settling: what stands on the list, and in which order; decisions, repeats, races, taking back."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from judgments.actions.adjudicate import (
    BadDecision,
    CannotTakeBack,
    Decision,
    OpenText,
    Settled,
    adjudicate,
    take_back,
)
from judgments.actions.judge import annotator_of
from judgments.models import Adjudication, Annotator, Judgment, SeatState
from judgments.queries import current_judgments
from judgments.queries.adjudication import disputed, disputes
from judgments.queries.judgments import blind_judgments
from tests.factories import (
    make_annotator,
    make_campaign,
    make_category,
    make_item,
    make_judgment,
    make_product,
    make_user,
)
from tests.judgments.disputes import make_answered, make_dispute, settle
from tests.judgments.judging import Tab, make_items

pytestmark = pytest.mark.django_db


def titles(pairs: Iterable[tuple[int, int]]) -> list[str]:
    return [line.product.title for line in disputes(list(pairs))]


class TestTheList:
    def test_the_lowest_agreement_stands_first(self) -> None:
        page = make_category()
        for title, grades in {
            "agreed": (3, 3),
            "one apart": (2, 3),
            "far apart, three of four alike": (0, 3, 3, 3),
            "far apart": (0, 0, 3, 3),
            "two apart": (1, 3),
        }.items():
            make_dispute(page, grades, product=make_product(title))
        assert titles(disputed()) == [
            "far apart",
            "far apart, three of four alike",
            "two apart",
            "one apart",
        ]

    def test_of_equal_ones_that_which_more_could_not_tell_comes_first(self) -> None:
        page = make_category()
        make_dispute(page, (0, 3), product=make_product("told"))
        doubtful = make_dispute(page, (0, 3), product=make_product("doubtful"))
        item = make_item(make_campaign(), page, doubtful)
        item.seats.filter(number=0).update(state=SeatState.CANNOT_TELL, annotator=make_annotator())
        assert titles(disputed()) == ["doubtful", "told"]
        assert [line.cannot_tell for line in disputes(list(disputed()))] == [1, 0]

    def test_only_what_was_said_without_knowing_of_each_other_is_held_against_each_other(
        self,
    ) -> None:
        page, product = make_category(), make_product()
        make_judgment(page, product, 3, "Ann")
        hidden = make_judgment(page, product, 0, "Mira")
        Judgment.objects.filter(pk=hidden.pk).update(source="merchandiser")
        assert not disputed()

    def test_a_persons_last_word_counts_and_a_withdrawn_one_does_not(self) -> None:
        page, product = make_category(), make_product()
        make_dispute(page, (3, 0), product=product)
        make_judgment(page, product, 3, "rater-2")
        assert not disputed()
        make_dispute(page, (3, 0), product=product)
        again = make_judgment(page, product, 0, "rater-2")
        Judgment.objects.filter(pk=again.pk).update(withdrawn=True)
        assert not disputed()

    def test_it_is_narrowed_by_page_branch_person_and_campaign(self) -> None:
        food = make_category("Food")
        pepper, toys = make_category("Pepper", food), make_category("Toys")
        here = make_answered(pepper, (0, 3))
        there = make_dispute(toys, (0, 3))
        rater = Annotator.objects.get(name="rater-1")
        assert list(disputed(page=pepper)) == [(pepper.pk, here.product_id)]
        assert list(disputed(branch=food)) == [(pepper.pk, here.product_id)]
        assert list(disputed(person=rater)) == [(toys.pk, there.pk)]
        assert list(disputed(campaign=here.campaign)) == [(pepper.pk, here.product_id)]

    def test_what_is_settled_or_asked_again_is_not_on_it(self) -> None:
        page = make_category()
        settled, asked = make_dispute(page, (0, 3)), make_dispute(page, (0, 3))
        settle(page, settled)
        make_item(make_campaign(), page, asked, purpose="again")
        assert not disputed()

    def test_a_long_list_takes_as_few_queries_as_a_short_one(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        page = make_category()
        for _ in range(12):
            make_dispute(page, (0, 3))
        with django_assert_num_queries(8):
            assert len(disputes(list(disputed()))) == 12


class TestSettling:
    def test_a_decision_is_one_more_judgment_that_decides(self) -> None:
        page, lead = make_category(), make_user("leads")
        product = make_dispute(page, (0, 3))
        elsewhere = make_category()
        made = settle(page, product, 0, by=lead, belongs_to=elsewhere, cause="hard", note=" odd ")
        assert made.judgment
        assert made.judgment.source == "adjudicator"
        assert (made.judgment.grade, made.judgment.belongs_to) == (0, elsewhere)
        assert (made.cause, made.note) == ("hard", "odd")

    def test_what_the_adjudicator_said_blind_stays_in_the_agreement(self) -> None:
        page, lead = make_category(), make_user("leads")
        product = make_dispute(page, (0, 3))
        own = annotator_of(lead)
        Judgment.objects.create(
            page=page, product=product, annotator=own, grade=1, source="annotator"
        )
        settle(page, product, 3, by=lead)
        assert blind_judgments().get(annotator=own).grade == 1
        assert current_judgments().get(annotator=own).grade == 3

    def test_sent_twice_it_decides_once(self) -> None:
        page, lead, token = make_category(), make_user("leads"), uuid.uuid4()
        product = make_dispute(page, (0, 3))
        decision = Decision("slip", 3)
        said = {"by": lead, "token": token, "based_on": 0}
        first = adjudicate(page, product, decision, **said)  # type: ignore[arg-type]
        again = adjudicate(page, product, decision, **said)  # type: ignore[arg-type]
        assert first == again
        assert Judgment.objects.filter(source="adjudicator").count() == 1

    def test_a_gap_without_a_grade_sent_twice_is_kept_once(self) -> None:
        page, lead = make_category(), make_user("leads")
        product = make_dispute(page, (0, 3))
        decision = Decision("gap", gap=OpenText(page))
        first = adjudicate(page, product, decision, by=lead, token=uuid.uuid4(), based_on=0)
        again = adjudicate(page, product, decision, by=lead, token=uuid.uuid4(), based_on=0)
        assert first == again
        assert Adjudication.objects.count() == 1

    def test_who_comes_second_learns_what_was_decided(self) -> None:
        page = make_category()
        product = make_dispute(page, (0, 3))
        first = settle(page, product, 3)
        with pytest.raises(Settled) as settled:
            adjudicate(
                page,
                product,
                Decision("slip", 0),
                by=make_user("leads"),
                token=uuid.uuid4(),
                based_on=0,
            )
        assert settled.value.newest == first

    def test_deciding_anew_leaves_one_decision_that_counts(self) -> None:
        page, first, second = make_category(), make_user("leads"), make_user("leads")
        product = make_dispute(page, (0, 3))
        settle(page, product, 3, by=first)
        settle(page, product, 0, by=second)
        assert [one.by for one in Adjudication.objects.standing()] == [second]
        deciding = current_judgments().filter(source="adjudicator")
        assert [judgment.grade for judgment in deciding] == [0]

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"cause": "whim", "grade": 3}, "cause"),
            ({"cause": "slip"}, "grade"),
            ({"cause": "hard", "grade": 4}, "grade"),
            ({"cause": "gap", "grade": 3}, "gap"),
            ({"cause": "slip", "grade": 3, "note": "x" * 501}, "note"),
        ],
    )
    def test_what_cannot_be_kept_is_refused_by_field(
        self, said: dict[str, object], field: str
    ) -> None:
        page = make_category()
        product = make_dispute(page, (0, 3))
        with pytest.raises(BadDecision) as refused:
            adjudicate(
                page,
                product,
                Decision(**said),  # type: ignore[arg-type]
                by=make_user("leads"),
                token=uuid.uuid4(),
                based_on=0,
            )
        assert refused.value.field == field
        assert not Adjudication.objects.exists()

    def test_a_gap_is_named_with_the_newest_revision_of_its_text(self) -> None:
        parent = make_category()
        page, sibling = make_category(parent=parent), make_category(parent=parent)
        made = settle(page, make_dispute(page, (0, 3)), cause="gap", gap=OpenText(page, sibling))
        assert made.discriminator
        assert (made.discriminator.category, made.discriminator.sibling) == (page, sibling)
        assert made.revision == 0
        of_all = settle(page, make_dispute(page, (0, 3)), None, cause="gap", gap=OpenText(None))
        assert of_all.guideline
        assert of_all.guideline.category is None
        assert of_all.judgment is None


class TestTakingBack:
    def test_it_stands_on_the_list_again(self) -> None:
        page, lead = make_category(), make_user("leads")
        product = make_dispute(page, (0, 3))
        made = settle(page, product, by=lead)
        take_back(made, by=lead)
        take_back(made, by=lead)
        assert list(disputed()) == [(page.pk, product.pk)]
        assert not current_judgments().filter(source="adjudicator")
        assert Judgment.objects.filter(source="adjudicator").count() == 2

    def test_what_the_adjudicator_had_said_blind_counts_again(self) -> None:
        page, lead = make_category(), make_user("leads")
        product = make_dispute(page, (0, 3))
        own = annotator_of(lead)
        Judgment.objects.create(
            page=page, product=product, annotator=own, grade=1, source="annotator"
        )
        take_back(settle(page, product, 3, by=lead), by=lead)
        assert current_judgments().get(annotator=own).grade == 1
        assert blind_judgments().get(annotator=own).grade == 1

    def test_what_they_had_judged_in_a_queue_is_that_of_its_seat_again(self) -> None:
        lead = make_user("leads")
        make_items(make_campaign(), 1)
        tab = Tab(annotator_of(lead))
        (seat,) = tab.seats()
        outcome = tab.press(seat, grade=1)
        decided = settle(seat.item.page, seat.item.product, 3, by=lead)
        assert tab.undo(outcome).refused.startswith("You have said something else")
        take_back(decided, by=lead)
        assert current_judgments().get().seat == seat
        assert not tab.undo(outcome).refused
        assert not current_judgments().exists()

    def test_nobody_takes_back_what_another_decided(self) -> None:
        page = make_category()
        made = settle(page, make_dispute(page, (0, 3)))
        with pytest.raises(CannotTakeBack):
            take_back(made, by=make_user("leads"))
        assert Adjudication.objects.standing().exists()


@pytest.mark.rows
@pytest.mark.django_db(transaction=True)
def test_of_adjudicators_at_the_same_moment_one_decides_and_the_others_see_it() -> None:
    page, people = make_category(), [make_user("leads") for _ in range(4)]
    product = make_dispute(page, (0, 3))
    gate, outcomes = threading.Barrier(4), []

    def decide(number: int) -> None:
        gate.wait()
        try:
            adjudicate(
                page,
                product,
                Decision("slip", number),
                by=people[number],
                token=uuid.uuid4(),
                based_on=0,
            )
            outcomes.append("decided")
        except Settled:
            outcomes.append("saw it")
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided", "saw it", "saw it", "saw it"]
    assert Judgment.objects.filter(source="adjudicator").count() == 1
