"""Rules by hand from the draft to the shop and back."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from ranking.actions.hand import (
    BadRule,
    DraftedMeanwhile,
    NotNow,
    Wish,
    discard,
    draft,
    end,
    end_those_over,
    go_live,
)
from ranking.listings import told
from ranking.models import Cause, HandRule, HandState, Release
from ranking.queries.lineup import lineup
from ranking.queries.shown import shown_publication
from ranking.tasks import sweep
from taxonomy.models import Category, Product
from tests.factories import make_category, make_product, make_user
from tests.ranking.conftest import products
from tests.ranking.published import publish
from tests.ranking.rankings import make_ranking

pytestmark = pytest.mark.django_db
PIN = Wish("pin", place=1)


@pytest.fixture
def mira() -> User:
    return make_user("merchandisers", username="mira")


def drafted(page: Category, product: Product, wish: Wish = PIN, **said: Any) -> HandRule:
    values = {"by": None, "token": uuid.uuid4(), "based_on": None} | said
    return draft(page, product, wish, **values)


def in_the_shop(page: Category) -> list[int]:
    """What the shop is told, by product."""
    publication = shown_publication(page)
    assert publication
    return [one["product"] for one in told(publication.listing)["products"]]


def test_a_draft_changes_nothing_in_the_shop(pepper: Category, mira: User) -> None:
    shown = products(2)
    publish(pepper, shown)
    rule = drafted(pepper, shown[1], by=mira)
    assert (rule.state, rule.author, rule.live_at) == (HandState.DRAFT, mira, None)
    assert in_the_shop(pepper) == [shown[0].pk, shown[1].pk]


@pytest.mark.rows
def test_the_same_form_twice_makes_one_draft(pepper: Category) -> None:
    [product], token = products(1), uuid.uuid4()
    first = drafted(pepper, product, token=token)
    assert drafted(pepper, product, token=token) == first
    assert HandRule.objects.count() == 1


@pytest.mark.rows
def test_a_changed_draft_takes_the_place_of_the_one_before(pepper: Category, mira: User) -> None:
    [product] = products(1)
    before = drafted(pepper, product)
    after = drafted(pepper, product, Wish("hide"), based_on=before.pk, by=mira)
    before.refresh_from_db()
    assert (before.state, before.closed_by) == (HandState.DISCARDED, mira)
    assert after.state == HandState.DRAFT


@pytest.mark.rows
def test_two_who_draft_at_once_lose_nothing_and_the_second_sees_the_first(pepper: Category) -> None:
    [product] = products(1)
    first = drafted(pepper, product)
    with pytest.raises(DraftedMeanwhile) as told_of:
        drafted(pepper, product, Wish("hide"))
    assert told_of.value.newest == first
    discard(first, by=None)
    with pytest.raises(DraftedMeanwhile) as told_of:
        drafted(pepper, product, Wish("hide"), based_on=first.pk)
    assert told_of.value.newest is None


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish("glue"), "kind"),
        (Wish("pin"), "place"),
        (Wish("pin", place=0), "place"),
        (Wish("pin", place=1_001), "place"),
        (Wish("boost"), "strength"),
        (Wish("bury", strength="tiny"), "strength"),
        (Wish("hide", until=timezone.now() - timedelta(days=1)), "until"),
        (Wish("hide", note="x" * 501), "note"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_a_sentence(
    pepper: Category, wish: Wish, field: str
) -> None:
    with pytest.raises(BadRule) as refused:
        drafted(pepper, make_product(), wish)
    assert list(refused.value.faults) == [field]
    assert refused.value.faults[field].endswith(".")
    assert not HandRule.objects.exists()


def test_what_a_kind_has_no_use_for_is_not_kept(pepper: Category) -> None:
    rule = drafted(pepper, make_product(), Wish("hide", place=3, strength="weak", note=" why "))
    assert (rule.place, rule.strength, rule.note) == (None, "", "why")


@pytest.mark.rows
def test_a_draft_that_goes_live_is_in_the_shop_at_once(pepper: Category, mira: User) -> None:
    shown = products(3)
    before = publish(pepper, shown)
    rule = drafted(pepper, shown[2])
    done = go_live(pepper, [rule.pk], by=mira)
    assert in_the_shop(pepper) == [shown[2].pk, shown[0].pk, shown[1].pk]
    assert done.release
    assert (done.release.cause, done.release.by) == (Cause.HAND, mira)
    assert done.release.note == f"pin “{shown[2].title}”"
    now = shown_publication(pepper)
    assert now
    assert now.page_run == before.page_run
    rule.refresh_from_db()
    assert rule.state == HandState.LIVE
    assert rule.live_at


@pytest.mark.rows
def test_only_the_drafts_that_are_named_go_live(pepper: Category) -> None:
    shown = products(3)
    publish(pepper, shown)
    pin, hide = drafted(pepper, shown[2]), drafted(pepper, shown[0], Wish("hide"))
    go_live(pepper, [hide.pk], by=None)
    assert in_the_shop(pepper) == [shown[1].pk, shown[2].pk]
    pin.refresh_from_db()
    assert pin.state == HandState.DRAFT


@pytest.mark.rows
def test_a_draft_that_goes_live_ends_the_live_rule_before_it(pepper: Category) -> None:
    shown = products(2)
    publish(pepper, shown)
    first = drafted(pepper, shown[1])
    go_live(pepper, [first.pk], by=None)
    second = drafted(pepper, shown[1], Wish("hide"))
    go_live(pepper, [second.pk], by=None)
    first.refresh_from_db()
    assert first.state == HandState.ENDED
    assert in_the_shop(pepper) == [shown[0].pk]


@pytest.mark.rows
def test_a_second_click_on_publish_makes_no_second_release(pepper: Category) -> None:
    shown = products(2)
    publish(pepper, shown)
    rule = drafted(pepper, shown[1])
    go_live(pepper, [rule.pk], by=None)
    releases = Release.objects.count()
    assert go_live(pepper, [rule.pk], by=None).release is None
    assert Release.objects.count() == releases


@pytest.mark.rows
def test_of_drafts_that_changed_meanwhile_none_goes_live(pepper: Category) -> None:
    shown = products(3)
    publish(pepper, shown)
    pin, hide = drafted(pepper, shown[2]), drafted(pepper, shown[0], Wish("hide"))
    discard(hide, by=None)
    with pytest.raises(NotNow, match="changed the drafts meanwhile"):
        go_live(pepper, [pin.pk, hide.pk], by=None)
    assert in_the_shop(pepper) == [one.pk for one in shown]
    assert not HandRule.objects.filter(state=HandState.LIVE).exists()


def test_drafts_of_another_page_do_not_go_live_with_this_one(pepper: Category) -> None:
    rule = drafted(make_category(is_page=True), make_product())
    with pytest.raises(NotNow):
        go_live(pepper, [rule.pk], by=None)


def test_a_draft_whose_time_is_over_is_to_be_drafted_anew(pepper: Category) -> None:
    rule = drafted(pepper, make_product("Old pepper"))
    HandRule.objects.update(until=timezone.now())
    with pytest.raises(NotNow, match="“Old pepper” is over"):
        go_live(pepper, [rule.pk], by=None)


def test_a_rule_on_a_page_that_was_never_published_waits_for_the_first_time(
    pepper: Category,
) -> None:
    shown = products(2)
    page_run = make_ranking(pepper, shown)
    rule = drafted(pepper, shown[1])
    assert go_live(pepper, [rule.pk], by=None).release is None
    assert not Release.objects.exists()
    assert lineup(page_run)[0].product == shown[1]


@pytest.mark.rows
def test_an_ended_rule_is_out_of_the_shop_at_once(pepper: Category, mira: User) -> None:
    shown = products(2)
    publish(pepper, shown)
    rule = drafted(pepper, shown[1])
    go_live(pepper, [rule.pk], by=None)
    done = end(rule, by=mira)
    assert in_the_shop(pepper) == [one.pk for one in shown]
    assert done.release
    assert done.release.note == f"Ended: pin “{shown[1].title}”"
    assert end(rule, by=mira).release is None


def test_a_draft_cannot_be_ended_and_a_live_rule_not_discarded(pepper: Category) -> None:
    rule = drafted(pepper, make_product())
    with pytest.raises(NotNow, match="not live"):
        end(rule, by=None)
    go_live(pepper, [rule.pk], by=None)
    with pytest.raises(NotNow, match="gone live"):
        discard(rule, by=None)


@pytest.mark.rows
def test_a_rule_whose_time_is_over_is_ended_by_the_sweep_and_the_shop_is_told(
    pepper: Category,
) -> None:
    shown = products(2)
    publish(pepper, shown)
    tomorrow = timezone.now() + timedelta(days=1)
    rule = drafted(pepper, shown[1], Wish("pin", place=1, until=tomorrow))
    go_live(pepper, [rule.pk], by=None)
    sweep()
    assert in_the_shop(pepper)[0] == shown[1].pk
    HandRule.objects.update(until=timezone.now())
    sweep()
    rule.refresh_from_db()
    assert (rule.state, rule.closed_by) == (HandState.ENDED, None)
    assert in_the_shop(pepper)[0] == shown[0].pk
    newest = Release.objects.first()
    assert newest
    assert newest.cause == Cause.ENDED
    assert end_those_over().rules == []


def test_rules_of_several_pages_that_are_over_end_in_one_release(pepper: Category) -> None:
    salt = make_category("Salt", is_page=True)
    shown, over = products(2), timezone.now()
    for page in (pepper, salt):
        publish(page, shown)
        rule = drafted(page, shown[1])
        go_live(page, [rule.pk], by=None)
    HandRule.objects.update(until=over)
    done = end_those_over()
    assert len(done.rules) == 2
    assert done.release
    assert done.release.publications.count() == 2
