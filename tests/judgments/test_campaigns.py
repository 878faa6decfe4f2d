"""What leads do with campaigns, and what workers gather for them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from judgments.actions.campaigns import (
    BadCampaign,
    NotNow,
    assign,
    finish,
    judge_page,
    let_go_on,
    pause,
    resume,
    start_campaign,
)
from judgments.actions.gather import gather
from judgments.actions.items import CampaignOver, add_items, write_items
from judgments.models import (
    Annotator,
    Campaign,
    CampaignState,
    Item,
    Judgment,
    Participation,
    ParticipationState,
    Seat,
)
from judgments.queries.campaigns import (
    campaigns,
    page_lines,
    pages_by_progress,
    pages_of,
    people_in,
    progress,
)
from judgments.queries.pools import Candidate
from judgments.tasks import sweep
from ranking.models import RankedProduct
from tests.factories import make_category, make_judgment, make_product
from tests.judgments.campaigns import answer_seat, asked, gathered, make_campaign, ranked_page
from tests.ranking.confusion import make_pair
from tests.ranking.rankings import make_ranking

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The campaigns that workers were rung for."""
    heard: list[int] = []
    monkeypatch.setattr("judgments.actions.campaigns.ring_for_campaign", heard.append)
    return heard


def rows(campaign: Campaign) -> list[tuple[object, ...]]:
    """All that a campaign asks, with its seats, without ids."""
    columns = ("rank", "page", "product", "sibling", "pool", "expected_change", "closed")
    items = campaign.items.order_by("closed", "rank", "page", "product")
    return [
        (*row, Seat.objects.filter(item=pk).count())
        for pk, *row in items.values_list("id", *columns)
    ]


def test_a_worker_is_rung_for_once_the_campaign_is_written(
    rung: list[int], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        made = start_campaign(name="All of it", by=None)
        assert rung == []
    assert rung == [made.pk]
    assert made.state == CampaignState.GATHERING


def test_a_second_click_finds_the_first_ones_campaign() -> None:
    token = uuid.uuid4()
    first = make_campaign(token=token)
    assert make_campaign(token=token) == first
    assert Campaign.objects.count() == 1


def test_all_that_is_wrong_with_a_campaign_is_said_at_once() -> None:
    make_campaign("Spices")
    with pytest.raises(BadCampaign) as bad:
        make_campaign("Spices", pools={"moon": 3}, overlap=10, aim=0.9)
    assert set(bad.value.faults) == {"name", "pools", "overlap", "aim"}
    assert "“Spices” already" in bad.value.faults["name"]


def test_a_campaign_that_would_take_nothing_is_refused() -> None:
    with pytest.raises(BadCampaign, match="at least one pool"):
        make_campaign(pools={"top": 0})


def test_a_name_that_is_taken_at_the_same_moment_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def take(*_: object, **__: object) -> None:
        Campaign.objects.create(name="Spices")

    monkeypatch.setattr("judgments.actions.campaigns._check", take)
    with pytest.raises(BadCampaign, match="There is a campaign “Spices” already"):
        start_campaign(name="Spices", by=None)


def test_its_pages_are_those_named_those_of_its_branch_or_all() -> None:
    spices = make_category("Spices")
    pepper = make_category("Pepper", spices, is_page=True)
    make_category("Sage", spices)
    lamp = make_category("Lamp", is_page=True)
    assert set(pages_of(make_campaign("a"))) == {pepper, lamp}
    assert set(pages_of(make_campaign("b", branch=spices))) == {pepper}
    assert set(pages_of(make_campaign("c", pages=[lamp]))) == {lamp}


def test_each_item_has_as_many_seats_as_people_are_to_be_asked() -> None:
    ranked_page("Pepper")
    campaign = gathered(pools={"top": 3}, overlap=3)
    assert [item.seats.count() for item in asked(campaign)] == [3, 3, 3]
    assert campaign.state == CampaignState.RUNNING


def test_gathering_twice_gives_the_same() -> None:
    for name in ("Pepper", "Salt", "Sage"):
        ranked_page(name, shown=20, removed=5)
    campaign = gathered()
    before = rows(campaign)
    Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.GATHERING)
    gather(campaign.pk)
    assert rows(campaign) == before
    assert len(before) > 40


