"""Publishing 1,347 pages of 48 products each, and rolling them back, as the web process does it.

On PostgreSQL where DATABASE_URL names a server. The gate is left out: it reads one comparison.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.installation import Installation, installation

PAGES, PRODUCTS, RULED = 1_347, 48, 25
ASK = f"""
import uuid
from time import perf_counter, process_time
from django.utils import timezone
from ranking.actions import publish
from ranking.listings import listing_of
from ranking.models import HandRule, PageRun, RankedProduct
from ranking.queries.gate import Gate
from ranking.queries.machine_lines import machine_lines
from ranking.queries.shown import newest_release
from taxonomy.models import Category, Product, Retailer
from tests.ranking.rankings import make_run

now = timezone.now()
shop = Retailer.objects.create(name="Shop")
Product.objects.bulk_create(
    Product(retailer=shop, offer_id=str(n), title=f"Mill no. {{n}} of steel, 20 cm", price=n % 90,
            currency="EUR", link=f"https://shop.example/{{n}}", first_seen=now, last_seen=now)
    for n in range({PRODUCTS} * 2)
)
products = list(Product.objects.order_by("id"))
pages = Category.objects.bulk_create(
    Category(id=n, name=f"Mills {{n}}", path=f"Mills {{n}}", lineage=f"/{{n}}/", is_page=True)
    for n in range(1, {PAGES} + 1)
)


def ranked(products):
    run = make_run()
    parts = PageRun.objects.bulk_create(
        PageRun(run=run, page=page, state="done", shown=len(products)) for page in pages
    )
    RankedProduct.objects.bulk_create(
        (RankedProduct(page_run=part, product=product, position=place, why="here", score=1,
                       confidence=0.9)
         for part in parts for place, product in enumerate(products, start=1)),
        batch_size=5_000,
    )
    for part in parts:
        part.listing = listing_of(part, machine_lines(part))
    PageRun.objects.bulk_update(parts, ["listing"], batch_size=500)
    return run


def timed(act, *given):
    newest = newest_release()
    said = {{"by": None, "token": uuid.uuid4(), "based_on": newest.pk if newest else None}}
    began = perf_counter(), process_time()
    made = act(*given, **said)
    return made, (perf_counter() - began[0], process_time() - began[1])


publish.gate = lambda _: Gate(is_open=True, is_measured=True)
runs = [ranked(products[:{PRODUCTS}]), ranked(products[{PRODUCTS}:])]
seconds = {{}}
first, seconds["publish all for the first time"] = timed(publish.publish_run, runs[0])
_, seconds["publish all anew"] = timed(publish.publish_run, runs[1])
_, seconds["roll all back"] = timed(publish.roll_back, first)
HandRule.objects.bulk_create(
    HandRule(page=page, product=products[-1], kind="pin", place=1, state="live", live_at=now)
    for page in pages[:{RULED}]
)
_, seconds["publish all anew, rules by hand on {RULED} pages"] = timed(publish.publish_run, runs[1])
print(json.dumps(seconds))
"""


def measure(shop: Installation) -> None:
    """Print what each act takes, and how much of it is this process at work."""
    for name, (seconds, of_core) in shop.ask_script(ASK).items():
        print(f"{name:50}{1000 * seconds:8.0f} ms, {1000 * of_core:6.0f} ms of one core")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, installation(Path(folder) / "shop") as shop:
        measure(shop)


if __name__ == "__main__":
    main()
