"""Gold and repeats among what is asked, and what becomes of who misses what is known."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from judgments.actions.campaigns import let_go_on
from judgments.actions.judge import Told, annotator_of
from judgments.actions.judge.woven import places
from judgments.models import Campaign, Item, Judgment, Participation, Seat
from tests.factories import make_campaign, make_category, make_judgment, make_user
from tests.judgments.disputes import settle
from tests.judgments.judging import Tab, make_gold, make_items

pytestmark = pytest.mark.django_db


def judged(tab: Tab, rounds: int, *, gold: int = 3) -> list[Seat]:
    """Judge so many products one after the other, those that are gold with that grade."""
    seats = []
    for _ in range(rounds):
        (seat, *_) = tab.seats(1)
        tab.press(seat, grade=gold if seat.item.gold_id else 3)
        seats.append(seat)
    return seats


def watched(gold_every: int = 1, **fields: object) -> Campaign:
    """Return a campaign with plenty to judge, which looks on."""
    campaign = make_campaign("Spring", gold_every=gold_every, **fields)
    make_items(campaign, 60)
    return campaign


def part_of(tab: Tab) -> Participation:
    return Participation.objects.get(annotator=tab.annotator)


def test_one_of_every_twenty_is_gold_and_nobody_can_count_it_out() -> None:
    campaign = watched(gold_every=20, overlap=4)
    make_gold(10)
    places = []
    for _ in range(4):
        tab = Tab(campaign=campaign)
        seats = judged(tab, 40)
        gold = [number for number, seat in enumerate(seats) if seat.item.purpose == "gold"]
        assert [number // 20 for number in gold] == [0, 1]
        assert len(set(seats)) == 40
        places.append(gold)
    assert len({tuple(gold) for gold in places}) > 1


def test_another_key_of_the_installation_puts_gold_elsewhere(settings: Settings) -> None:
    campaign, tab = make_campaign(gold_every=20), Tab()
    found = set()
    for key in ("one", "two", "three", "four"):
        settings.SECRET_KEY = key
        found.add(tuple(places(tab.sitting, campaign, 200)))
    assert len(found) == 4


def test_the_number_of_a_seat_does_not_tell_that_it_was_made_for_somebody() -> None:
    watched(gold_every=4)
    make_gold(10)
    seats = Tab().seats(40)
    gold = [seat.pk for seat in seats if seat.item.gold_id]
    others = [seat.pk for seat in seats if not seat.item.gold_id]
    assert len(gold) == 10
    assert min(gold) < max(others)
    assert min(others) < max(gold)
    assert max(seat.pk for seat in seats) < 2**53


def test_gold_is_for_one_person_and_never_twice() -> None:
    watched()
    make_gold(3)
    tab, other = Tab(), Tab()
    seats = [seat for seat in judged(tab, 10) if seat.item.gold_id]
    assert len({seat.item.product_id for seat in seats}) == len(seats) == 3
    assert all(seat.item.only_for == tab.annotator for seat in seats)
    assert not {seat.item for seat in other.seats(20)} & {seat.item for seat in seats}


def test_gold_that_is_asked_anyway_judged_already_or_put_away_is_not_woven_in() -> None:
    campaign, tab = watched(), Tab()
    asked = campaign.items.first()
    assert asked
    (gold, said, dismissed) = make_gold(3)
    make_judgment(said.page, said.product, 3, who=tab.annotator.name)
    dismissed.state = "dismissed"
    dismissed.save()
    gold.page, gold.product = asked.page, asked.product
    gold.save()
    assert not any(seat.item.gold_id for seat in judged(tab, 5))


def test_gold_is_of_the_campaigns_pages() -> None:
    inside = make_category()
    campaign = watched(branch=inside)
    make_gold(1)
    (fit,) = make_gold(1, page=make_category(parent=inside, is_page=True))
    seats = judged(Tab(campaign=campaign), 5)
    assert [seat.item.gold for seat in seats if seat.item.gold_id] == [fit]


def test_in_a_grid_gold_is_of_the_page_that_is_shown() -> None:
    campaign = watched(gold_every=4)
    page = campaign.items.all()[0].page
    page.is_page = True
    page.save()
    make_gold(5)
    make_gold(5, page=page)
    seats = Tab(view="grid").seats(24)
    assert {seat.item.page for seat in seats} == {page}
    assert sum(seat.item.gold_id is not None for seat in seats) == 5


def test_two_siblings_are_asked_without_gold() -> None:
    campaign = make_campaign(gold_every=1)
    make_items(campaign, 3, sibling=make_category())
    make_gold(3)
    assert [seat.item.purpose for seat in Tab(view="contrast").seats()] == ["label"] * 3


def test_after_the_last_product_no_gold_follows() -> None:
    campaign = make_campaign(gold_every=1)
    make_items(campaign, 1)
    make_gold(5)
    tab = Tab()
    for _ in range(10):
        for seat in tab.seats(20):
            tab.press(seat)
    assert not Seat.objects.filter(annotator=tab.annotator, state="held").exists()


def test_a_practice_item_tells_at_once_whether_it_was_right() -> None:
    watched()
    (gold,) = make_gold(1, grade=0, training=True, explanation="A lid is no pot.")
    tab = Tab()
    (seat,) = (seat for seat in tab.seats(2) if seat.item.gold_id)
    said = tab.said(seat, grade=2)
    told = tab.send(said).outcomes[0].told
    assert told == Told(grade=gold.grade, explanation="A lid is no pot.", right=False)
    assert tab.send(said).outcomes[0].told == told
    assert tab.undo(tab.send(said).outcomes[0]).refused == (
        "This was for practice, and its answer has been told."
    )


def test_silent_gold_tells_nothing_and_is_a_judgment_like_any_other() -> None:
    watched()
    make_gold(1)
    tab = Tab()
    (seat,) = (seat for seat in tab.seats(2) if seat.item.gold_id)
    done = tab.send(tab.said(seat, grade=0))
    assert (done.outcomes[0].told, done.notice) == (None, "")
    assert Judgment.objects.get(seat=seat).source == "annotator"


def test_who_misses_two_of_ten_is_warned_and_who_misses_five_is_paused() -> None:
    watched()
    make_gold(8)
    tab = Tab()
    notices = []
    for _ in range(6):  # what is answered counts from the next on
        (seat,) = tab.seats(1)
        assert seat.item.gold_id
        notices.append(tab.send(tab.said(seat, grade=1)).notice)
    warned = "Of your last 2 products whose grade is known in Spring, you missed 2. Please read"
    paused = (
        "Of your last 5 products whose grade is known in Spring, you missed 5."
        " You are paused until a lead lets you go on."
    )
    assert notices[0] == notices[1] == notices[3] == notices[4] == ""
    assert notices[2].startswith(warned)
    assert notices[5] == paused
    assert part_of(tab).state == "paused"
    assert Tab(tab.annotator, campaign=Campaign.objects.get()).stopped() == paused
    assert tab.stopped() == paused
    assert len(Tab().seats()) == 20  # others go on


def test_right_and_wrong_are_the_sides_of_acceptable() -> None:
    watched()
    make_gold(4, grade=3)
    tab = Tab()
    judged(tab, 4, gold=2)
    assert not Participation.objects.exists()


def test_who_does_better_is_warned_no_more() -> None:
    watched()
    make_gold(14)
    tab = Tab()
    judged(tab, 2, gold=0)
    assert not Participation.objects.exists()  # the word does not come with the answer it is about
    judged(tab, 1, gold=3)
    assert part_of(tab).state == "warned"
    judged(tab, 9, gold=3)
    assert (part_of(tab).state, part_of(tab).reason) == ("active", "")


def test_what_was_taken_back_is_not_missed() -> None:
    watched()
    make_gold(2)
    tab = Tab()
    for seat in tab.seats(2):
        tab.undo(tab.press(seat, grade=0))
        tab.press(seat, grade=3)
    assert not Participation.objects.exists()


def test_a_lead_lets_a_paused_person_go_on_and_counts_anew() -> None:
    campaign = watched()
    make_gold(12)
    tab = Tab()
    judged(tab, 6, gold=0)
    assert tab.seats() == []
    let_go_on(campaign, tab.annotator)
    judged(tab, 2, gold=0)
    assert part_of(tab).state == "active"
    judged(tab, 1, gold=0)
    assert part_of(tab).state == "warned"


def test_a_person_is_asked_again_what_they_judged_long_before_and_only_once() -> None:
    campaign = make_campaign(repeat_every=2, overlap=3)
    make_items(campaign, 60)
    tab = Tab()
    seats = judged(tab, 80)
    assert len(set(seats)) == 80
    items = [seat.item for seat in seats]
    pairs = [(item.page_id, item.product_id) for item in items]
    repeats = [number for number, item in enumerate(items) if item.purpose == "repeat"]
    assert len(repeats) == len({pairs[number] for number in repeats}) >= 10
    for number in repeats:
        assert number - pairs.index(pairs[number]) >= 20
    assert {item.only_for for item in items if item.purpose == "repeat"} == {tab.annotator}
    assert not Item.objects.filter(only_for=tab.annotator, closed=False).exists()


def test_what_a_person_has_settled_is_not_asked_of_them_again() -> None:
    campaign = make_campaign(repeat_every=2, overlap=3)
    make_items(campaign, 30)
    lead = make_user("leads")
    tab = Tab(annotator_of(lead), campaign=campaign)
    seats = judged(tab, 22)
    for seat in seats:
        settle(seat.item.page, seat.item.product, 0, by=lead)
    assert {seat.item.purpose for seat in judged(tab, 8)} == {"label"}


def test_two_siblings_come_again_as_two_siblings() -> None:
    campaign = make_campaign(repeat_every=1)
    sibling = make_category()
    make_items(campaign, 25, sibling=sibling)
    tab = Tab(view="contrast")
    for _ in range(24):
        (seat,) = tab.seats(1)
        tab.press(seat, "first")
    assert seat.item.purpose == "repeat"
    assert seat.item.sibling == sibling
