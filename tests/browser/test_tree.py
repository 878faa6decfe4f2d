"""The tree under a taxonomist's fingers, in a real browser."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from taxonomy.models import Category
from tests.browser.conftest import Open
from tests.factories import make_category, make_product

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tree() -> Category:
    """Google's Food > Spices > Pepper, Salt, Saffron; Garden; and the shop's Grinders."""
    food = make_category("Food", id=1)
    spices = make_category("Spices", parent=food, id=2)
    for pk, name in ((3, "Pepper"), (4, "Salt"), (5, "Saffron")):
        make_category(name, parent=spices, id=pk, is_page=True)
    make_category("Garden", id=6)
    make_product(filed_under=make_category("Gone", id=8, retired_at=timezone.now()))
    return make_category("Grinders", parent=food, id=900_000)


def test_home_end_and_letters_find_lines_of_the_tree(
    tree: Category, open_as: Open, complaints: list[str]
) -> None:
    page = open_as("taxonomists")
    page.goto("/tree/?open=2")
    name = page.get_by_role("link", name="Food", exact=True)
    page.keyboard.press("g")  # from nowhere: the first that begins so
    expect(page.get_by_role("link", name="Grinders", exact=True)).to_be_focused()
    page.keyboard.press("Home")
    expect(name).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("link", name="Gone", exact=True)).to_be_focused()
    page.wait_for_timeout(900)  # letters begin anew
    page.keyboard.type("sal")
    expect(page.get_by_role("link", name="Salt", exact=True)).to_be_focused()
    page.wait_for_timeout(900)
    page.keyboard.press("s")
    expect(page.get_by_role("link", name="Spices", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Spices", level=1)).to_be_visible()
    assert complaints == []


def test_columns_are_walked_with_the_arrow_keys(
    tree: Category, open_as: Open, complaints: list[str]
) -> None:
    page = open_as("taxonomists")
    page.goto("/tree/?view=columns")
    page.locator("#step-1").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#step-900000")).to_be_focused()
    expect(page).to_have_url("/tree/?view=columns&open=1")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#step-2")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#step-3")).to_be_focused()
    page.keyboard.type("sal")
    expect(page.locator("#step-4")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    expect(page.locator("#step-3")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#step-2")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#step-1")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Food", level=1)).to_be_visible()
    assert complaints == []


def test_a_list_stays_while_its_categories_are_searched(
    tree: Category, open_as: Open, complaints: list[str]
) -> None:
    page = open_as("taxonomists")
    page.goto("/tree/")
    page.get_by_role("link", name="No texts yet 3").click()
    expect(page.get_by_role("link", name="Saffron", exact=True)).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("pepr")
    expect(page.get_by_text("1 category: none is spelled so, these are close")).to_be_visible()
    page.get_by_role("link", name="Retired, still filed in 1").click()
    page.get_by_label("Search categories").fill("")
    expect(page.get_by_role("link", name="Gone", exact=True)).to_be_visible()
    expect(page.get_by_text("1 product still filed")).to_be_visible()
    assert complaints == []


def test_a_branch_is_added_renamed_moved_and_retired_by_hand(
    tree: Category, open_as: Open, complaints: list[str]
) -> None:
    page = open_as("taxonomists")
    page.goto("/tree/900000/")
    page.get_by_role("link", name="Add below").click()
    page.get_by_label("Name").press_sequentially("Saffrons")
    expect(page.get_by_text("like: Saffron")).to_be_visible()
    page.get_by_label("Name").fill("Pepper mills")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("“Pepper mills” is in the tree")).to_be_visible()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Move below").fill("")
    page.get_by_label("Move below").press_sequentially("spic")
    expect(page.locator("#parents option").first).to_have_attribute("value", "Food > Spices")
    page.get_by_label("Move below").fill("Food > Spices")
    page.get_by_role("button", name="Move").click()
    expect(page.get_by_text("The category has moved")).to_be_visible()
    expect(page.get_by_text("moved from Food > Grinders to Food > Spices")).to_be_visible()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_role("button", name="Retire").click()
    expect(page.get_by_text("the shop does not use it any more")).to_be_visible()
    page.get_by_label("Comment").fill("Nobody sells them.")
    page.get_by_role("button", name="Comment").click()
    expect(page.get_by_role("listitem").filter(has_text="Nobody sells them.")).to_be_visible()
    assert Category.objects.get(name="Pepper mills").retired_at
    assert complaints == []


def test_a_comment_leaves_the_reader_where_they_were(
    tree: Category, open_as: Open, complaints: list[str]
) -> None:
    page = open_as("taxonomists")
    page.goto("/tree/900000/")
    page.get_by_label("Comment").evaluate("field => field.style.height = '9rem'")  # dragged
    page.get_by_label("Comment").fill("Better so.")
    page.get_by_role("button", name="Comment").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Comments · 1")).to_be_visible()
    expect(page.get_by_role("button", name="Comment")).to_be_focused()
    assert complaints == []


def test_the_tree_is_curated_without_scripts(tree: Category, open_as: Open) -> None:
    page = open_as("taxonomists", scripts=False)
    page.goto("/tree/")
    page.get_by_role("link", name="Columns").click()
    page.locator("#step-1").click()
    page.locator("#step-900000").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Name on screen").fill("Mills")
    page.get_by_role("button", name="Show it so").click()
    expect(page.get_by_role("heading", name="Mills", level=1)).to_be_visible()
    page.get_by_label("Comment").fill("Better so.")
    page.get_by_role("button", name="Comment").click()
    expect(page.get_by_text("Your comment is kept.")).to_be_visible()
    page.get_by_role("link", name="All of it").click()
    expect(page.get_by_text("shown as “Mills”")).to_be_visible()
    page.goto("/tree/")
    page.get_by_text("Download", exact=True).click()
    page.get_by_label("What", exact=False).and_(page.locator("select")).select_option("shop")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download in Google's format").click()
    assert download.value.path().read_text() == "900000 - Food > Grinders\n"


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "phone"])
def test_no_page_of_the_tree_overflows(
    tree: Category, open_as: Open, complaints: list[str], narrow: bool
) -> None:
    page = open_as("taxonomists", narrow=narrow)
    too_wide = []
    for address in (
        "/tree/",
        "/tree/?view=columns&open=3",
        "/tree/?list=no-texts",
        "/tree/?under=2&q=peppr",
        "/tree/900000/",
        "/tree/900000/edit/",
        "/tree/900000/history/",
        "/tree/new/?under=900000",
        "/tree/changes/",
    ):
        page.goto(address)
        expect(page.locator(".htmx-request")).to_have_count(0)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(address)
    assert too_wide == []
    assert complaints == []