def test_killed_in_between_and_begun_again_it_ends_in_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("Pepper", "Salt", "Sage"):
        page, products = ranked_page(name, shown=20, removed=5)
        for who in ("Ann", "Ben"):
            make_judgment(page, products[0], 3, who)
    token = uuid.uuid4()
    whole = rows(gathered(token=token))
    Campaign.objects.all().delete()

    monkeypatch.setattr("judgments.actions.gather.ITEMS_AT_ONCE", 10)
    campaign = make_campaign(token=token)
    parts = 0

    def dies(campaign: Campaign, candidates: Sequence[Candidate], rank: int) -> int:
        nonlocal parts
        parts += 1
        if parts == 3:
            raise KeyboardInterrupt
        return write_items(campaign, candidates, rank)

    monkeypatch.setattr("judgments.actions.gather.write_items", dies)
    with pytest.raises(KeyboardInterrupt):
        gather(campaign.pk)
    assert campaign.items.filter(closed=False).count() == 20
    assert Campaign.objects.get().state == CampaignState.GATHERING
    gather(campaign.pk)
    assert rows(campaign) == whole
    assert Campaign.objects.get().state == CampaignState.RUNNING


def test_a_product_that_another_campaign_asks_about_is_not_asked_twice_at_once() -> None:
    ranked_page("Pepper", shown=4, removed=0)
    gathered("First", pools={"top": 2})
    second = gathered("Second", pools={"top": 4})
    assert len(asked(second)) == 2
    assert progress(second).left_out == 2
    assert Item.objects.filter(closed=False).count() == 4


def test_what_as_many_people_have_judged_is_left_out_unless_they_differ() -> None:
    page, products = ranked_page("Pepper", shown=4, removed=0)
    for who, grade in (("Ann", 3), ("Ben", 3)):
        make_judgment(page, products[0], grade, who)
    for who, grade in (("Ann", 3), ("Ben", 0)):
        make_judgment(page, products[1], grade, who)
    make_judgment(page, products[2], 3, "Ann")
    campaign = gathered(pools={"top": 3, "disagreement": 3})
    assert {item.product for item in asked(campaign)} == {products[1], products[2]}


def test_simulated_people_do_not_stand_for_people() -> None:
    page, products = ranked_page("Pepper", shown=1, removed=0)
    for who in ("Sim", "Sam"):
        Annotator.objects.create(name=who, simulated=True)
        make_judgment(page, products[0], 3, who)
    assert len(asked(gathered(pools={"top": 1}))) == 1


def test_what_a_merchandiser_said_is_asked_all_the_same() -> None:
    page, products = ranked_page("Pepper", shown=2, removed=0)
    hidden = make_judgment(page, products[0], 0, "Mira")
    Judgment.objects.filter(pk=hidden.pk).update(source="merchandiser")
    make_judgment(page, products[1], 0, "Ann")
    campaign = gathered(pools={"top": 2}, overlap=1)
    assert [item.product for item in asked(campaign)] == [products[0]]


