"""How soon the workbench answers: 10,000 products on one fence, real processes.

Prints the whole way (asking over HTTP, then polling as the page does) and the worker's part of
it, beside what encoding all titles anew would take. Times are of this machine, now.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep

import httpx

from tests.installation import Installation, free_port, installation, kill, wait_until

PRODUCTS = 10_000
SAMPLE = 1_000  # titles encoded anew; all would take ten times as long
ASKED = 40
POLLED = 0.12  # seconds between two questions, as the page asks
SHOP = f"""
import random
from django.contrib.auth.models import Group, User
from django.utils import timezone
from ranking.models import ConfusedPair, FenceProduct, Run
from taxonomy.models import Category, Filing, Product, Retailer
now, draw = timezone.now(), random.Random(7)
shop = Retailer.objects.create(name="Shop")
parent = Category.objects.create(id=1, name="Spices", path="Spices", lineage="/1/")
pages = [
    Category.objects.create(
        id=pk, name=name, parent=parent, path=f"Spices > {{name}}", lineage=f"/1/{{pk}}/",
        is_page=True,
    )
    for pk, name in ((2, "Pepper"), (3, "Seasoning mixes"))
]
words = ("whole black white green ground lemon garlic salt herbs blend mix mill jar smoked sweet "
         "chili barbecue taco curry steak organic coarse fine spicy mild roasted").split()
same = {{"retailer": shop, "currency": "EUR", "price": 5, "first_seen": now, "last_seen": now}}
Product.objects.bulk_create(
    Product(offer_id=str(n), title=" ".join(draw.sample(words, 6)) + f" no. {{n}}", **same)
    for n in range({PRODUCTS})
)
Filing.objects.bulk_create(
    Filing(product=product, category=pages[n % 2], source="feed")
    for n, product in enumerate(Product.objects.order_by("id"))
)
tomas = User.objects.create_user("tomas", password="sort-with-tomas")
tomas.groups.add(Group.objects.get(name="taxonomists"))
"""
# What encoding 10,000 titles would leave behind, at once.
VECTORS = """
import numpy as np
from django.conf import settings
from ranking.actions.prepare import the_encoder
from ranking.pipeline.retrieve import product_line
from ranking.queries.inputs import vector_store
from ranking.vectors import text_key
from taxonomy.models import Product
encoder = the_encoder(settings.SEESTOCKS_ENCODER, "")
lines = [product_line(title, "") for title in Product.objects.values_list("title", flat=True)]
drawn = np.random.default_rng(7).normal(size=(len(lines), encoder.dimensions)).astype(np.float32)
vectors = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
keys = np.array([text_key(line) for line in lines], np.uint64)
vector_store(encoder.name, encoder.dimensions).append(keys, vectors)
"""
FENCE = """
import random
from ranking.models import ConfusedPair, FenceProduct, Run
from taxonomy.models import Product
draw = random.Random(7)
ConfusedPair.objects.all().delete()
pair = ConfusedPair.objects.create(
    run=Run.objects.get(), parent_id=1, first_id=2, second_id=3, products=0, exposure=0, judged=0,
    errors=0, disagreement=0, weight=1, share=1,
)
margins = [(pk, draw.gauss(0, 1)) for pk in Product.objects.values_list("id", flat=True)]
FenceProduct.objects.bulk_create(
    [FenceProduct(pair=pair, product_id=pk, before=m, margin=m) for pk, m in margins],
    batch_size=2000,
)
"""
NAIVE = f"""
from time import perf_counter
from django.conf import settings
from ranking.actions.prepare import the_encoder
from taxonomy.models import Product
encoder = the_encoder(settings.SEESTOCKS_ENCODER, "")
titles = list(Product.objects.order_by("id").values_list("title", flat=True)[:{SAMPLE}])
encoder.texts(titles[:8])
began = perf_counter()
for start in range(0, len(titles), 256):
    encoder.texts(titles[start : start + 256])
print(json.dumps(perf_counter() - began))
"""


def main() -> None:
    """Build the fence in a scratch folder, ask as a person typing would, and print the times."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        with installation(folder) as shop:
            shop.manage("shell", "-v", "0", "-c", SHOP)
            shop.manage("shell", "-v", "0", "-c", VECTORS)
            shop.manage("collectstatic", "--noinput", "-v", "0")
            shop.manage("rank", "--here")
            shop.manage("shell", "-v", "0", "-c", FENCE)
            log = folder / "processes.log"
            processes = [shop.start(each, log, port) for each in ("web", "interactive")]
            try:
                _print(*_asked(f"http://127.0.0.1:{port}"), _naive(shop))
            finally:
                for process in processes:
                    kill(process)


def _asked(address: str) -> tuple[list[float], list[float], float]:
    """The seconds of the whole way and of the worker's part, and those of the first question."""
    wait_until(lambda: _is_up(address))
    with httpx.Client(base_url=address, trust_env=False, follow_redirects=True) as client:
        form = client.get("/sign-in/")
        client.post(
            "/sign-in/",
            data={"username": "tomas", "password": "sort-with-tomas"} | _token(form.text),
        )
        bench = client.get("/discriminators/2/3/")
        first, _ = _ask(client, bench.text, "pepper")
        answers = [_ask(client, bench.text, f"whole corns, number {n}") for n in range(ASKED)]
    return [whole for whole, _ in answers], [part for _, part in answers], first


def _ask(client: httpx.Client, page: str, text: str) -> tuple[float, float]:
    began = perf_counter()
    said = {"first_text": text, "second_text": "a blend of several"} | _token(page)
    asked = client.post("/discriminators/2/3/preview/", data=said, headers={"HX-Request": "true"})
    found = re.search(r"/previews/[0-9a-f-]+/", asked.text)
    assert found, asked.text
    while True:
        sleep(POLLED)
        answer = client.get(found[0], headers={"HX-Request": "true"})
        if answer.status_code == 286:
            whole = perf_counter() - began
            told = re.search(r"Worked out in ([0-9.]+)", answer.text)
            assert told, answer.text
            return whole, float(told[1])


def _token(page: str) -> dict[str, str]:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    return {"csrfmiddlewaretoken": found[1]}


def _is_up(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False).status_code == 302
    except httpx.TransportError:
        return False


def _naive(shop: Installation) -> float:
    seconds: float = shop.ask_script(NAIVE)
    return seconds * PRODUCTS / SAMPLE


def _print(whole: list[float], part: list[float], first: float, naive: float) -> None:
    slowest = quantiles(whole, n=20)[-1]
    print(f"preview of {PRODUCTS:,} products, whole way, median {1000 * median(whole):8.0f} ms")
    print(f"  95th of 100                             {1000 * slowest:8.0f} ms")
    print(f"  of it the worker, median                {1000 * median(part):8.0f} ms")
    print(f"  the first of all, with loading encoder  {1000 * first:8.0f} ms")
    print(f"encoding all titles anew instead          {1000 * naive:8.0f} ms")


if __name__ == "__main__":
    main()
