"""What a night costs beside a full run of the same shop, by how much of the shop has changed.

`python -m tests.bench.night FOLDER [--with-encoding | --with-scores]`; FOLDER is an installation's
SEESTOCKS_DATA with products, pages and vectors, of which a copy is used. One worker, on one thread,
in seconds of the processor, so that a busy machine says nearly the same as a quiet one; what a
worker loads once in its life is loaded before. Measured are

- a full run from nothing stored, if asked for: every product encoded, every pair read;
- a full run from stored vectors, with the scores that the cross-encoder gave before, and without
  (which takes minutes, and is left out with `--with-scores`);
- nights after which nothing is new, or 5 % of the products have another price or another title,
  either those of a few branches or drawn at random from the whole shop.

A price changes what pages say and needs nothing to be read; a new title is encoded and read again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from tests.installation import ROOT

if TYPE_CHECKING:
    from taxonomy.models import Product

SHARE = 0.05  # of the products
SEED = 5
ONE = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def measure(*, with_encoding: bool, with_scores: bool) -> None:
    """Print a line for each kind of run, as a share of the full one."""
    import django

    django.setup()
    from django.conf import settings

    beside = []
    if with_encoding:
        for kept in ("vectors", "scores", "tokens"):
            shutil.rmtree(settings.DATA / kept, ignore_errors=True)
        beside.append(_line("full, from nothing stored", _run()))
    else:
        _run()
    if not with_scores:
        shutil.rmtree(settings.DATA / "scores", ignore_errors=True)
        beside.append(_line("full, from stored vectors", _run(), *beside))
    beside.append(_line("full, from stored vectors and scores", _run(), *beside))
    _line("nothing new", _run(incremental=True), *beside)
    for kind in ("price", "title"):
        for where in ("a few branches", "at random"):
            _change(_few_branches() if where != "at random" else _at_random(), kind)
            night = _run(incremental=True)
            _line(f"{SHARE:.0%} have another {kind}: {where}", night, *beside)


def _run(**told: Any) -> dict[str, float]:
    """Do a run; return what it took and what became of its pages."""
    from ranking.actions import start_run
    from ranking.actions.rank import work

    began, start = process_time(), perf_counter()
    run = start_run(here=True, **told)
    while work(run.pk):
        pass
    taken, wall = process_time() - began, perf_counter() - start
    run.refresh_from_db()
    if run.state != "done" or (told and not run.base):
        raise SystemExit(f"{run} {run.state}: {run.error or run.settings.get('anew')}")
    carried = run.page_runs.exclude(carried_from=None).count()
    return {"cpu": taken, "wall": wall, "pages": run.page_runs.count(), "carried": carried}


def _few_branches() -> list[Product]:
    """The products filed below one category after the other until there are enough of them."""
    from taxonomy.models import Category, Product

    products = Product.objects.order_by("id")
    wanted, chosen = round(SHARE * products.count()), dict[int, Product]()
    for category in Category.objects.filter(filings__isnull=False).distinct().order_by("path"):
        for product in products.filter(filings__category=category):
            chosen.setdefault(product.pk, product)
        if len(chosen) >= wanted:
            return list(chosen.values())[:wanted]
    return list(products[:wanted])


def _at_random() -> list[Product]:
    import random

    from taxonomy.models import Product

    products = list(Product.objects.order_by("id"))
    return random.Random(SEED).sample(products, round(SHARE * len(products)))  # noqa: S311  luck


def _change(products: list[Product], kind: str) -> None:
    """Let the next feed say another price, or another title, of each."""
    from uuid import uuid4

    from taxonomy.models import Product

    for product in products:
        product.fingerprint = uuid4().hex
        if kind == "title":
            product.title = f"{product.title} {product.fingerprint[:4]}"
        elif product.price is not None:
            product.price = round(product.price * 11 / 10, 2)
    Product.objects.bulk_update(products, ["title", "price", "fingerprint"], batch_size=200)


def _line(name: str, took: dict[str, float], *beside: dict[str, float]) -> dict[str, float]:
    shares = "".join(f"{took['cpu'] / other['cpu']:8.1%}" for other in beside)
    carried = f"{took['carried']:.0f} of {took['pages']:.0f} carried"
    print(f"{name:44}{took['cpu']:8.2f} s{took['wall']:8.1f} s{shares:24}   {carried}", flush=True)
    return took


def main(*arguments: str) -> None:
    """Copy the installation and measure in a process of its own."""
    folders = [Path(each) for each in arguments if not each.startswith("-")]
    for folder in folders or _demos():
        with tempfile.TemporaryDirectory() as name:
            copy = shutil.copytree(folder, Path(name) / "data")
            print(f"{folder}: seconds of the processor, of the clock; as a share of each full run")
            print("above, from the one that has least stored to the one that has most")
            _in_copy(copy, [each for each in arguments if each.startswith("-")])


def _demos() -> Iterator[Path]:
    """The demo, where one was built beside the checkout."""
    demo = ROOT / "var"
    if (demo / "db.sqlite3").exists():
        yield demo
    else:
        print("No installation is named, and there is no demo: make one with `make demo`.")


def _in_copy(copy: Path, words: list[str]) -> None:
    environment = os.environ | ONE | {"SEESTOCKS_DATA": str(copy), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "tests.bench.night", "--work", *words]
    migrate = [sys.executable, "manage.py", "migrate", "-v", "0", "--skip-checks"]
    for each in (migrate, command):
        subprocess.run(each, cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    if "--work" in sys.argv:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seestocks.settings")
        words = set(sys.argv)
        measure(with_encoding="--with-encoding" in words, with_scores="--with-scores" in words)
    else:
        main(*sys.argv[1:])
