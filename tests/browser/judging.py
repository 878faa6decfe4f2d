"""What the tests of the judging screen share: a queue, and what has come of it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from judgments.models import Answer, Campaign, Judgment
from taxonomy.models import Category
from tests.factories import make_campaign, make_category, make_item, make_product, make_text

SAVED = re.compile("^all saved$")


def make_queue(products: int = 30, *, of_two: bool = False) -> Campaign:
    """Return a running campaign of so many products on Pepper, a page beside Seasoning mixes."""
    spices = make_category("Spices", id=1)
    pepper = make_category("Pepper", parent=spices, id=2, is_page=True)
    mixes = make_category("Seasoning mixes", parent=spices, id=3, is_page=True)
    make_category("Herbs", parent=spices, id=4)
    drinks = make_category("Drinks", id=5)
    make_category("Coffee", parent=drinks, id=6)
    make_text(mixes, pepper, "a blend for one dish")
    make_text(pepper, mixes, "whole or ground corns")
    campaign = make_campaign("Herbs and spices", overlap=2)
    for number in range(1, products + 1):
        make_item(
            campaign,
            pepper,
            make_product(f"Peppercorns no. {number}"),
            sibling=mixes if of_two else None,
        )
    return campaign


def pepper() -> Category:
    return Category.objects.get(id=2)


def sit_down(page: Page, view: str = "One at a time", **fields: str) -> None:
    """Choose the queue and wait until the screen has what it fetches."""
    page.goto("/judge/")
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " ")).fill(value)
    page.get_by_role("button", name=view).click()
    expect(page.get_by_role("button", name=re.compile("^Keys"))).to_be_visible()
    page.wait_for_load_state("networkidle")  # more than the first products are at hand


def standing(page: Page) -> str:
    """The title of the product that stands there."""
    return page.locator(".card:visible h2").inner_text()


def all_saved(page: Page) -> None:
    expect(page.locator("[data-say=saving]")).to_have_text(SAVED)


def grades() -> dict[str, int]:
    """What was said of each product, by the newest judgment that was not taken back."""
    said: dict[str, int] = {}
    for judgment in Judgment.objects.select_related("product").order_by("id"):
        if judgment.withdrawn:
            said.pop(judgment.product.title, None)
        else:
            said[judgment.product.title] = judgment.grade
    return said


def sequences() -> list[int]:
    """The numbers of all answers of the only sitting."""
    assert Answer.objects.values("sitting").distinct().count() <= 1
    return list(Answer.objects.order_by("sequence").values_list("sequence", flat=True))
