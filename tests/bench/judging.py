"""How soon the next product stands there: 20,000 products, 100,000 judgments, real Chromium.

Prints what lies between a key press and the next product's paint, as the browser itself times it
and up to the second frame after, and the round trip that saves it behind. SQLite, one web process.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import httpx
from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, CHROMIUM, WIDE
from tests.installation import free_port, installation, kill, wait_until

PRODUCTS, JUDGMENTS, PAGES, PICTURES = 20_000, 100_000, 200, 120
PRESSED, EVERY = 300, 250  # keys, and milliseconds from one to the next: a fast hand
SHOP = f"""
import hashlib, random
from pathlib import Path
from PIL import Image, ImageDraw
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.utils import timezone
from judgments.models import Annotator, Campaign, Item, Judgment, Seat
from taxonomy.actions.discriminators import write_revision
from taxonomy.models import Category, Product, Retailer
draw, now = random.Random(7), timezone.now()
names = []
for number in range({PICTURES}):
    picture = Image.new("RGB", (640, 640), "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y, side = draw.randrange(560), draw.randrange(560), draw.randrange(20, 160)
        pen.ellipse((x, y, x + side, y + side), fill=tuple(draw.randrange(256) for _ in range(3)))
    digest = hashlib.sha256(picture.tobytes()).hexdigest()
    path = Path(settings.DATA) / "pictures" / digest[:2] / f"{{digest}}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, quality=88)
    names.append(f"{{digest[:2]}}/{{digest}}.jpg")
shop = Retailer.objects.create(name="Shop")
root = Category.objects.create(id=1, name="Food", path="Food", lineage="/1/")
parents = [
    Category.objects.create(
        id=pk, name=f"Shelf {{pk}}", parent=root, path=f"Food > Shelf {{pk}}", lineage=f"/1/{{pk}}/"
    )
    for pk in range(2, 22)
]
pages = [
    Category.objects.create(
        id=100 + n, name=f"Page {{n}}", parent=(above := parents[n % 20]),
        path=f"{{above.path}} > Page {{n}}", lineage=f"{{above.lineage}}{{100 + n}}/", is_page=True,
    )
    for n in range({PAGES})
]
for n, page in enumerate(pages[:-20]):
    write_revision(page, pages[n + 20], f"what makes it page {{n}}", based_on=0, live=True, by=None)
words = "whole black white green ground lemon garlic salt herbs blend mix mill jar smoked".split()
Product.objects.bulk_create(
    (
        Product(
            retailer=shop, offer_id=str(n), title=" ".join(draw.sample(words, 6)) + f" no. {{n}}",
            description=" ".join(draw.choices(words, k=40)), brand="Brand", currency="EUR",
            price=5 + n % 50, attributes={{"color": "red", "size": "90 g", "material": "glass"}},
            picture=names[n % len(names)], picture_state="ready", first_seen=now, last_seen=now,
        )
        for n in range({PRODUCTS})
    ),
    batch_size=2000,
)
products = list(Product.objects.order_by("id").values_list("id", flat=True))
people = [Annotator.objects.create(name=f"Person {{n}}") for n in range(20)]
Judgment.objects.bulk_create(
    (
        Judgment(
            page=pages[(n // 5) % {PAGES}], product_id=products[(n // 5) % {PRODUCTS}],
            annotator=people[n % 5 + 5 * (n // {PRODUCTS} % 4)], grade=draw.choice((0, 1, 2, 3, 3)),
            source="annotator", seconds=3.0,
        )
        for n in range({JUDGMENTS})
    ),
    batch_size=2000,
)
campaign = Campaign.objects.create(name="All", state="running", overlap=2)
Item.objects.bulk_create(
    (
        Item(
            campaign=campaign, page=pages[n % {PAGES}],
            product_id=products[(n * 7 + 3) % {PRODUCTS}], rank=n,
        )
        for n in range(10_000)
    ),
    batch_size=2000,
)
Seat.objects.bulk_create(
    (Seat(item=item, number=n) for item in Item.objects.order_by("id") for n in range(2)),
    batch_size=2000,
)
ana = User.objects.create_user("ana", password="judge-with-ana")
ana.groups.add(Group.objects.get(name="annotators"))
"""
# From the key, as the browser stamped it, to the second frame after; and the browser's own figure.
WATCH = """
() => {
  window.pressed = [];
  window.painted = [];
  document.addEventListener("keydown", ({ timeStamp }) => {
    const note = () => pressed.push(performance.now() - timeStamp);
    requestAnimationFrame(() => requestAnimationFrame(note));
  }, { capture: true });
  new PerformanceObserver((list) => {
    const keys = list.getEntries().filter(({ name }) => name === "keydown");
    painted.push(...keys.map(({ duration }) => duration));
  }).observe({ type: "event", durationThreshold: 16 });
}
"""
SAVES = """
() => performance.getEntriesByType("resource")
  .filter(({ name }) => name.endsWith("/answers/"))
  .map(({ startTime, responseEnd }) => responseEnd - startTime)
"""


class Times(NamedTuple):
    """Milliseconds, one for each key or request."""

    two_frames: list[float]
    painted: list[float]  # only what took 16 ms or more, in steps of 8
    saves: list[float]
    judgments: int


def main() -> None:
    """Build the shop in a scratch folder, judge as fast hands would, and print the times."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        with installation(folder) as shop:
            shop.manage("shell", "-v", "0", "-c", SHOP)
            shop.manage("collectstatic", "--noinput", "-v", "0")
            web = shop.start("web", folder / "processes.log", port)
            try:
                wait_until(lambda: _is_up(f"http://127.0.0.1:{port}/"))
                _print(_judged(f"http://127.0.0.1:{port}"))
            finally:
                kill(web)


def _judged(address: str) -> Times:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_context(base_url=address, viewport=WIDE).new_page()
        _sit_down(page)
        page.evaluate("performance.setResourceTimingBufferSize(5000)")
        page.evaluate(WATCH)
        for number in range(PRESSED):
            page.keyboard.press("asdf"[number % 4])
            page.wait_for_timeout(EVERY)
        page.get_by_text("all saved").wait_for()
        answered = int(page.locator("[data-say=answered]").inner_text())
        times = Times(
            page.evaluate("pressed"), page.evaluate("painted"), page.evaluate(SAVES), answered
        )
        browser.close()
        return times


def _sit_down(page: Page) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Name").fill("ana")
    page.get_by_label("Password").fill("judge-with-ana")
    page.get_by_role("button", name="Sign in").click()
    page.goto("/judge/")
    page.get_by_label("A pause every").fill("500")
    page.get_by_role("button", name="One at a time").click()
    page.locator(".card").nth(19).wait_for(state="attached")


def _is_up(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False).status_code == 302
    except httpx.TransportError:
        return False


def _print(times: Times) -> None:
    assert times.judgments == len(times.two_frames) == PRESSED
    # The browser reports no event that was faster: it counts as what it may have been at most.
    faster = [16.0] * (PRESSED - len(times.painted))
    print(f"{PRESSED} keys, one every {EVERY} ms, with {JUDGMENTS:,} judgments of others")
    _line("key to next product painted, Event Timing", times.painted + faster)
    _line("key to the second frame after", times.two_frames)
    _line("save round trip", times.saves)


def _line(what: str, milliseconds: list[float]) -> None:
    cuts = quantiles(milliseconds, n=20)
    print(f"{what:42} median {median(milliseconds):6.1f} ms, 95th of 100 {cuts[-1]:6.1f} ms")


if __name__ == "__main__":
    main()
