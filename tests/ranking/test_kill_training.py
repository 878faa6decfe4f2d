"""A worker killed at any moment of a training: it still ends, in the same model.

Real processes on the filesystem broker, or on the servers that DATABASE_URL and
CELERY_BROKER_URL name.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.installation import Installation, installation, kill, wait_until

SHOP = """
from django.utils import timezone
from judgments.models import Annotator, Judgment
from taxonomy.models import Category, Filing, Product, Retailer
kinds = ["red mug", "blue mug", "desk lamp", "table lamp", "leather boot", "rubber boot"]
now = timezone.now()
shop = Retailer.objects.create(name="Shop")
ann = Annotator.objects.create(name="Ann")
same = {"retailer": shop, "currency": "EUR", "first_seen": now, "last_seen": now}
for n, kind in enumerate(kinds, start=1):
    pk = 100 + n
    top = Category.objects.create(id=pk, name=f"Top {n}", path=f"Top {n}", lineage=f"/{pk}/")
    page = Category.objects.create(
        id=n, name=kind, parent=top, path=f"{top.path} > {kind}",
        lineage=f"{top.lineage}{n}/", is_page=True,
    )
    for k in range(60):
        title = f"{kinds[n - 1 if k % 2 else n % 6]} number {n}-{k}"
        product = Product.objects.create(offer_id=f"{n}-{k}", title=title, price=5 + k, **same)
        Judgment.objects.create(
            page=page, product=product, annotator=ann, grade=3 if k % 2 else 0, source="annotator"
        )
"""


@pytest.mark.long
@pytest.mark.rows
@pytest.mark.xdist_group("kill")
def test_a_training_whose_worker_is_killed_again_and_again_ends_in_the_same_model(
    tmp_path: Path,
) -> None:
    with installation(tmp_path / "shop", SEESTOCKS_LEASE_SECONDS="1") as shop:
        shop.manage("shell", "-v", "0", "-c", SHOP)
        asked = "__import__('ranking.actions.ask_training').actions.ask_training.ask_for_training"
        undisturbed = Worker(shop, shop.ask(f"{asked}('blend').pk"), tmp_path / "worker.log")
        undisturbed.kill_when(lambda: undisturbed.has_ended)

        for vectors in (tmp_path / "shop" / "vectors").rglob("*"):  # it reads the texts again
            if vectors.is_file():
                vectors.unlink()
        worker = Worker(shop, shop.ask(f"{asked}('blend').pk"), tmp_path / "worker.log")
        worker.kill_when(lambda: worker.stage == "Reading texts")
        worker.kill_when(lambda: worker.stage.startswith("Learning"))
        worker.kill_when(lambda: worker.has_ended)

        assert (undisturbed.state, worker.state) == ("done", "done")
        assert worker.attempts >= 3
        assert worker.made == undisturbed.made
        assert worker.card == undisturbed.card


class Worker:
    """A worker that is started, watched at its training, and killed."""

    def __init__(self, shop: Installation, training: int, log: Path) -> None:
        self.shop, self.training, self.log = shop, training, log

    def kill_when(self, moment: Callable[[], bool]) -> None:
        """Start the worker and kill it without warning as soon as the moment has come."""
        process = self.shop.start("learning", self.log)
        try:
            wait_until(moment, patience=120)
        finally:
            kill(process)

    @property
    def state(self) -> str:
        return str(self._column("state"))

    @property
    def has_ended(self) -> bool:
        return self.state in ("done", "failed")

    @property
    def stage(self) -> str:
        return str(self._column("stage"))

    @property
    def attempts(self) -> int:
        return int(self._column("attempt"))

    @property
    def made(self) -> Any:
        return self._json("made")

    @property
    def card(self) -> Any:
        return self._json("card")

    def _json(self, column: str) -> Any:
        kept = self._column(column)
        return json.loads(kept) if isinstance(kept, str) else kept

    def _column(self, name: str) -> Any:
        query = f"SELECT {name} FROM ranking_training WHERE id = {self.training}"
        [(value,)] = self.shop.select(query)
        return value