def test_a_campaign_that_finds_nothing_is_paused_says_why_and_can_try_again(
    rung: list[int], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    campaign = gathered()
    assert campaign.state == CampaignState.PAUSED
    assert campaign.error == "It has no active page."
    make_category("Pepper", is_page=True)
    with django_capture_on_commit_callbacks(execute=True):
        resume(campaign)
    assert rung == [campaign.pk]
    gather(campaign.pk)
    campaign.refresh_from_db()
    assert "rank them" in campaign.error
    ranked_page("Salt")
    resume(campaign)
    gather(campaign.pk)
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.RUNNING
    assert campaign.error == ""


def test_a_pool_that_fails_pauses_the_campaign_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ranked_page("Pepper")
    campaign = make_campaign()
    monkeypatch.setattr("judgments.actions.gather.merged", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        gather(campaign.pk)
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.PAUSED
    assert "worker's log" in campaign.error


def test_nothing_more_is_written_once_it_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    ranked_page("Pepper", shown=20)
    campaign = make_campaign(pools={"top": 20})
    monkeypatch.setattr("judgments.actions.gather.ITEMS_AT_ONCE", 5)

    def then_finished(campaign: Campaign, candidates: Sequence[Candidate], rank: int) -> int:
        written = write_items(campaign, candidates, rank)
        finish(campaign)
        return written

    monkeypatch.setattr("judgments.actions.gather.write_items", then_finished)
    gather(campaign.pk)
    assert campaign.items.count() == 5
    assert not campaign.items.filter(closed=False).exists()
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.FINISHED


def test_the_sweep_rings_for_what_gathers_and_for_nothing_else(rung: list[int]) -> None:
    ranked_page("Pepper")
    waiting = make_campaign("Waiting")
    gathered("Done")
    sweep()
    assert rung == [waiting.pk]


def test_the_top_is_asked_in_the_order_of_what_it_would_change() -> None:
    _, products = ranked_page("Pepper", shown=3, removed=0)
    chances = {products[0]: 0.9, products[1]: 0.5, products[2]: 0.4}
    for product, sure in chances.items():
        RankedProduct.objects.filter(product=product).update(confidence=sure)
    items = asked(gathered(pools={"top": 3}))
    assert [item.product for item in items] == [products[1], products[2], products[0]]
    assert [round(item.expected_change, 3) for item in items] == [0.315, 0.3, 0.1]


def test_near_the_cut_are_the_least_sure_shown_and_the_surest_removed() -> None:
    _, products = ranked_page("Pepper", shown=6, removed=6)
    for place, product in enumerate(products[6:]):
        RankedProduct.objects.filter(product=product).update(confidence=0.3 - 0.01 * place)
    items = asked(gathered(pools={"cut": 4}))
    assert {item.product for item in items} == {*products[4:6], *products[6:8]}


def test_what_other_rules_removed_is_a_pool_of_its_own() -> None:
    _, products = ranked_page("Pepper", shown=2, removed=3)
    RankedProduct.objects.filter(product=products[3]).update(removed_by="not seen lately")
    assert [item.product for item in asked(gathered(pools={"removed": 5}))] == [products[3]]


def test_on_the_fence_the_question_names_both_siblings_nearest_first() -> None:
    spices = make_category("Spices")
    pepper = make_category("Pepper", spices, is_page=True)
    salt = make_category("Salt", spices)
    near, far, other = make_product(), make_product(), make_product()
    make_ranking(pepper, [near])
    make_pair(pepper, salt, {near: 0.1, far: 0.9, other: -0.5})
    items = asked(gathered(pools={"fence": 2}))
    assert {(item.page, item.sibling, item.product) for item in items} == {
        (pepper, salt, near),
        (pepper, salt, other),
    }


def test_the_newest_ranking_counts() -> None:
    page, _ = ranked_page("Pepper", shown=2, removed=0)
    newer = make_product("Newer")
    make_ranking(page, [newer])
    assert [item.product for item in asked(gathered(pools={"top": 5}))] == [newer]


def test_before_its_first_ranking_a_page_gives_what_is_filed_there() -> None:
    page = make_category("Pepper", is_page=True)
    filed = [make_product(filed_under=page) for _ in range(3)]
    make_product()
    items = asked(gathered(pools={"random": 10}))
    assert {item.product for item in items} == set(filed)


def test_the_random_share_is_a_uniform_draw_of_what_is_shown() -> None:
    _, products = ranked_page("Pepper", shown=10, removed=10)
    counts = dict.fromkeys([product.pk for product in products], 0)
    for number in range(200):
        token = uuid.UUID(int=number)
        for item in asked(gathered(str(number), token=token, pools={"random": 3})):
            counts[item.product_id] += 1
        Campaign.objects.all().delete()
    assert not any(counts[product.pk] for product in products[10:])
    assert sum(counts.values()) == 600
    assert all(35 <= counts[product.pk] <= 85 for product in products[:10])


def test_hand_picked_products_are_asked_at_once_in_their_order() -> None:
    page, products = ranked_page("Pepper")
    picked = [Candidate(page.pk, product.pk, "picked", 0.1) for product in reversed(products)]
    campaign = make_campaign(candidates=picked)
    assert campaign.state == CampaignState.RUNNING
    assert [item.product for item in asked(campaign)] == list(reversed(products))


def test_more_can_be_asked_of_a_campaign_that_is_not_over() -> None:
    page, products = ranked_page("Pepper")
    campaign = gathered(pools={"top": 2})
    more = [Candidate(page.pk, product.pk, "picked", 0.1) for product in products]
    assert add_items(campaign, more) == len(products) - 2
    assert [item.rank for item in asked(campaign)] == list(range(len(products)))
    assert add_items(campaign, more) == 0
    finish(campaign)
    with pytest.raises(CampaignOver):
        add_items(campaign, more)


def test_a_campaign_is_paused_goes_on_and_ends_for_good() -> None:
    ranked_page("Pepper")
    campaign = gathered(pools={"top": 2})
    assert pause(campaign).state == CampaignState.PAUSED
    assert resume(campaign).state == CampaignState.RUNNING
    ended = finish(campaign)
    assert ended.finished_at
    assert not ended.items.filter(closed=False).exists()
    for move in (pause, resume, finish):
        with pytest.raises(NotNow, match="is finished"):
            move(campaign)


def test_what_a_finished_campaign_had_open_another_may_ask() -> None:
    ranked_page("Pepper")
    finish(gathered("First", pools={"top": 2}))
    assert len(asked(gathered("Second", pools={"top": 2}))) == 2


def test_one_page_has_one_campaign_that_is_not_over() -> None:
    page, _ = ranked_page("Pepper")
    other, _ = ranked_page("Salt")
    make_campaign("Both", pages=[page, other])
    first = judge_page(page, by=None, token=uuid.uuid4())
    assert first.name == "Judge Pepper"
    assert judge_page(page, by=None, token=uuid.uuid4()) == first
    finish(first)
    second = judge_page(page, by=None, token=uuid.uuid4())
    assert second.name == "Judge Pepper 2"
    assert list(second.pages.all()) == [page]


def test_assigning_replaces_who_was_assigned_and_keeps_their_state() -> None:
    campaign = make_campaign()
    ann, ben = (Annotator.objects.create(name=name) for name in ("Ann", "Ben"))
    assign(campaign, [ann])
    Participation.objects.update(state=ParticipationState.WARNED)
    assign(campaign, [ann, ben])
    assign(campaign, [ben])
    parts = campaign.participations.order_by("annotator__name")
    assert [(part.annotator, part.assigned, part.state) for part in parts] == [
        (ann, False, "warned"),
        (ben, True, "active"),
    ]
    finish(campaign)
    with pytest.raises(NotNow):
        assign(campaign, [ann])


def test_whoever_was_paused_can_be_let_go_on_from_then() -> None:
    campaign = make_campaign()
    ann = Annotator.objects.create(name="Ann")
    before = timezone.now()
    Participation.objects.create(
        campaign=campaign, annotator=ann, state="paused", reason="5 of 10 known grades missed."
    )
    let_go_on(campaign, ann)
    part = campaign.participations.get()
    assert part.state == ParticipationState.ACTIVE
    assert part.reason == ""
    assert part.counted_from
    assert part.counted_from >= before


def test_progress_counts_labels_and_who_gave_them() -> None:
    page, _ = ranked_page("Pepper")
    campaign = gathered(pools={"top": 3})
    first, second, _ = asked(campaign)
    answer_seat(first, "Ann", 3, seconds=2)
    answer_seat(first, "Ben", 2, seconds=1000)  # went for lunch
    answer_seat(second, "Ann", 0, seconds=4)
    done = progress(campaign)
    assert (done.items, done.seats, done.labels, done.left_out) == (3, 6, 3, 0)
    ann, ben = people_in(campaign)
    assert (ann.annotator.name, ann.labels, ann.per_hour) == ("Ann", 2, 1200)
    assert (ben.annotator.name, ben.labels, ben.per_hour) == ("Ben", 1, 12)
    listed = campaigns().get()
    assert (listed.seats, listed.answered) == (6, 3)  # type: ignore[attr-defined]  # annotated
    (line,) = page_lines(pages_by_progress(campaign))
    assert (line.page, line.seats, line.answered) == (page, 6, 3)
