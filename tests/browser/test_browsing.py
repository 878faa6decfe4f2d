"""A person at a keyboard, in a real browser."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ranking.models import Run, State
from taxonomy.models import Category, Import, Product
from tests.browser.conftest import Open
from tests.factories import make_category, make_judgment, make_product
from tests.ranking.rankings import make_page_run, make_ranking, make_run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop() -> Category:
    """Food > Spices > Pepper: a page with 50 products shown, one removed, and runs around it."""
    food = make_category("Food", id=1)
    spices = make_category("Spices", parent=food, id=2)
    pepper = make_category("Pepper", parent=spices, id=3, is_page=True)
    make_category(
        "Never ranked, with a name that is rather long", parent=spices, id=4, is_page=True
    )
    shown = [
        make_product(
            f"Peppercorns no. {place}, whole, Tellicherry, in a jar of glass",
            description="A word that is long: " + "x" * 120,
            link="https://shop.example/" + "y" * 150,
            filed_under=pepper,
        )
        for place in range(1, 51)
    ]
    make_judgment(pepper, shown[0], 3)
    make_ranking(pepper, shown=shown, removed=[make_product("Salt")], relaxed="Rules were relaxed.")
    run = make_run("running")
    make_page_run(pepper, run, state=State.WAITING)
    now = timezone.now()
    Import.objects.create(
        kind="products",
        source="a-feed-with-a-long-name-" * 4,
        figures={"rows": 5},
        started_at=now,
        finished_at=now,
    )
    return pepper


def test_the_tree_is_walked_with_the_arrow_keys(
    shop: Category, open_as: Open, complaints: list[str]
) -> None:
    page = open_as("taxonomists")
    page.goto("/tree/")
    page.get_by_role("link", name="Food", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("link", name="Spices", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Food", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Spices", exact=True)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("link", name="Pepper", exact=True)).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("link", name="Pepper", exact=True)).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("link", name="Food", exact=True)).to_be_focused()
    assert complaints == []


def test_a_slash_goes_to_the_search_and_answers_come_while_typing(
    shop: Category, open_as: Open, complaints: list[str]
) -> None:
    page = open_as("taxonomists")
    page.goto("/tree/")
    page.keyboard.press("/")
    page.keyboard.type("pepp")
    expect(page.get_by_text("1 category")).to_be_visible()
    expect(page).to_have_url("/tree/?q=pepp")
    page.get_by_role("link", name="Pepper", exact=True).click()
    expect(page.get_by_role("heading", name="Pepper", level=1)).to_be_visible()
    expect(page.get_by_text("1 judgment of 1 product.")).to_be_visible()
    assert complaints == []


def test_why_here_opens_beside_the_grid_and_escape_brings_one_back(
    shop: Category, open_as: Open, complaints: list[str]
) -> None:
    page = open_as()
    page.goto("/pages/3/")
    opener = page.locator("#at-2").get_by_role("link", name="title and description fit")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Title and description fit the page")).to_be_visible()
    expect(page.get_by_role("link", name="Close")).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Title and description fit the page")).to_be_hidden()
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")
    assert complaints == []


def test_arrows_lead_from_row_to_row_of_the_table(
    shop: Category, open_as: Open, complaints: list[str]
) -> None:
    page = open_as()
    page.goto("/pages/3/")
    page.keyboard.press("t")
    expect(page.locator("tr[id]")).to_have_count(48)
    reasons = page.locator("[data-row]")
    reasons.first.focus()
    page.keyboard.press("ArrowDown")
    expect(reasons.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Title and description fit the page")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowUp")
    expect(reasons.first).to_be_focused()
    assert complaints == []


def test_the_rest_of_a_page_comes_below_and_the_removed_have_a_tab(
    shop: Category, open_as: Open, complaints: list[str]
) -> None:
    page = open_as()
    page.goto("/pages/3/")
    tiles = page.locator("article.product")
    expect(tiles).to_have_count(48)
    page.get_by_role("link", name="Show more").click()
    expect(tiles).to_have_count(50)
    page.get_by_role("link", name="Removed 1", exact=True).click()
    expect(page.get_by_text("below the 35 % asked for")).to_be_visible()
    assert complaints == []


def test_progress_moves_by_itself_and_stops_when_the_run_has_ended(
    shop: Category, open_as: Open, complaints: list[str]
) -> None:
    run = Run.objects.get(state=State.RUNNING)
    page = open_as()
    page.goto(f"/runs/{run.pk}/")
    expect(page.get_by_text("0 of 1 pages ranked")).to_be_visible()
    run.page_runs.update(state=State.DONE, finished_at=timezone.now())
    Run.objects.filter(pk=run.pk).update(state=State.DONE, finished_at=timezone.now())
    expect(page.get_by_text("1 of 1 pages ranked")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert asked == []
    assert complaints == []


def test_everything_works_without_scripts(shop: Category, open_as: Open) -> None:
    page = open_as(scripts=False)
    page.goto("/tree/")
    page.get_by_role("link", name="Unfold Food").click()
    page.get_by_role("link", name="Unfold Spices").click()
    page.get_by_role("link", name="Pepper", exact=True).click()
    page.get_by_role("link", name="Ranking").click()
    page.get_by_role("link", name="Show more").click()
    page.locator("#at-50").get_by_role("link", name="title and description fit").click()
    expect(page.get_by_text("Title and description fit the page")).to_be_visible()
    page.get_by_role("link", name="Peppercorns no. 50").click()
    page.get_by_role("link", name="Show where it stands").click()
    expect(page.get_by_text("position 50")).to_be_visible()
    page.goto("/pages/?q=never")
    expect(page.get_by_text("not ranked yet").last).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()


def addresses() -> list[tuple[str, str]]:
    run, product = Run.objects.get(state=State.RUNNING).pk, Product.objects.order_by("id")[0].pk
    everybody = [
        "/",
        "/tree/",
        "/tree/?open=2",
        "/tree/?q=pep",
        "/tree/3/",
        f"/products/{product}/",
    ]
    everybody += ["/tree/3/judgments/", f"/products/{product}/judgments/"]
    rankings = [
        "/pages/",
        "/pages/3/",
        "/pages/4/",
        "/pages/3/removed/",
        "/pages/3/?view=table",
        "/pages/3/?width=narrow",
        "/pages/3/why-not/",
        "/runs/",
        f"/runs/{run}/",
    ]
    rankings += [f"/pages/3/why/{product}/", f"/products/{product}/pages/", "/imports/"]
    return [
        *(("annotators", address) for address in everybody),
        *(("taxonomists", address) for address in everybody),
        *(("merchandisers", address) for address in ["/", *rankings]),
    ]


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "phone"])
def test_no_page_overflows_or_makes_the_browser_complain(
    shop: Category, open_as: Open, complaints: list[str], narrow: bool
) -> None:
    people = {}
    too_wide = []
    for role, address in addresses():
        if role not in people:
            people[role] = open_as(role, narrow=narrow)
        page = people[role]
        page.goto(address)
        expect(page.locator(".htmx-request")).to_have_count(0)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(address)
    assert too_wide == []
    assert complaints == []


def test_the_first_tab_key_offers_to_skip_the_menu(shop: Category, open_as: Open) -> None:
    page = open_as()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
