"""“Wrong here”: hidden on the draft, said as one's own judgment, and checked by two people."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import User

from judgments.actions.campaigns import finish
from judgments.models import Campaign, Item, Judgment, JudgmentSource, Seat
from judgments.queries.judgments import current_judgments
from ranking.actions.hand import Wish, draft, go_live
from ranking.actions.wrong_here import take_back, wrong_here
from ranking.models import HandKind, HandRule, HandState
from ranking.queries.checks import Check, checks_of
from taxonomy.models import Category, Product
from tests.factories import make_judgment, make_product, make_user
from tests.ranking.conftest import products
from tests.ranking.rankings import make_ranking

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def mira() -> User:
    return make_user("merchandisers", username="mira")


@pytest.fixture
def salt(pepper: Category) -> Product:
    """Return what stands second on the page of pepper."""
    product = make_product("Sea salt")
    make_ranking(pepper, [*products(1), product])
    return product


def say_wrong(page: Category, product: Product, by: User) -> HandRule:
    return wrong_here(page, product, by=by, token=uuid.uuid4())


def test_it_is_hidden_on_the_draft_and_judged_by_the_merchandiser(
    pepper: Category, salt: Product, mira: User
) -> None:
    rule = say_wrong(pepper, salt, mira)
    assert (rule.kind, rule.state, rule.author) == (HandKind.HIDE, HandState.DRAFT, mira)
    word = current_judgments().get()
    assert (word.page, word.product, word.grade) == (pepper, salt, 0)
    assert (word.annotator.user, word.source) == (mira, JudgmentSource.MERCHANDISER)


def test_two_people_are_asked_to_check_in_the_campaign_of_the_day(
    pepper: Category, salt: Product, mira: User
) -> None:
    say_wrong(pepper, salt, mira)
    say_wrong(pepper, make_product("Salt mill"), mira)
    campaign = Campaign.objects.get()
    assert campaign.items.count() == 2
    assert Seat.objects.filter(item__product=salt).count() == 2
    item = campaign.items.get(product=salt)
    assert item.expected_change > campaign.items.get(product__title="Salt mill").expected_change


def test_a_second_click_changes_nothing(pepper: Category, salt: Product, mira: User) -> None:
    token = uuid.uuid4()
    rule = wrong_here(pepper, salt, by=mira, token=token)
    assert wrong_here(pepper, salt, by=mira, token=token) == rule
    assert say_wrong(pepper, salt, mira) == rule
    assert (HandRule.objects.count(), Judgment.objects.count(), Item.objects.count()) == (1, 1, 1)


def test_another_merchandiser_adds_a_judgment_and_no_second_rule(
    pepper: Category, salt: Product, mira: User
) -> None:
    rule = say_wrong(pepper, salt, mira)
    assert say_wrong(pepper, salt, make_user("merchandisers")) == rule
    assert current_judgments().count() == 2


def test_it_takes_the_place_of_another_draft(pepper: Category, salt: Product, mira: User) -> None:
    wish = Wish("pin", place=1)
    pin = draft(pepper, salt, wish, by=mira, token=uuid.uuid4(), based_on=None)
    rule = say_wrong(pepper, salt, mira)
    pin.refresh_from_db()
    assert (pin.state, rule.kind, rule.state) == ("discarded", "hide", "draft")


def test_what_is_hidden_in_the_shop_already_needs_no_draft(
    pepper: Category, salt: Product, mira: User
) -> None:
    rule = say_wrong(pepper, salt, mira)
    go_live(pepper, [rule.pk], by=mira)
    assert say_wrong(pepper, salt, mira) == rule
    assert not HandRule.objects.filter(state=HandState.DRAFT).exists()


def test_taken_back_the_draft_and_the_judgment_count_no_more(
    pepper: Category, salt: Product, mira: User
) -> None:
    rule = say_wrong(pepper, salt, mira)
    take_back(rule, by=mira)
    take_back(rule, by=mira)
    rule.refresh_from_db()
    assert rule.state == HandState.DISCARDED
    assert not current_judgments().exists()
    assert Judgment.objects.filter(withdrawn=True).count() == 1


def test_it_can_be_said_again_after_it_was_taken_back(
    pepper: Category, salt: Product, mira: User
) -> None:
    first = say_wrong(pepper, salt, mira)
    take_back(first, by=mira)
    assert say_wrong(pepper, salt, mira) != first
    assert current_judgments().get().grade == 0


def test_taken_back_what_the_merchandiser_had_said_before_counts_again(
    pepper: Category, salt: Product, mira: User
) -> None:
    before = make_judgment(pepper, salt, 3, who="mira")
    before.annotator.user = mira
    before.annotator.save()
    rule = say_wrong(pepper, salt, mira)
    assert current_judgments().get().grade == 0
    take_back(rule, by=mira)
    assert current_judgments().get().grade == 3


def test_what_somebody_said_since_is_not_taken_back(
    pepper: Category, salt: Product, mira: User
) -> None:
    rule = say_wrong(pepper, salt, mira)
    later = make_judgment(pepper, salt, 1, who=str(current_judgments().get().annotator))
    take_back(rule, by=mira)
    assert current_judgments().get() == later


def test_one_merchandiser_does_not_take_back_what_another_said(
    pepper: Category, salt: Product, mira: User
) -> None:
    rule = say_wrong(pepper, salt, mira)
    take_back(rule, by=make_user("merchandisers"))
    assert current_judgments().get().annotator.user == mira


def test_checks_go_into_another_campaign_when_the_day_s_was_finished(
    pepper: Category, salt: Product, mira: User
) -> None:
    say_wrong(pepper, make_product(), mira)
    finish(Campaign.objects.get())
    say_wrong(pepper, salt, mira)
    second = Campaign.objects.order_by("-id")[0]
    assert second.name.endswith("(2)")
    assert second.items.get().product == salt


def test_what_the_checkers_said_is_told_at_the_rule(
    pepper: Category, salt: Product, mira: User
) -> None:
    say_wrong(pepper, salt, mira)
    assert checks_of(pepper, [salt.pk])[salt.pk] == Check((), 2)
    for who, grade in (("Ann", 3), ("Bob", 1)):
        seat = Seat.objects.filter(item__product=salt, state="open")[0]
        word = make_judgment(pepper, salt, grade, who=who)
        Seat.objects.filter(pk=seat.pk).update(state="judged", annotator=word.annotator)
    found = checks_of(pepper, [salt.pk])[salt.pk]
    assert found == Check((1, 3), 0)
    assert found.sentence == "Checked by 2: related, exact."
    assert found.contradicts


def test_simulated_people_check_nothing(pepper: Category, salt: Product, mira: User) -> None:
    say_wrong(pepper, salt, mira)
    word = make_judgment(pepper, salt, 3)
    word.annotator.simulated = True
    word.annotator.save()
    assert checks_of(pepper, [salt.pk])[salt.pk].grades == ()


def test_what_enough_people_have_judged_is_not_asked_again(
    pepper: Category, salt: Product, mira: User
) -> None:
    for who in ("Ann", "Bob"):
        make_judgment(pepper, salt, 0, who=who)
    say_wrong(pepper, salt, mira)
    assert not Seat.objects.exists()
    found = checks_of(pepper, [salt.pk])[salt.pk]
    assert (found.grades, found.is_over, found.contradicts) == ((0, 0), True, False)


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        (Check((), 2), "2 people are asked to check."),
        (Check((), 1), "1 person is asked to check."),
        (Check((0,), 1), "Checked by 1 so far: wrong; 1 to come."),
        (Check((), 0), "Nobody could tell."),
    ],
)
def test_a_check_is_told_in_a_sentence(check: Check, sentence: str) -> None:
    assert check.sentence == sentence
