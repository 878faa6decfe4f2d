"""A taxonomist writes what tells siblings apart, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ranking.models import Run
from taxonomy.models import Category, Revision
from tests.browser.conftest import Open
from tests.factories import make_category, make_product, make_text
from tests.ranking.confusion import make_pair, make_suggestion
from tests.ranking.rankings import make_ranking, make_run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAIR = "/texts/3/4/"


@pytest.fixture
def pepper() -> Category:
    """Spices > Pepper: a ranked page; Seasoning mixes beside it."""
    spices = make_category("Spices", id=2)
    page = make_category("Pepper", spices, id=3, is_page=True)
    make_category("Seasoning mixes", spices, id=4)
    run = make_run(settings={"discriminators_until": 0})
    make_ranking(page, shown=[make_product("Peppercorns")], run=run)
    return page


def write(page: Page, text: str) -> None:
    page.get_by_label("What makes a product").fill(text)


def test_a_text_is_drafted_by_keyboard_made_live_and_its_pages_ranked_again(
    pepper: Category, open_as: Open, complaints: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ranking.actions.runs.ring", lambda _: None)
    page = open_as("taxonomists")
    page.goto("/tree/3/")
    page.get_by_role("link", name="All siblings").click()
    page.get_by_role("link", name="rather than Seasoning mixes").click()
    write(page, "whole peppercorns")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Revision 1 is saved as a draft.")).to_be_visible()
    page.get_by_role("button", name="Make live").last.click()
    expect(page.get_by_text("Revision 2 is live.")).to_be_visible()
    page.get_by_role("button", name="Rank the stale page again").click()
    page.wait_for_url("**/runs/*/")
    assert [part.page for part in Run.objects.latest("id").page_runs.all()] == [pepper]
    page.goto("/pages/stale/")
    expect(page.get_by_role("heading", name="No page is stale")).to_be_visible()
    assert complaints == []


@pytest.mark.parametrize("scripts", [True, False])
def test_two_editors_at_once_lose_nothing_and_merge_by_hand(
    pepper: Category, open_as: Open, scripts: bool
) -> None:
    mixes = Category.objects.get(pk=4)
    make_text(pepper, mixes, "whole\nof one kind")
    page = open_as("taxonomists", scripts=scripts, narrow=not scripts)
    page.goto(PAIR)
    make_text(pepper, mixes, "whole\nground")
    write(page, "whole\nof one kind\nmine too")
    page.get_by_role("button", name="Make live").first.click()
    expect(page.get_by_text("nothing is lost: both texts are here")).to_be_visible()
    merged = page.get_by_label("Their lines, and below them what you wrote anew")
    expect(merged).to_have_value("whole\nground\nmine too")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Make live").click()
    expect(page.get_by_text("Revision 3 is live.")).to_be_visible()
    assert Revision.objects.get(number=3).lines == ["whole", "ground", "mine too"]


def test_any_two_revisions_are_compared_and_an_earlier_one_restored(
    pepper: Category, open_as: Open, complaints: list[str]
) -> None:
    mixes = Category.objects.get(pk=4)
    for text in ("whole", "ground", "milled"):
        make_text(pepper, mixes, text)
    page = open_as("taxonomists")
    page.goto(PAIR)
    page.get_by_label("From").select_option("1")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="From revision 1 to 3")).to_be_visible()
    expect(page.locator("#changes del")).to_contain_text("whole")
    expect(page.locator("#changes ins")).to_contain_text("milled")
    page.locator("#revision-1").get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Revision 4 is live.")).to_be_visible()
    expect(page.get_by_label("What makes a product")).to_have_value("whole")
    assert complaints == []


def test_dismissing_by_keyboard_leads_to_the_next_suggestion_and_then_to_the_text(
    pepper: Category, open_as: Open
) -> None:
    mixes = Category.objects.get(pk=4)
    make_pair(pepper, mixes)
    for line in ("whole corns", "black pepper"):
        make_suggestion(pepper, mixes, line)
    page = open_as("taxonomists")
    page.goto("/discriminators/3/4/")
    page.get_by_role("button", name="Dismiss “whole corns”").press("Enter")
    expect(page.get_by_role("button", name="black pepper", exact=True)).to_be_focused()
    page.get_by_role("button", name="Dismiss “black pepper”").press("Enter")
    expect(page.locator("#first-text")).to_be_focused()
