"""Settling by keys, and writing a guideline with what it looks like beside it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from judgments.models import Adjudication, GuidelineRevision
from tests.browser.conftest import Open
from tests.factories import make_category, make_product
from tests.judgments.disputes import make_dispute

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_two_keys_settle_one_and_the_next_stands_there(
    open_as: Open, complaints: list[str]
) -> None:
    page = make_category("Pepper")
    make_dispute(page, (0, 3), product=make_product("Pepper mill"))
    make_dispute(page, (1, 3), product=make_product("Pepper plant"))
    screen = open_as("leads")
    screen.goto("/adjudicate/")
    screen.get_by_role("link", name="Pepper mill").click()
    screen.wait_for_url("**/adjudicate/*/*/")  # loaded, and hearing keys
    screen.keyboard.press("h")
    expect(screen.get_by_label("the product is hard to tell")).to_be_checked()
    screen.keyboard.press("d")
    expect(screen.get_by_role("heading", name="Pepper plant")).to_be_visible()
    made = Adjudication.objects.get()
    assert made.judgment
    assert (made.cause, made.judgment.grade) == ("hard", 2)
    assert complaints == []


def test_a_grade_without_a_cause_is_not_sent_and_enter_in_a_field_settles_nothing(
    open_as: Open,
) -> None:
    page = make_category("Pepper")
    product = make_dispute(page, (0, 3))
    screen = open_as("leads")
    screen.goto(f"/adjudicate/{page.pk}/{product.pk}/")
    screen.keyboard.press("f")
    expect(screen.get_by_role("heading", name="What is it on Pepper?")).to_be_visible()
    screen.get_by_label("somebody slipped").check()
    screen.get_by_label("Note").fill("a mill")
    screen.get_by_label("Note").press("Enter")
    screen.wait_for_timeout(200)
    assert not Adjudication.objects.exists()
    screen.get_by_label("the product is hard to tell").check()
    screen.keyboard.press("a")  # the radio button holds the focus, and keys work all the same
    expect(screen.get_by_text("Settled:")).to_be_visible()
    assert Adjudication.objects.get().note == "a mill"


def test_what_is_written_is_seen_as_people_will_read_it(
    open_as: Open, complaints: list[str]
) -> None:
    page = make_category("Pepper")
    screen = open_as("leads")
    screen.goto(f"/guidelines/{page.pk}/edit/")
    screen.get_by_label("What makes a product right").fill("# Pepper\n\n**whole** <b>x</b>")
    preview = screen.locator("#preview")
    expect(preview.get_by_role("heading", name="Pepper")).to_be_visible()
    expect(preview.get_by_text("whole <b>x</b>")).to_be_visible()
    screen.get_by_role("button", name="Make live").click()
    expect(screen.get_by_text("Revision 1 is live")).to_be_visible()
    assert complaints == []


def test_without_scripts_a_button_previews_and_examples_are_added(open_as: Open) -> None:
    page = make_category("Pepper")
    make_product("Pepper mill", filed_under=page)
    screen = open_as("leads", scripts=False)
    screen.goto(f"/guidelines/{page.pk}/edit/")
    screen.get_by_label("What makes a product right").fill("**whole**")
    screen.get_by_label("Find a product of the branch").fill("mill")
    screen.get_by_label("Find a product of the branch").press("Enter")
    expect(screen.locator("#preview strong")).to_have_text("whole")
    screen.get_by_role("button", name="Add").click()
    screen.get_by_label("Why Pepper mill is that").fill("has pepper in it")
    screen.get_by_role("button", name="Save draft").click()
    draft = GuidelineRevision.objects.get()
    assert (draft.state, draft.examples.get().why) == ("draft", "has pepper in it")


def test_on_a_phone_nothing_runs_over_the_edge(open_as: Open) -> None:
    page = make_category("Pepper")
    product = make_dispute(page, (0, 1, 3))
    screen = open_as("leads", narrow=True)
    for address in ("/adjudicate/", f"/adjudicate/{page.pk}/{product.pk}/", "/gold/"):
        screen.goto(address)
        over = screen.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert over <= 0, address
