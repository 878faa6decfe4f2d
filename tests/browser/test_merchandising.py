"""A merchandiser's morning: from what a night changed to what the shop is told, and back again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from ranking.listings import listing_of
from ranking.models import Run
from ranking.queries.lineup import lineup
from taxonomy.models import Category, Product
from tests.browser.conftest import Open
from tests.factories import make_category, make_product
from tests.ranking.comparing import measured
from tests.ranking.conftest import products
from tests.ranking.rankings import make_ranking
from tests.ranking.releases import ids, make_found, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADDRESS = "/api/pages/7/ranking"


@pytest.fixture
def spices() -> list[Category]:
    """Return two pages of one branch."""
    kitchen = make_category("Kitchen")
    return [
        make_category("Pepper", id=7, parent=kitchen, is_page=True),
        make_category("Salt", id=8, parent=kitchen, is_page=True),
    ]


@pytest.fixture
def corns() -> list[Product]:
    return products(8)


@pytest.fixture
def night(spices: list[Category], corns: list[Product]) -> Run:
    """Return last night's run, measured: it differs from what is published on one page alone."""
    pepper, salt = spices
    salts = [make_product(f"Salt no. {place}") for place in range(1, 4)]
    publish(make_found({pepper: corns[:5], salt: salts}))
    run = make_found({salt: salts})
    part = make_ranking(pepper, shown=[*corns[5:7], *corns[:4]], removed=corns[7:], run=run)
    part.listing = listing_of(part, lineup(part, "none"))
    part.save(update_fields=["listing"])
    measured(run)
    return run


def told(page: Page, etag: str = "") -> tuple[int, str, list[int]]:
    """Ask as the shop does: the answer's status, its ETag, and the products in their order."""
    answer = page.request.get(ADDRESS, headers={"If-None-Match": etag} if etag else {})
    listed = answer.json()["products"] if answer.status == 200 else []
    return answer.status, answer.headers["etag"], [one["product"] for one in listed]


def rule_by_hand(page: Page, tile: Locator, kind: str, place: str = "") -> None:
    """Draft a rule for a tile's product, and go back to the page."""
    tile.get_by_role("link", name="Pin, hide …").click()
    drawer = page.locator("#why")
    drawer.get_by_role("radio", name=kind).check()
    if place:
        drawer.get_by_label("Place of a pin").fill(place)
    drawer.get_by_role("button", name="Save as draft").click()
    expect(drawer.get_by_text("On the draft:")).to_be_visible()
    page.keyboard.press("Escape")


def see_what_changed(page: Page) -> None:
    """From home to the page that changed most, by way of the two grids side by side."""
    page.get_by_role("link", name="see what changed").click()
    changed = page.locator("#changed tbody tr")
    expect(changed).to_have_count(1)
    changed.get_by_role("link", name="Pepper").click()
    expect(page.get_by_text("2 came in, 1 left")).to_be_visible()
    page.get_by_role("link", name="The page", exact=True).click()


def ask_why_and_why_not(page: Page) -> None:
    """Ask after the first product, and after one that was removed; then go back to the page."""
    page.locator("#at-1 .sentence").click()
    expect(page.locator("#why").get_by_text("What moved it, for and against")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("no. 8")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict-line.wrong")).to_be_visible()
    page.get_by_role("link", name="Ranking").first.click()


def test_a_morning_from_what_changed_to_the_shop_and_back(
    open_as: Open, night: Run, corns: list[Product], complaints: list[str]
) -> None:
    page = open_as("merchandisers")
    before = told(page)
    assert before[2] == ids(corns[:5])
    see_what_changed(page)
    ask_why_and_why_not(page)

    rule_by_hand(page, page.locator("#at-6"), "Pin", "1")
    rule_by_hand(page, page.locator("#at-2"), "Hide")
    page.locator("#drafts").get_by_role("link", name="Beside the live page").click()
    expect(page.locator("#with-draft .title").first).to_have_text("Peppercorns no. 4")
    page.get_by_role("button", name="Publish all 2").click()
    expect(page.get_by_text("2 rules are live")).to_be_visible()
    page.get_by_role("link", name=f"Publish run {night.pk} …").click()
    expect(page.get_by_text("the gate is open")).to_be_visible()
    page.get_by_role("button", name=f"Publish run {night.pk}").click()
    expect(page.get_by_text("shown now").first).to_be_visible()

    after = told(page, before[1])
    assert (after[0], after[2]) == (200, ids([corns[3], corns[5], *corns[:3]]))
    assert told(page, after[1])[0] == 304
    page.goto("/releases/")
    page.locator("tbody tr").last.get_by_role("button").click()
    expect(page.get_by_text("shown now").first).to_be_visible()
    assert told(page, after[1]) == before
    assert complaints == []


@pytest.mark.usefixtures("night")
def test_an_annotator_is_shown_no_way_into_the_shop(open_as: Open) -> None:
    page = open_as("annotators")
    places = page.get_by_role("navigation", name="Places")
    expect(places.get_by_role("link", name="Judge")).to_be_visible()
    for name in ("Pages", "Shop", "Compare", "Rules", "Runs"):
        expect(places.get_by_role("link", name=name)).to_have_count(0)
    for address in ("/pages/7/", "/releases/", "/compare/", "/rules/"):
        answer = page.goto(address)
        assert answer
        assert answer.status == 403


@pytest.mark.usefixtures("night")
def test_the_menu_on_a_phone_shows_where_one_is_and_the_way_out(open_as: Open) -> None:
    page = open_as("merchandisers", narrow=True)
    page.goto("/evaluation/")
    places = page.get_by_role("navigation", name="Places")
    expect(places.get_by_role("link", name="Evaluation")).to_be_in_viewport()
    places.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.usefixtures("night")
def test_on_a_phone_the_first_products_of_a_page_are_on_the_first_screen(open_as: Open) -> None:
    page = open_as("merchandisers", narrow=True)
    page.goto("/pages/7/")
    for tile in ("#at-1", "#at-2"):
        expect(page.locator(tile)).to_be_in_viewport(ratio=0.9)
    which = page.get_by_role("navigation", name="Which ranking")
    expect(which).to_be_hidden()
    page.get_by_text("Newest ranking, as the shop shows it").click()
    which.get_by_role("link", name="Published").click()
    expect(page.get_by_text("Published ranking, as the shop shows it")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()


@pytest.mark.usefixtures("night")
def test_on_a_wide_screen_nothing_of_a_page_is_folded(open_as: Open) -> None:
    page = open_as("merchandisers")
    page.goto("/pages/7/")
    expect(page.get_by_role("navigation", name="Which ranking")).to_be_visible()
    expect(page.get_by_role("heading", name="Right in top 10")).to_be_visible()
    expect(page.get_by_text("Newest ranking, as the shop shows it")).to_be_hidden()


@pytest.mark.usefixtures("night")
def test_on_a_wide_screen_nothing_is_folded_in_an_older_browser_either(open_as: Open) -> None:
    page = open_as("merchandisers")
    page.add_init_script("CSS.supports = () => false")
    page.goto("/pages/7/")
    expect(page.locator(".folds-narrow")).to_have_count(2)
    expect(page.locator(".folds-narrow:not([open])")).to_have_count(0)
