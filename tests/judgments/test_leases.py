"""Giving out seats: to whom, in which order, for how long, and never too many."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from judgments.models import Item, Judgment, Participation, Seat
from judgments.queries.queue import branches_of, queues
from tests.factories import (
    make_annotator,
    make_campaign,
    make_category,
    make_item,
    make_judgment,
    make_product,
)
from tests.judgments.judging import Tab, make_items

pytestmark = pytest.mark.django_db


def connection_queries() -> CaptureQueriesContext:
    """What is asked of the database meanwhile."""
    return CaptureQueriesContext(connection)


def at_once(jobs: list[Callable[[], object]]) -> None:
    """Do all of these at the same moment, each on a connection of its own."""
    start, failures = threading.Barrier(len(jobs)), []

    def work(job: Callable[[], object]) -> None:
        try:
            start.wait(timeout=20)
            job()
        except BaseException as error:  # noqa: BLE001  told below, by the test itself
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def _get(tab: Tab, got: list[list[Seat]]) -> None:
    got.append(tab.seats())


def run_out(*seats: Seat) -> None:
    """Let the time of these seats be over."""
    past = timezone.now() - timedelta(seconds=1)
    Seat.objects.filter(pk__in=[seat.pk for seat in seats]).update(lease_until=past)


def test_products_come_in_their_turn() -> None:
    campaign = make_campaign()
    page = make_category()
    ranks = {make_item(campaign, page, make_product(), rank=rank).pk: rank for rank in (2, 0, 1)}
    tab = Tab()
    assert [ranks[seat.item_id] for seat in tab.seats()] == [0, 1, 2]
    assert [ranks[seat.item_id] for seat in tab.seats(2)] == [0, 1]


def test_two_people_get_two_seats_and_a_third_gets_none() -> None:
    make_items(make_campaign(overlap=2), 1)
    first, second, third = Tab(), Tab(), Tab()
    assert first.seats() != second.seats()
    assert len(second.seats()) == 1
    assert third.seats() == []
    assert third.stopped() == (
        "All that is left stands before other people now. Come back in a few minutes."
    )


def test_a_seat_that_is_let_go_goes_to_somebody_else() -> None:
    make_items(make_campaign(overlap=1), 1)
    first, second = Tab(), Tab()
    (seat,) = first.seats()
    run_out(seat)
    assert second.seats() == [seat]
    lost = first.press(seat, grade=0)
    assert lost.refused == "The time for this was over, and somebody else has it now."
    assert second.press(seat, grade=3).refused == ""
    assert [judgment.grade for judgment in Judgment.objects.all()] == [3]


def test_a_late_answer_counts_while_nobody_else_has_the_seat() -> None:
    make_items(make_campaign(overlap=1), 1)
    tab = Tab()
    (seat,) = tab.seats()
    run_out(seat)
    assert tab.press(seat).refused == ""


def test_working_on_keeps_what_stands_before_one() -> None:
    make_items(make_campaign(overlap=1), 3)
    tab, other = Tab(), Tab()
    first, *rest = tab.seats()
    run_out(*rest)
    tab.press(first)
    assert other.seats() == []
    run_out(*rest)
    assert tab.seats() == rest
    assert other.seats() == []


def test_after_a_reload_the_same_products_stand_there() -> None:
    make_items(make_campaign(), 30)
    tab = Tab()
    before = tab.seats(20)
    assert tab.seats(20) == before
    tab.press(before[0])
    assert tab.seats(20)[:19] == before[1:]


def test_two_tabs_of_one_person_show_different_products() -> None:
    make_items(make_campaign(overlap=2), 4)
    one = Tab()
    two = Tab(one.annotator)
    shown = [seat.item for seat in (*one.seats(2), *two.seats(20))]
    assert len(shown) == len(set(shown)) == 4


def test_what_a_closed_tab_held_comes_to_the_next_one() -> None:
    make_items(make_campaign(overlap=1), 2)
    closed = Tab()
    seats = closed.seats()
    fresh = Tab(closed.annotator)
    assert fresh.seats() == []
    run_out(*seats)
    # What waits for this person alone is left for them, though no other seat is free.
    (queue,) = queues(closed.annotator)
    assert queue.left == 2
    assert [branch.left for branch in branches_of(queue, closed.annotator)] == [2]
    assert fresh.seats() == seats


def test_what_is_put_off_stays_its_persons_for_a_week() -> None:
    make_items(make_campaign(overlap=1), 1)
    tab, other = Tab(), Tab()
    (seat,) = tab.seats()
    tab.press(seat, "later")
    seat.refresh_from_db()
    assert seat.lease_until is not None
    assert seat.lease_until - timezone.now() > timedelta(days=6)
    assert other.seats() == []
    run_out(seat)
    assert other.seats() == [seat]


@pytest.mark.parametrize("source", ["imported", "annotator"])
def test_nobody_is_asked_what_they_have_said(source: str) -> None:
    campaign, page, product = make_campaign(), make_category(), make_product()
    item = make_item(campaign, page, product)
    tab = Tab()
    said = make_judgment(page, product, 3, who=tab.annotator.name)
    Judgment.objects.filter(pk=said.pk).update(source=source)
    assert tab.seats() == []
    assert [seat.item for seat in Tab().seats()] == [item]


def test_what_somebody_took_back_they_may_be_asked_again() -> None:
    page, product, tab = make_category(), make_product(), Tab()
    make_item(make_campaign(), page, product)
    make_judgment(page, product, 3, who=tab.annotator.name)
    Judgment.objects.update(withdrawn=True)
    assert len(tab.seats()) == 1


def test_what_is_asked_again_goes_to_those_who_judged_before() -> None:
    page, product, tab = make_category(), make_product(), Tab()
    make_judgment(page, product, 3, who=tab.annotator.name)
    make_item(make_campaign(), page, product, purpose="again")
    assert len(tab.seats()) == 1


def test_two_siblings_are_asked_in_their_own_view() -> None:
    campaign, page = make_campaign(), make_category()
    alone = make_item(campaign, page, make_product())
    pair = make_item(campaign, page, make_product(), sibling=make_category())
    assert [seat.item for seat in Tab().seats()] == [alone]
    assert [seat.item for seat in Tab(view="contrast").seats()] == [pair]


def test_whoever_judged_it_on_the_sibling_is_not_asked_between_the_two() -> None:
    sibling, product, tab = make_category(), make_product(), Tab(view="contrast")
    make_item(make_campaign(), make_category(), product, sibling=sibling)
    make_judgment(sibling, product, 0, who=tab.annotator.name)
    assert tab.seats() == []


def test_a_grid_shows_one_page_after_the_other() -> None:
    campaign = make_campaign()
    first = {seat.item_id for seat in make_items(campaign, 3)}
    second = {seat.item_id for seat in make_items(campaign, 2)}
    tab = Tab(view="grid")
    seats = tab.seats(24)
    assert {seat.item_id for seat in seats} == first
    for seat in seats:
        tab.press(seat)
    assert {seat.item_id for seat in tab.seats(24)} == second


def test_a_sitting_keeps_to_its_campaign_and_its_branch() -> None:
    branch = make_category()
    inside = make_category(parent=branch)
    campaign, other = make_campaign(), make_campaign()
    wanted = make_item(campaign, inside, make_product())
    elsewhere = make_item(campaign, make_category(), make_product())
    make_item(other, inside, make_product())
    ann = make_annotator()
    narrow = Tab(ann, campaign=campaign, branch=branch)
    assert [seat.item for seat in narrow.seats()] == [wanted]
    wide = Tab(ann, campaign=campaign)
    assert [seat.item for seat in wide.seats()] == [elsewhere]


@pytest.mark.parametrize("state", ["gathering", "paused", "finished"])
def test_only_running_campaigns_give_anything(state: str) -> None:
    campaign = make_campaign("Spring", state=state)
    make_items(campaign, 1)
    tab = Tab(campaign=campaign)
    assert tab.stopped() == f"Spring is {state}: there is nothing to judge in it now."


def test_a_campaign_with_people_assigned_is_for_them_alone() -> None:
    campaign = make_campaign()
    make_items(campaign, 1)
    chosen, other = make_annotator(), make_annotator()
    Participation.objects.create(campaign=campaign, annotator=chosen, assigned=True)
    assert len(Tab(chosen).seats()) == 1
    assert Tab(other).seats() == []
    assert [queue.campaign for queue in queues(chosen)] == [campaign]
    assert queues(other) == []


def test_queues_say_what_is_left_and_done() -> None:
    campaign = make_campaign("Spring", overlap=1)
    root = make_category("Kitchen")
    for _ in range(2):
        make_items(campaign, 2, page=make_category(parent=root))
    make_items(campaign, 1, page=make_category("Garden"))
    tab = Tab()
    tab.press(tab.seats(1)[0])
    (queue,) = queues(tab.annotator)
    assert (queue.left, queue.done, queue.state) == (4, 1, "active")
    lines = [(branch.category.name, branch.left) for branch in branches_of(queue, tab.annotator)]
    assert lines == [("Garden", 1), ("Kitchen", 3)]


def test_asking_costs_the_same_for_few_and_for_many() -> None:
    make_items(make_campaign(), 50)
    few, many = Tab(), Tab()
    with connection_queries() as for_few:
        few.seats(2)
    with connection_queries() as for_many:
        many.seats(40)
    assert len(for_many) == len(for_few)


def test_saving_a_page_costs_as_many_queries_as_saving_one() -> None:
    make_items(make_campaign(), 30)
    tab = Tab(view="grid")
    one, *rest = tab.seats(24)
    with connection_queries() as for_one:
        tab.press(one)
    with connection_queries() as for_all:
        tab.send(*[tab.said(seat) for seat in rest])
    assert len(for_all) == len(for_one)


@pytest.mark.rows
@pytest.mark.django_db(transaction=True)
def test_of_many_who_reach_for_the_last_seats_as_many_get_one_as_there_are() -> None:
    make_items(make_campaign(overlap=3), 2)
    people = [make_annotator(user=None) for _ in range(8)]
    tabs = [Tab(person) for person in people]
    got: list[list[Seat]] = []
    at_once([partial(_get, tab, got) for tab in tabs])
    seats = [seat.pk for found in got for seat in found]
    assert len(seats) == len(set(seats))
    assert all(len({seat.item_id for seat in found}) == len(found) for found in got)
    # Who was passed over in the rush gets what is left on asking again.
    rest = [seat.pk for tab in tabs for seat in tab.seats()]
    assert sorted(rest) == sorted(Seat.objects.values_list("pk", flat=True))


@pytest.mark.rows
@pytest.mark.django_db(transaction=True)
def test_a_person_in_two_tabs_at_once_never_gets_an_item_twice() -> None:
    make_items(make_campaign(overlap=2), 10)
    ann = make_annotator(user=None)
    one, two = Tab(ann), Tab(ann)
    at_once([one.seats, two.seats])
    items = list(Seat.objects.filter(annotator=ann).values_list("item", flat=True))
    assert len(items) == len(set(items)) == 10


@pytest.mark.rows
@pytest.mark.django_db(transaction=True)
def test_a_double_post_at_the_same_moment_is_one_judgment() -> None:
    make_items(make_campaign(), 1)
    tab = Tab(make_annotator(user=None))
    said = tab.said(tab.seats()[0])
    outcomes: list[str] = []
    at_once([lambda: outcomes.append(tab.send(said).outcomes[0].refused)] * 4)
    assert outcomes == [""] * 4
    assert Judgment.objects.count() == 1


@pytest.mark.rows
@pytest.mark.django_db(transaction=True)
def test_the_last_two_answers_at_the_same_moment_close_the_item() -> None:
    make_items(make_campaign(overlap=2), 3)
    tabs = [Tab(make_annotator(user=None)) for _ in range(2)]
    said = [[tab.said(seat) for seat in tab.seats()] for tab in tabs]
    at_once([partial(tab.send, *answers) for tab, answers in zip(tabs, said, strict=True)])
    assert not Item.objects.filter(closed=False).exists()
    assert Judgment.objects.count() == 6
