"""A taxonomist's walk from the most confused pair to a better page and back, on real workers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import WIDE
from tests.installation import Installation, free_port, installation, kill, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("workbench")]

PATIENCE = 30_000  # milliseconds: on a busy machine a worker takes long to load its encoder
SHOP = """
from django.contrib.auth.models import Group, User
from django.utils import timezone
from taxonomy.actions.discriminators import write_revision
from taxonomy.models import Category, Filing, Product, Retailer
now = timezone.now()
shop = Retailer.objects.create(name="Shop")
same = {"retailer": shop, "currency": "EUR", "price": 5, "first_seen": now, "last_seen": now}
spices = Category.objects.create(id=1, name="Spices", path="Spices", lineage="/1/")
pages = [
    Category.objects.create(
        id=pk, name=name, parent=spices, path=f"Spices > {name}", lineage=f"/1/{pk}/", is_page=True
    )
    for pk, name in ((2, "Pepper"), (3, "Seasoning mixes"))
]
drinks = Category.objects.create(id=4, name="Drinks", path="Drinks", lineage="/4/")
for pk, name in ((5, "Coffee"), (6, "Tea")):  # siblings that hold nothing
    Category.objects.create(
        id=pk, name=name, parent=drinks, path=f"Drinks > {name}", lineage=f"/4/{pk}/"
    )
titles = (
    ["Black peppercorns whole", "White pepper ground", "Green peppercorns in brine",
     "Sichuan pepper husks", "Pepper for the mill", "Tellicherry pepper", "Lemon pepper",
     "Pepper blend of five", "Steak pepper rub", "Pepper and salt"],
    ["Taco seasoning mix", "Barbecue rub with paprika", "Curry blend", "Italian herbs mix",
     "Chicken seasoning", "Garam masala", "Pepper seasoning mix", "Mixed pepper and herbs",
     "Steak seasoning with pepper", "Salt and pepper mix"],
)
for page, names in zip(pages, titles):
    for number, name in enumerate(names):
        product = Product.objects.create(offer_id=f"{page.pk}-{number}", title=name, **same)
        Filing.objects.create(product=product, category=page, source="feed")
write_revision(pages[1], pages[0], "a blend of spices", based_on=0, live=True, by=None)
tomas = User.objects.create_user("tomas", password="sort-with-tomas")
tomas.groups.add(Group.objects.get(name="taxonomists"))
"""
OFFER = """
from ranking.models import Suggestion
Suggestion.objects.get_or_create(
    category_id=2, sibling_id=3, text="whole or ground corns of one kind",
    defaults={"source": "titles", "evidence": {}},
)
"""
CONFIDENCE = """
    SELECT product_id, confidence FROM ranking_rankedproduct ranked
    JOIN ranking_pagerun part ON part.id = ranked.page_run_id
    WHERE part.page_id = {page} AND part.run_id = {run} ORDER BY 1
"""


@dataclass(frozen=True)
class Open:
    """A shop with its processes at work."""

    shop: Installation
    address: str


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    folder = tmp_path_factory.mktemp("workbench")
    port = free_port()
    with installation(folder / "shop") as shop:
        shop.manage("shell", "-v", "0", "-c", SHOP)
        shop.manage("collectstatic", "--noinput", "-v", "0")
        shop.manage("rank", "--here")
        shop.manage("shell", "-v", "0", "-c", OFFER)
        names = ("web", "interactive", "batch")
        processes = [shop.start(name, folder / f"{name}.log", port) for name in names]
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until(lambda: answers(address))
            yield Open(shop, address)
        finally:
            for process in processes:
                kill(process)


@pytest.fixture
def page(browser: Browser, opened: Open) -> Iterator[Page]:
    """A taxonomist's window."""
    context = browser.new_context(base_url=opened.address, viewport=WIDE)
    window = context.new_page()
    window.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    window.goto("/sign-in/")
    window.get_by_label("Name").fill("tomas")
    window.get_by_label("Password").fill("sort-with-tomas")
    window.get_by_role("button", name="Sign in").click()
    window.wait_for_url("**/")
    yield window
    context.close()
    expect.set_options(timeout=5_000)


def test_from_the_most_confused_pair_to_a_better_page_and_back(page: Page, opened: Open) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.get_by_role("link", name="Pepper or Seasoning mixes").click()
    try_out_texts(page, opened.shop)
    make_them_live(page)
    rank_again(page, opened.shop)
    put_back(page)
    assert complaints == []


