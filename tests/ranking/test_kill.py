"""Workers killed at any moment: the run still ends, in the same rankings.

Real processes on the filesystem broker, or on the servers that DATABASE_URL and
CELERY_BROKER_URL name.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.installation import Installation, installation, kill, wait_until

PAGES = 300
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
RANKINGS = """
    SELECT part.page_id, part.state, part.input_hash, product_id, position, removed_by, why, score,
           confidence
    FROM ranking_pagerun part JOIN ranking_rankedproduct ranked ON ranked.page_run_id = part.id
    WHERE part.run_id = {run} ORDER BY 1, 4
"""


@pytest.mark.long
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
        worker = Worker(shop, run, tmp_path / "worker.log")
        worker.kill_when(lambda: worker.reads_texts)
        worker.kill_when(lambda: worker.done > 20)
        worker.kill_when(lambda: worker.done > 100)
        worker.kill_when(lambda: worker.done > 200)
        worker.kill_when(lambda: worker.done == PAGES)

        assert worker.attempts_at_preparing > 1
        assert worker.attempts_at_a_page > 1
        ranked = shop.select(RANKINGS.format(run=run))
        assert ranked == shop.select(RANKINGS.format(run=undisturbed["run"]))
        assert len({page for page, *_ in ranked}) == PAGES


class Worker:
    """A batch worker that is started, watched at its run, and killed."""

    def __init__(self, shop: Installation, run: int, log: Path) -> None:
        self.shop, self.run, self.log = shop, run, log

    def kill_when(self, moment: Callable[[], bool]) -> None:
        """Start the worker and kill it without warning as soon as the moment has come."""
        process = self.shop.start_worker(self.log)
        try:
            wait_until(moment, patience=120)
        finally:
            kill(process)

    @property
    def reads_texts(self) -> bool:
        ((stage, done),) = self._of_run("stage, stage_done")
        return bool(stage == "Reading texts" and done > 0)

    @property
    def done(self) -> int:
        return int(self._of_pages("count(*)", "AND state = 'done'"))

    @property
    def attempts_at_preparing(self) -> int:
        return int(self._of_run("attempt")[0][0])

    @property
    def attempts_at_a_page(self) -> int:
        return int(self._of_pages("max(attempt)"))

    def _of_run(self, columns: str) -> Any:
        return self.shop.select(f"SELECT {columns} FROM ranking_run WHERE id = {self.run}")

    def _of_pages(self, figure: str, condition: str = "") -> Any:
        query = f"SELECT {figure} FROM ranking_pagerun WHERE run_id = {self.run} {condition}"
        return self.shop.select(query)[0][0]
