"""Fast fingers and bad lines lose nothing, and count nothing twice."""

from __future__ import annotations

import json
import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Dialog, Page, Route, expect

from judgments.models import Answer, Campaign, Seat, Sitting
from tests.browser.conftest import Open
from tests.browser.judging import all_saved, grades, make_queue, sequences, sit_down, standing
from tests.factories import PASSWORD, make_user
from tests.installation import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ANSWERS = "**/answers/"
RETRIED = 15_000  # milliseconds: a few tries, each later than the one before


@pytest.fixture
def queue() -> Campaign:
    return make_queue()


@pytest.fixture
def page(queue: Campaign, open_as: Open) -> Page:
    """An annotator who has sat down, with twenty products at hand."""
    page = open_as("annotators")
    sit_down(page)
    expect(page.locator(".card")).to_have_count(20)
    return page


def saving(page: Page, words: str) -> None:
    expect(page.locator("[data-say=saving]")).to_have_text(re.compile(words))


def test_answers_of_a_dead_connection_are_kept_and_sent_once_when_it_is_back(page: Page) -> None:
    page.keyboard.press("f")
    all_saved(page)
    page.context.set_offline(True)
    page.keyboard.type("adsf", delay=30)
    saving(page, "no connection: 4 kept here")
    assert standing(page) == "Peppercorns no. 6"  # the work goes on
    assert len(grades()) == 1
    page.context.set_offline(False)
    all_saved(page)
    assert grades() == {f"Peppercorns no. {n}": g for n, g in enumerate((3, 0, 2, 1, 3), 1)}
    assert sequences() == [1, 2, 3, 4, 5]


def test_an_answer_whose_receipt_was_lost_counts_once(page: Page) -> None:
    posts: list[str] = []

    def lose_the_receipt(route: Route) -> None:
        posts.append(route.request.post_data or "")
        if len(posts) == 1:
            route.fetch()  # it arrives, and nobody hears of it
            route.abort()
        else:
            route.continue_()

    page.route(ANSWERS, lose_the_receipt)
    page.keyboard.type("fa")
    expect(page.locator("[data-say=saving]")).to_have_text("all saved", timeout=RETRIED)
    tokens = [one["token"] for post in posts for one in json.loads(post)["answers"]]
    assert len(tokens) > len(set(tokens))  # one came twice
    assert grades() == {"Peppercorns no. 1": 3, "Peppercorns no. 2": 0}
    assert sequences() == [1, 2]


def test_a_server_that_fails_is_asked_again(page: Page) -> None:
    failures = iter((502, 500))
    page.route(
        ANSWERS,
        lambda route: (
            route.fulfill(status=status, body="<html>")
            if (status := next(failures, 0))
            else route.continue_()
        ),
    )
    page.keyboard.press("f")
    saving(page, "not saved yet: 1 kept here")
    expect(page.locator("[data-say=saving]")).to_have_text("all saved", timeout=RETRIED)
    assert grades() == {"Peppercorns no. 1": 3}


def test_what_was_not_sent_survives_a_reload(page: Page) -> None:
    page.route(ANSWERS, lambda route: route.abort())
    page.keyboard.type("fa", delay=20)
    saving(page, "2 kept here")
    page.unroute(ANSWERS)
    page.route(ANSWERS, lambda route: route.abort())
    page.reload()
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 3")
    page.keyboard.press("d")
    saving(page, "3 kept here")
    page.unroute(ANSWERS)
    expect(page.locator("[data-say=saving]")).to_have_text("all saved", timeout=RETRIED)
    assert grades() == {f"Peppercorns no. {n}": g for n, g in enumerate((3, 0, 2), 1)}
    assert sequences() == [1, 2, 3]


def test_what_a_closed_window_left_behind_is_sent_where_a_queue_is_chosen(page: Page) -> None:
    page.route(ANSWERS, lambda route: route.abort())
    page.keyboard.press("f")
    saving(page, "1 kept here")
    other = page.context.new_page()
    page.close()
    other.goto("/judge/")
    wait_until(lambda: grades() == {"Peppercorns no. 1": 3})


def test_an_expired_session_says_so_and_what_waits_is_sent_after_signing_in(
    page: Page, queue: Campaign
) -> None:
    page.keyboard.press("f")
    all_saved(page)
    Session.objects.all().delete()
    page.keyboard.type("ad", delay=20)
    saving(page, "signed out: 2 kept here")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in another tab").click()
    door = opened.value
    door.get_by_label("Name").fill(Sitting.objects.get().annotator.name)
    door.get_by_label("Password").fill(PASSWORD)
    door.get_by_role("button", name="Sign in").click()
    door.wait_for_url("**/")
    page.bring_to_front()
    expect(page.locator("[data-say=saving]")).to_have_text("all saved", timeout=RETRIED)
    expect(page.get_by_text("You are signed out")).to_be_hidden()
    assert grades() == {f"Peppercorns no. {n}": g for n, g in enumerate((3, 0, 2), 1)}


