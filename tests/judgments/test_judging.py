"""Judging: what becomes of each answer, once and in order."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from judgments.actions.judge import Gap, NotYours, SubmissionFault, annotator_of, sit
from judgments.models import Annotator, Answer, AnswerKind, Item, Judgment, Seat, SeatState
from judgments.queries import current_judgments, guideline_now
from judgments.queries.queue import progress, put_aside
from tests.factories import (
    make_annotator,
    make_campaign,
    make_category,
    make_item,
    make_judgment,
    make_product,
    make_text,
    make_user,
)
from tests.judgments.judging import Tab, grades_of, make_items

pytestmark = pytest.mark.django_db


def test_one_key_keeps_one_judgment_with_all_it_was_based_on() -> None:
    page, elsewhere = make_category(), make_category()
    make_text(page, None, "with a lid")
    item = make_item(make_campaign(overlap=1), page, make_product())
    tab = Tab()
    (seat,) = tab.seats()
    outcome = tab.press(seat, grade=1, belongs_to=elsewhere.pk, seconds=1.25)
    judgment = Judgment.objects.get()
    assert (judgment.page, judgment.product) == (page, item.product)
    assert (judgment.grade, judgment.belongs_to, judgment.seconds) == (1, elsewhere, 1.25)
    assert (judgment.source, judgment.annotator) == ("annotator", tab.annotator)
    assert (judgment.revisions_until, judgment.guideline) == (guideline_now(), None)
    assert (judgment.token, judgment.seat) == (outcome.token, seat)
    item.refresh_from_db()
    assert (item.seats.get().state, item.closed) == (SeatState.JUDGED, True)
    assert tab.stopped() == "Nothing is left for you here."


def test_what_a_simulated_person_says_is_marked_as_such() -> None:
    make_items(make_campaign(), 1)
    tab = Tab(make_annotator(simulated=True, user=None))
    tab.press(tab.seats()[0])
    assert Judgment.objects.get().source == "simulated"


def test_an_item_is_closed_when_the_last_of_its_seats_is_answered() -> None:
    make_items(make_campaign(overlap=2), 1)
    first, second = Tab(), Tab()
    first.press(first.seats()[0])
    assert not Item.objects.get().closed
    second.press(second.seats()[0], AnswerKind.CANNOT_TELL, reason="picture")
    assert Item.objects.get().closed


@pytest.mark.parametrize(
    ("kind", "grades"),
    [
        ("first", {"page": (3, None), "sibling": (0, "page")}),
        ("second", {"page": (0, "sibling"), "sibling": (3, None)}),
        ("neither", {"page": (0, None), "sibling": (0, None)}),
    ],
)
def test_one_answer_about_two_siblings_makes_two_judgments(
    kind: str, grades: dict[str, tuple[int, str | None]]
) -> None:
    places = {"page": make_category(), "sibling": make_category()}
    make_item(make_campaign(), places["page"], make_product(), sibling=places["sibling"])
    tab = Tab(view="contrast")
    outcome = tab.press(tab.seats()[0], kind)
    for name, (grade, belongs_to) in grades.items():
        judgment = Judgment.objects.get(page=places[name])
        assert judgment.grade == grade
        assert judgment.belongs_to == (places[belongs_to] if belongs_to else None)
    assert set(Judgment.objects.values_list("token", flat=True)) == {
        outcome.token,
        uuid.uuid5(outcome.token, "sibling"),
    }


def test_what_is_sent_twice_is_kept_once_and_answered_alike() -> None:
    make_items(make_campaign(), 2)
    tab = Tab()
    one, two = (tab.said(seat) for seat in tab.seats())
    first = tab.send(one, two)
    assert tab.send(one, two) == first
    assert tab.send(one).outcomes == first.outcomes[:1]
    assert (Judgment.objects.count(), Answer.objects.count()) == (2, 2)


def test_answers_are_numbered_without_gaps() -> None:
    make_items(make_campaign(), 3)
    tab = Tab()
    one, two, three = (tab.said(seat) for seat in tab.seats())
    with pytest.raises(Gap) as missing:
        tab.send(one, three)
    assert (missing.value.expected, Answer.objects.count()) == (1, 0)
    assert tab.send(two, one).sequence == 2  # in whatever order they come
    assert [answer.sequence for answer in Answer.objects.order_by("id")] == [1, 2]
    tab.sequence = 0
    (seat,) = tab.seats()
    with pytest.raises(Gap) as taken:  # the number is another answer's
        tab.press(seat)
    assert taken.value.expected == 3


@pytest.mark.parametrize(
    ("field", "kind", "fields"),
    [
        ("kind", "shrug", {}),
        ("kind", "first", {}),
        ("grade", "grade", {"grade": 4}),
        ("grade", "later", {"grade": 3}),
        ("belongs_to", "later", {"belongs_to": 1}),
        ("belongs_to", "grade", {"grade": 0, "belongs_to": 987_654}),
        ("reason", "cannot_tell", {}),
        ("reason", "grade", {"reason": "picture"}),
        ("note", "grade", {"note": "x" * 301}),
        ("undoes", "undo", {}),
        ("undoes", "undo", {"undoes": uuid.uuid4()}),
        ("seconds", "grade", {"seconds": float("nan")}),
    ],
)
def test_what_makes_no_sense_is_named_and_nothing_kept(
    field: str, kind: str, fields: dict[str, object]
) -> None:
    make_items(make_campaign(), 2)
    tab = Tab()
    good, bad = tab.seats()
    with pytest.raises(SubmissionFault) as fault:
        tab.send(tab.said(good), tab.said(bad, kind, **fields))
    assert (fault.value.index, fault.value.field) == (1, field)
    assert not Answer.objects.exists()


def test_a_product_cannot_belong_elsewhere_on_the_very_page() -> None:
    (seat, *_) = make_items(make_campaign(), 1)
    tab = Tab()
    with pytest.raises(SubmissionFault, match="not on this page"):
        tab.press(tab.seats()[0], grade=0, belongs_to=seat.item.page_id)


def test_seconds_are_kept_between_none_and_ten_minutes() -> None:
    make_items(make_campaign(), 3)
    tab = Tab()
    for seat, seconds in zip(tab.seats(), (-5.0, 86_400.0, None), strict=True):
        tab.press(seat, seconds=seconds)
    kept = list(Answer.objects.order_by("id").values_list("seconds", flat=True))
    assert kept == [0.0, 600.0, None]


def test_undoing_takes_the_word_back_and_brings_the_product_back() -> None:
    make_items(make_campaign(overlap=1), 1)
    tab = Tab()
    (seat,) = tab.seats()
    outcome = tab.press(seat, grade=0)
    assert tab.undo(outcome).refused == ""
    assert not current_judgments().exists()
    assert Judgment.objects.count() == 2  # nothing is ever removed
    assert not Item.objects.get().closed
    assert tab.seats() == [seat]
    tab.press(seat, grade=3)
    assert current_judgments().get().grade == 3
    assert Item.objects.get().closed


def test_undoing_works_in_the_same_breath() -> None:
    make_items(make_campaign(), 1)
    tab = Tab()
    (seat,) = tab.seats()
    slip = tab.said(seat, grade=0)
    back = tab.said(seat, AnswerKind.UNDO, undoes=slip.token)
    done = tab.send(slip, back, tab.said(seat, grade=2))
    assert [outcome.refused for outcome in done.outcomes] == ["", "", ""]
    assert current_judgments().get().grade == 2


def test_undoing_a_contrast_takes_both_judgments_back() -> None:
    make_item(make_campaign(), make_category(), make_product(), sibling=make_category())
    tab = Tab(view="contrast")
    tab.undo(tab.press(tab.seats()[0], "first"))
    assert not current_judgments().exists()
    assert Judgment.objects.count() == 4


def test_only_the_newest_answer_is_taken_back_and_only_once() -> None:
    make_items(make_campaign(), 1)
    tab = Tab()
    (seat,) = tab.seats()
    first = tab.press(seat, grade=0)
    tab.undo(first)
    again = "It was taken back already, or answered anew since."
    assert tab.undo(first).refused == again
    tab.press(seat, grade=3)
    assert tab.undo(first).refused == again
    assert current_judgments().get().grade == 3


def test_taking_back_never_hides_what_was_said_of_it_later_elsewhere() -> None:
    campaign = make_campaign(overlap=1)
    (seat,) = make_items(campaign, 1)
    tab = Tab()
    first = tab.press(tab.seats()[0], grade=0)
    make_item(campaign, seat.item.page, seat.item.product, purpose="again", rank=1)
    again = tab.press(tab.seats()[0], grade=2)
    assert tab.undo(first).refused == (
        "You have said something else of this product since, and that counts."
    )
    assert current_judgments().get().grade == 2
    assert not tab.undo(again).refused
    assert not current_judgments().exists()


def test_nobody_takes_back_what_another_said() -> None:
    make_items(make_campaign(), 1)
    mine, other = Tab(), Tab()
    outcome = mine.press(mine.seats()[0])
    with pytest.raises(SubmissionFault, match="no such answer"):
        other.undo(outcome)


def test_an_answer_to_what_is_judged_already_is_kept_and_refused() -> None:
    make_items(make_campaign(), 1)
    tab = Tab()
    (seat,) = tab.seats()
    tab.press(seat, grade=3)
    assert tab.press(seat, grade=0).refused == "You have judged this already."
    assert Answer.objects.count() == 2
    assert grades_of(tab.annotator) == [3]


def test_an_answer_after_the_end_of_its_campaign_is_kept_and_refused() -> None:
    campaign = make_campaign()
    make_items(campaign, 2)
    tab = Tab()
    first, second = tab.seats()
    kept = tab.press(first)
    campaign.state = "finished"
    campaign.save()
    over = "The campaign was finished before this arrived."
    assert tab.press(second).refused == over
    assert tab.undo(kept).refused == over
    assert grades_of(tab.annotator) == [3]


def test_what_is_put_off_comes_back_in_its_own_list_only() -> None:
    make_items(make_campaign(), 2)
    tab = Tab()
    first, second = tab.seats()
    tab.press(first, AnswerKind.LATER)
    tab.press(second, AnswerKind.CANNOT_TELL, reason="language", note="Finnish?")
    assert tab.seats() == []
    assert list(put_aside(tab.annotator, "later")) == [first]
    assert list(put_aside(tab.annotator, "cannot_tell")) == [second]
    later, unsure = Tab(tab.annotator, aside="later"), Tab(tab.annotator, aside="cannot_tell")
    assert (later.seats(), unsure.seats()) == ([first], [second])
    later.press(first, AnswerKind.LATER)
    assert later.stopped() == "Nothing is put aside here any more."  # in this sitting
    assert list(put_aside(tab.annotator, "later")) == [first]
    unsure.press(second, grade=2)
    assert grades_of(tab.annotator) == [2]
    assert not put_aside(tab.annotator, "cannot_tell").exists()


def test_putting_off_what_cannot_be_told_leaves_it_where_it_is() -> None:
    make_items(make_campaign(overlap=1), 1)
    tab = Tab()
    tab.press(tab.seats()[0], AnswerKind.CANNOT_TELL, reason="text")
    aside = Tab(tab.annotator, aside="cannot_tell")
    assert aside.press(aside.seats()[0], AnswerKind.LATER).refused == ""
    assert Seat.objects.get().state == SeatState.CANNOT_TELL
    assert Item.objects.get().closed


def test_undone_in_a_list_it_stands_there_again() -> None:
    make_items(make_campaign(), 1)
    tab = Tab()
    (seat,) = tab.seats()
    tab.press(seat, AnswerKind.LATER)
    aside = Tab(tab.annotator, aside="later")
    aside.undo(aside.press(aside.seats()[0], grade=0))
    assert aside.seats() == [seat]


def test_undoing_does_not_open_a_question_that_is_asked_elsewhere_by_now() -> None:
    page, product = make_category(), make_product()
    make_item(make_campaign(overlap=1), page, product)
    tab = Tab()
    (seat,) = tab.seats()
    outcome = tab.press(seat)
    make_item(make_campaign(), page, product)
    assert tab.undo(outcome).refused == ""
    assert tab.press(seat, grade=1).refused == ""
    assert current_judgments().get().grade == 1


def test_a_sitting_is_begun_once_and_is_its_persons_own() -> None:
    ann, sitting_id = make_annotator("Ann"), uuid.uuid4()
    first = sit(ann, id=sitting_id, view="grid", batch=10)
    assert sit(ann, id=sitting_id) == first
    assert sit(ann, id=sitting_id).view == "grid"
    with pytest.raises(NotYours):
        sit(make_annotator("Bob"), id=sitting_id)


def test_a_token_of_another_sitting_is_not_taken_for_a_repeat() -> None:
    make_items(make_campaign(), 1)
    mine, other = Tab(), Tab()
    said = mine.said(mine.seats()[0])
    mine.send(said)
    with pytest.raises(SubmissionFault) as fault:
        other.send(said)
    assert fault.value.field == "token"


def test_a_person_does_not_become_the_rater_of_a_file_who_has_their_name() -> None:
    rater = make_judgment(make_category(), make_product(), 3, who="ana").annotator
    user = make_user("annotators", username="ana")
    ana = annotator_of(user)
    assert (ana.name, ana.user) == ("ana (2)", user)
    assert annotator_of(user) == ana
    assert set(Annotator.objects.all()) == {rater, ana}


def test_progress_counts_what_counts() -> None:
    make_items(make_campaign(), 4)
    tab = Tab(batch=3)
    seats = tab.seats()
    tab.undo(tab.press(seats[0]))
    for seat in seats:
        tab.press(seat)
    tab.press(seats[0])  # refused
    tab.sitting.refresh_from_db()
    reached = progress(tab.sitting)
    assert (reached.answered, reached.in_batch, reached.batch, reached.sequence) == (4, 1, 3, 7)


def test_the_clock_is_the_servers() -> None:
    make_items(make_campaign(), 1)
    before, tab = timezone.now(), Tab()
    tab.press(tab.seats()[0])
    made_at = Judgment.objects.get().made_at
    assert abs((made_at - before).total_seconds()) < 60