def try_out_texts(page: Page, shop: Installation) -> None:
    """Accept a suggestion, write a text: what would move is shown, and nothing is saved."""
    pepper, mixes = texts(page)
    moves = page.locator(".verdict strong").first
    expect(mixes).to_have_value("a blend of spices")
    expect(moves).to_have_text("0")  # the live texts move nothing
    offer = page.get_by_role("button", name="whole or ground corns of one kind", exact=True)
    for said in ("whole or ground corns of one kind", "", "whole or ground corns of one kind"):
        offer.click()  # in, out again, and in
        expect(pepper).to_have_value(said)
        wait_until(lambda said=said: last_asked(shop) == said)
    nearest = page.locator(".fence.first .title").first.inner_text()
    mixes.fill(f"{nearest}\n{nearest} mixed with herbs")
    moving = page.locator(".fence.first .item.moves").filter(has_text=nearest)
    expect(moving).to_contain_text("→ Seasoning mixes")
    expect(moves).not_to_have_text("0")
    assert shop.select("SELECT count(*) FROM taxonomy_revision") == [(1,)]


def last_asked(shop: Installation) -> str:
    """What the newest preview took Pepper's text to be."""
    [(text,)] = shop.select("SELECT first_text FROM ranking_preview ORDER BY id DESC LIMIT 1")
    return str(text)


def make_them_live(page: Page) -> None:
    """Save with the keyboard, make live with a click."""
    pepper, mixes = texts(page)
    mixes.press("Control+Enter")
    expect(page.get_by_text(re.compile("saved as (a draft|drafts)"))).to_be_visible()
    expect(pepper).to_have_value("whole or ground corns of one kind")
    page.get_by_role("button", name="Make live").click()
    expect(page.get_by_text(": live.")).to_be_visible()


def rank_again(page: Page, shop: Installation) -> None:
    """Rank the stale pages alone, and see them changed."""
    page.get_by_role("button", name="Rank the 2 stale pages again").click()
    expect(page.get_by_text("2 of 2 pages ranked")).to_be_visible()
    [(run,)] = shop.select("SELECT max(id) FROM ranking_run")
    wait_until(lambda: state_of(shop, run) == "done")
    for category in (2, 3):
        before, after = (
            shop.select(CONFIDENCE.format(page=category, run=number)) for number in (run - 1, run)
        )
        assert before != after
    page.goto("/pages/2/")
    expect(page.get_by_role("link", name=re.compile(f"^run {run}"))).to_be_visible()


def put_back(page: Page) -> None:
    """Restore the former text from its history; it counts again, and the pages are stale."""
    page.goto("/texts/3/2/")
    page.locator("#revision-1").get_by_role("button", name="Restore").click()
    page.goto("/discriminators/2/3/")
    _, mixes = texts(page)
    expect(mixes).to_have_value("a blend of spices")
    expect(page.get_by_text("Something has been said since")).to_be_visible()


def texts(page: Page) -> tuple[Locator, Locator]:
    return page.get_by_label("What makes it Pepper"), page.get_by_label(
        "What makes it Seasoning mixes"
    )


def test_typing_fast_leaves_the_answer_to_the_last_words(page: Page) -> None:
    page.goto("/discriminators/2/3/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    text = page.get_by_label("What makes it Pepper")
    expect(page.locator(".verdict")).to_be_visible(timeout=PATIENCE)
    asked.clear()
    text.press_sequentially("whole corns of pepper, nothing else", delay=20)
    page.wait_for_timeout(1500)
    expect(page.locator("#asked")).to_have_text("")
    posts = [url for url in asked if url.endswith("/preview/")]
    assert 1 <= len(posts) <= 5
    page.wait_for_timeout(600)
    quiet = len(asked)
    page.wait_for_timeout(600)
    assert len(asked) == quiet  # nobody asks on once it is answered


def test_a_search_for_suggestions_ends_by_itself_and_keeps_what_was_typed(page: Page) -> None:
    page.goto("/discriminators/5/6/")
    text = page.get_by_label("What makes it Coffee")
    text.fill("typed meanwhile")
    page.get_by_role("button", name="Look for suggestions").click()
    ended = re.compile("New suggestions stand below|No new suggestions have come")
    expect(page.get_by_text(ended)).to_be_visible()
    expect(text).to_have_value("typed meanwhile")


def test_the_work_list_is_walked_with_the_keyboard(page: Page) -> None:
    page.goto("/discriminators/")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Pepper or Seasoning mixes")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Pepper or Seasoning mixes")).to_be_visible()


def state_of(shop: Installation, run: int) -> object:
    [(state,)] = shop.select(f"SELECT state FROM ranking_run WHERE id = {run}")
    return state


def answers(address: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(address, trust_env=False).status_code == 302
    return False