def test_nothing_of_one_person_is_sent_as_another(page: Page) -> None:
    Session.objects.all().delete()
    page.keyboard.press("f")
    saving(page, "signed out: 1 kept here")
    door = page.context.new_page()
    door.goto("/sign-in/")
    door.get_by_label("Name").fill(make_user("annotators").username)
    door.get_by_label("Password").fill(PASSWORD)
    door.get_by_role("button", name="Sign in").click()
    door.wait_for_url("**/")
    door.goto("/judge/")
    page.bring_to_front()
    expect(page.locator("[data-say=saving]")).to_have_text("not sent: 1 kept here", timeout=RETRIED)
    expect(page.get_by_text("Somebody else is signed in")).to_be_visible()
    assert Answer.objects.count() == 0


def test_two_tabs_are_two_sittings_with_different_products(page: Page) -> None:
    second = page.context.new_page()
    sit_down(second)
    expect(second.locator(".card:visible h2")).to_have_text("Peppercorns no. 21")
    page.keyboard.press("f")
    second.keyboard.press("a")
    all_saved(page)
    all_saved(second)
    assert grades() == {"Peppercorns no. 1": 3, "Peppercorns no. 21": 0}
    assert Sitting.objects.count() == 2


def test_a_doubled_tab_gets_a_sitting_of_its_own(page: Page) -> None:
    second = page.context.new_page()
    second.goto(page.url)
    expect(second).not_to_have_url(page.url)
    expect(second.locator(".card:visible h2")).to_have_text("Peppercorns no. 21")
    page.keyboard.press("f")
    all_saved(page)
    assert Sitting.objects.count() == 2


def test_an_answer_that_came_too_late_is_told_and_does_not_stop_the_others(page: Page) -> None:
    page.context.set_offline(True)
    page.keyboard.type("fa", delay=20)
    # Meanwhile the first of them went to somebody else.
    taken = Seat.objects.filter(item__product__title="Peppercorns no. 1", annotator__isnull=False)
    taken.update(annotator=None, sitting=None, lease_until=None, state="open")
    page.context.set_offline(False)
    all_saved(page)
    told = page.get_by_text("One answer did not count.")
    expect(told).to_contain_text("Exact: Peppercorns no. 1.")
    assert grades() == {"Peppercorns no. 2": 0}
    page.reload()
    expect(told).to_be_visible()  # until somebody has read it
    page.get_by_role("button", name="I have read it").click()
    expect(told).to_be_hidden()


def test_a_number_that_is_missing_is_made_good(page: Page) -> None:
    page.route(ANSWERS, lambda route: route.abort())
    page.keyboard.type("fad", delay=20)
    saving(page, "3 kept here")
    # As when the browser has thrown the oldest one away.
    page.evaluate(
        """() => {
          const place = Object.keys(localStorage).find((key) => key.startsWith("seestocks:outbox"));
          const kept = JSON.parse(localStorage[place]);
          kept.waiting.shift();
          localStorage[place] = JSON.stringify(kept);
        }"""
    )
    page.unroute(ANSWERS)
    page.reload()
    all_saved(page)
    assert grades() == {"Peppercorns no. 2": 0, "Peppercorns no. 3": 2}
    assert sequences() == [1, 2]


def test_what_makes_no_sense_is_put_aside_and_the_rest_goes_on(page: Page) -> None:
    page.route(ANSWERS, lambda route: route.abort())
    page.keyboard.type("fad", delay=20)
    saving(page, "3 kept here")
    page.evaluate(
        """() => {
          const place = Object.keys(localStorage).find((key) => key.startsWith("seestocks:outbox"));
          const kept = JSON.parse(localStorage[place]);
          kept.waiting[1].answer.grade = 7;
          localStorage[place] = JSON.stringify(kept);
        }"""
    )
    page.unroute(ANSWERS)
    page.reload()
    all_saved(page)
    expect(page.get_by_text("One answer did not count.")).to_be_visible()
    assert grades() == {"Peppercorns no. 1": 3, "Peppercorns no. 3": 2}
    assert sequences() == [1, 2]


def test_leaving_warns_only_when_the_browser_keeps_nothing(page: Page) -> None:
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.route(ANSWERS, lambda route: route.abort())
    page.keyboard.press("f")
    saving(page, "1 kept here")
    page.goto("/")
    assert asked == []
    page.go_back()
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }")
    page.keyboard.press("a")
    page.goto("/")
    assert asked == ["beforeunload"]


def test_what_a_training_item_tells_and_a_warning_are_read_without_stopping(page: Page) -> None:
    def tell(route: Route) -> None:
        (answer,) = json.loads(route.request.post_data or "")["answers"]
        told = {"grade": 0, "explanation": "Salt is no pepper.", "right": False}
        result = {"token": answer["token"], "refused": "", "told": told}
        said = {"sequence": 1, "results": [result], "notice": "Two known ones were missed."}
        route.fulfill(json=said)

    page.route(ANSWERS, tell)
    page.keyboard.press("f")
    known = page.get_by_text("It is known otherwise: Peppercorns no. 1 is wrong.")
    expect(known).to_contain_text("Salt is no pepper.")
    expect(page.get_by_text("Two known ones were missed.")).to_be_visible()
    assert standing(page) == "Peppercorns no. 2"
