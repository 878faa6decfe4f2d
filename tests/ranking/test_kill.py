"""Workers killed at any moment: the run still ends, in the same rankings.

Real processes on the filesystem broker, or on the servers that DATABASE_URL and
CELERY_BROKER_URL name.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from tests.installation import Installation, installation, kill, wait_until

PAGES = 60
KILLS = 4
SHOP = f"""
from django.utils import timezone
from taxonomy.models import Category, Filing, Product, Retailer
kinds = ["red mug", "blue mug", "desk lamp", "table lamp", "leather boot", "rubber boot"]
now = timezone.now()
shop = Retailer.objects.create(name="Shop")
same = {{"retailer": shop, "currency": "EUR", "first_seen": now, "last_seen": now}}
for n in range(1, {PAGES} + 1):
    name = f"{{kinds[n % 6]}} {{n}}"
    page = Category.objects.create(id=n, name=name, path=name, lineage=f"/{{n}}/", is_page=True)
    for k in range(3):
        product = Product.objects.create(
            offer_id=f"{{n}}-{{k}}", title=f"{{name}} no. {{k}}", price=5 + k, **same
        )
        Filing.objects.create(product=product, category=page, source="feed")
"""
RANKINGS = """[
    [part.page_id, part.state, part.input_hash, list(part.products.order_by("product").values_list(
        "product__offer_id", "position", "removed_by", "why", "score", "confidence"))]
    for part in __import__("ranking.models").models.PageRun.objects.filter(run=RUN).order_by("page")
]"""
DONE = (
    """__import__("ranking.models").models.PageRun.objects.filter(run=RUN, state="done").count()"""
)


def rankings(shop: Installation, run: int) -> Any:
    return shop.ask(RANKINGS.replace("RUN", str(run)))


@pytest.mark.rows
@pytest.mark.xdist_group("kill")
def test_a_run_whose_worker_is_killed_again_and_again_ends_in_the_same_rankings(
    tmp_path: Path,
) -> None:
    with installation(tmp_path / "shop", SEESTOCKS_LEASE_SECONDS="1") as shop:
        shop.manage("shell", "-v", "0", "-c", SHOP)
        undisturbed = shop.figures("rank", "--here")
        assert undisturbed["done"] == PAGES

        for vectors in (tmp_path / "shop" / "vectors").rglob("*"):  # encoding is killed as well
            if vectors.is_file():
                vectors.unlink()
        run = shop.ask("__import__('ranking.actions').actions.start_run().pk")
        moments = random.Random(os.environ.get("KILL_SEED", "1"))  # noqa: S311  not a secret
        log = tmp_path / "worker.log"
        for _ in range(KILLS):
            worker = shop.start_worker(log)
            sleep(moments.uniform(2, 7))
            kill(worker)
        worker = shop.start_worker(log)
        try:
            wait_until(lambda: shop.ask(DONE.replace("RUN", str(run))) == PAGES, patience=90)
        finally:
            kill(worker)
        assert rankings(shop, run) == rankings(shop, undisturbed["run"])
