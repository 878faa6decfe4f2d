"""A merchandiser's way from a tile that is wrong to a shop that is right."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from judgments.queries.judgments import current_judgments
from ranking.queries.shown import shown_publication
from taxonomy.models import Category
from tests.browser.conftest import Open
from tests.factories import make_category
from tests.ranking.conftest import products
from tests.ranking.published import publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pepper() -> Category:
    """Return a page that shows five products."""
    page = make_category("Pepper", id=7, is_page=True)
    publish(page, products(5))
    return page


@pytest.mark.usefixtures("pepper")
def test_one_is_pinned_one_is_wrong_and_both_are_published(
    open_as: Open, complaints: list[str]
) -> None:
    page = open_as("merchandisers")
    page.goto("/pages/7/")
    page.locator("#at-5").get_by_role("link", name="Pin, hide …").click()
    drawer = page.locator("#why")
    drawer.get_by_label("Place of a pin").fill("1")
    drawer.get_by_label("Note").fill("For the fair")
    drawer.get_by_role("button", name="Save as draft").click()
    expect(drawer.get_by_text("On the draft: pin to 1.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#at-5").get_by_text("draft: pin to 1")).to_be_visible()
    page.locator("#at-2").get_by_role("button", name="Wrong here").click()
    drafts = page.locator("#drafts")
    expect(drafts.get_by_text("2 rules by hand, not published")).to_be_visible()
    page.locator("#at-2").get_by_role("button", name="Undo").click()
    expect(drafts.get_by_text("1 rule by hand, not published")).to_be_visible()
    page.locator("#at-2").get_by_role("button", name="Wrong here").click()
    drafts.get_by_role("link", name="Beside the live page").click()
    expect(page.locator("#with-draft .title").first).to_have_text("Peppercorns no. 5")
    page.get_by_role("button", name="Publish all 2").click()
    expect(page.get_by_text("2 rules are live, and the shop shows it")).to_be_visible()
    expect(page.locator("#at-1 .title")).to_have_text("Peppercorns no. 5")
    expect(page.locator("#at-1").get_by_role("img", name="Pinned by hand")).to_be_visible()
    publication = shown_publication(7)
    assert publication
    assert publication.listing.products == 4
    assert current_judgments().get().grade == 0
    assert complaints == []


@pytest.mark.usefixtures("pepper")
def test_without_scripts_a_product_is_hidden_and_published_all_the_same(open_as: Open) -> None:
    page = open_as("merchandisers", scripts=False, narrow=True)
    page.goto("/pages/7/")
    page.locator("#at-3").get_by_role("link", name="Pin, hide …").click()
    page.get_by_label("Hide").check()
    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_text("On the draft: hide.")).to_be_visible()
    page.get_by_role("button", name="Publish it").click()
    expect(page.get_by_text("The rule is live, and the shop shows it")).to_be_visible()
    expect(page.get_by_text("Peppercorns no. 3")).to_have_count(0)
