"""How good a campaign's pages are, as far as can be told, and how much judging that takes."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from statistics import mean

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from judgments.models import Annotator, Campaign, Item, Judgment, Seat
from judgments.queries.forecast import Drawn, estimate, forecast
from tests.factories import make_judgment
from tests.judgments.campaigns import answer_seat, asked, gathered, make_campaign, ranked_page

RANDOM_ONLY = {"random": 6}
ways = st.sampled_from([True, False, None])
draws = st.lists(st.builds(Drawn, st.floats(0.5, 9), st.booleans(), ways), min_size=1, max_size=60)


def equal(right: int, wrong: int, unjudged: int = 0) -> list[Drawn]:
    words = [True] * right + [False] * wrong + [None] * unjudged
    return [Drawn(1.0, True, word) for word in words]


@given(draws, st.integers(0, 500), st.floats(0.005, 0.5))
def test_the_share_lies_in_its_interval_and_both_in_0_to_1(
    drawn: list[Drawn], more: int, aim: float
) -> None:
    found = estimate(drawn, len(drawn) + more, aim)
    if found.share is None or found.low is None or found.high is None:
        assert all(one.right is None for one in drawn)
        return
    assert 0 <= found.low <= found.share + 1e-9
    assert found.share <= found.high + 1e-9
    assert found.high <= 1


@given(st.integers(1, 20), st.integers(0, 20), st.integers(2, 9), st.integers(0, 10_000))
def test_more_labels_of_the_same_kind_make_the_interval_narrower(
    right: int, wrong: int, times: int, more: int
) -> None:
    drawn = (right + wrong) * times
    few = estimate(equal(right, wrong), drawn + more, 0.05).margin
    many = estimate(equal(right * times, wrong * times), drawn + more, 0.05).margin
    assert few is not None
    assert many is not None
    assert many < few


@given(st.integers(0, 40), st.integers(0, 40))
def test_when_all_that_is_shown_is_judged_nothing_is_uncertain(right: int, wrong: int) -> None:
    found = estimate(equal(right, wrong), right + wrong, 0.05)
    if right + wrong:
        assert found.margin == 0
        assert found.share == pytest.approx(right / (right + wrong))
        assert found.more == 0


@given(draws, st.integers(0, 2000), st.floats(0.01, 0.3))
def test_as_many_more_as_it_asks_for_are_enough_and_no_fewer(
    drawn: list[Drawn], beyond: int, aim: float
) -> None:
    """With equal weights, answers of the same kind take the interval to what was promised."""
    same = [Drawn(1.0, True, one.right) for one in drawn]
    found = estimate(same, len(same) + beyond, aim)
    if found.more is None or found.more == 0 or found.share not in (0.0, 1.0):
        return
    word = found.share == 1.0

    def after(more: int) -> float:
        waiting = [one for one in same if one.right is None]
        known = [one for one in same if one.right is not None]
        answered = [Drawn(1.0, True, word)] * more
        margin = estimate([*known, *answered, *waiting[more:]], len(same) + beyond, aim).margin
        assert margin is not None
        return margin

    assert after(found.more) <= aim
    assert after(found.more - 1) > aim


def test_an_aim_that_all_of_the_draw_cannot_reach_is_said_to_be_out_of_reach() -> None:
    found = estimate(equal(8, 8, unjudged=4), 10_000, 0.01)
    assert found.more is None
    assert found.in_the_end is not None
    assert found.in_the_end > 0.01


def test_pages_that_show_more_count_more() -> None:
    """One in four is right where 30 are shown, four in four where 10 are."""
    long = [Drawn(30 / 4, True, right) for right in (True, False, False, False)]
    short = [Drawn(10 / 4, True, True) for _ in range(4)]
    assert estimate(long + short, 40, 0.05).share == pytest.approx((0.25 * 30 + 1.0 * 10) / 40)


def test_what_was_judged_before_does_not_outweigh_what_is_still_to_be_judged() -> None:
    """Half of the draw was known before, and right; of the other half one is judged, and wrong."""
    before = [Drawn(1.0, False, True) for _ in range(10)]
    asked_here = [Drawn(1.0, True, False), *(Drawn(1.0, True, None) for _ in range(9))]
    assert estimate(before + asked_here, 500, 0.05).share == pytest.approx(0.5)


def test_of_many_draws_about_95_in_100_intervals_hold_the_true_share() -> None:
    shown = [True] * 240 + [False] * 60
    held = []
    for seed in range(400):
        drawn = Random(seed).sample(shown, 80)  # noqa: S311  a sample, no secret
        found = estimate([Drawn(300 / 80, True, right) for right in drawn], 300, 0.05)
        assert found.low is not None
        assert found.high is not None
        held.append(found.low <= 0.8 <= found.high)
    assert 0.92 <= mean(held) <= 0.99


@pytest.mark.django_db
def test_without_anything_judged_it_says_so() -> None:
    ranked_page("Pepper")
    found = forecast(gathered(pools=RANDOM_ONLY))
    assert found.undefined == "Nothing that was drawn at random has been judged yet."
    assert found.labels is None
    assert found.days is None


@pytest.mark.django_db
def test_a_campaign_that_draws_nothing_or_gathers_says_why_it_knows_nothing() -> None:
    ranked_page("Pepper")
    assert "still being gathered" in forecast(make_campaign(pools=RANDOM_ONLY)).undefined
    assert "drew nothing at random" in forecast(gathered("Tops", pools={"top": 2})).undefined


@pytest.mark.django_db
def test_a_product_is_right_when_the_median_of_its_grades_is() -> None:
    ranked_page("Pepper", shown=2)
    campaign = gathered(pools=RANDOM_ONLY)
    one, other = asked(campaign)
    answer_seat(one, "Ann", 3)
    answer_seat(one, "Ben", 1)  # the median is 2
    answer_seat(other, "Ann", 1)
    found = forecast(campaign)
    assert found.estimate.share == 0.5
    assert found.estimate.margin == 0
    assert found.labels == 0


@pytest.mark.django_db
def test_labels_are_counted_up_to_the_turn_of_the_last_product_that_is_needed() -> None:
    for name in ("Pepper", "Salt", "Sage"):
        ranked_page(name, shown=20, removed=0)
    campaign = gathered(pools={"top": 10, "random": 10}, aim=0.15)
    drawn = [item for item in asked(campaign) if item.pool == "random"]
    for item in drawn[:10]:
        answer_seat(item, "Ann", 3 if item.pk % 2 else 0)
    found = forecast(campaign)
    assert found.estimate.more
    last = drawn[10 + found.estimate.more - 1]
    waiting = Seat.objects.filter(item__campaign=campaign, item__rank__lte=last.rank, state="open")
    assert found.labels == waiting.count()


@pytest.mark.django_db
def test_the_pace_is_that_of_the_last_day_with_judging_and_tells_when_it_will_be_known() -> None:
    ranked_page("Pepper", shown=40, removed=0)
    campaign = gathered(pools={"random": 40}, aim=0.1)
    last_week = timezone.now() - timedelta(days=7)
    for place, item in enumerate(asked(campaign)[:8]):
        answer_seat(item, "Ann", 3 if place % 2 else 0)
        at = last_week - timedelta(hours=place) if place < 4 else last_week - timedelta(days=3)
        item.seats.filter(state="judged").update(answered_at=at)
    found = forecast(campaign)
    assert found.pace == 4
    assert found.newest == last_week
    assert found.labels
    assert found.days == found.labels / 4


@pytest.mark.django_db
def test_what_enough_people_judged_before_is_part_of_the_estimate() -> None:
    page, products = ranked_page("Pepper", shown=4, removed=0)
    for product in products[:2]:
        for who in ("Ann", "Ben"):
            make_judgment(page, product, 3, who)
    campaign = gathered(pools=RANDOM_ONLY)
    assert len(asked(campaign)) == 2
    for item in asked(campaign):
        answer_seat(item, "Ann", 0)
    assert forecast(campaign).estimate.share == 0.5


@pytest.mark.django_db
def test_simulated_people_count_only_where_they_were_asked() -> None:
    page, products = ranked_page("Pepper", shown=2, removed=0)
    Annotator.objects.create(name="Sim", simulated=True)
    make_judgment(page, products[0], 0, "Sim")
    campaign = gathered(pools=RANDOM_ONLY)
    assert forecast(campaign).undefined
    answer_seat(Item.objects.get(product=products[1]), "Sim", 3)
    assert forecast(campaign).estimate.share == 1.0


@pytest.mark.django_db
def test_what_a_merchandiser_hides_says_nothing_of_how_good_a_page_is() -> None:
    page, products = ranked_page("Pepper", shown=2, removed=0)
    hidden = make_judgment(page, products[0], 0, "Mira")
    Judgment.objects.filter(pk=hidden.pk).update(source="merchandiser")
    assert forecast(gathered(pools=RANDOM_ONLY)).undefined


@pytest.mark.django_db
def test_a_forecast_costs_the_same_however_many_pages_there_are(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(12):
        ranked_page(f"Page {number}")
    campaign = gathered(pools=RANDOM_ONLY)
    with django_assert_num_queries(6):
        forecast(Campaign.objects.get(pk=campaign.pk))
