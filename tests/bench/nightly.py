"""A whole night: 1,347 pages of 565,000 made-up products, ranked by two workers of one thread.

`python -m tests.bench.nightly [--small] [--without-reader] [PAGES]`; PAGES is how many of them,
evenly drawn. The workers claim, rank and write as in any run, from vectors that are there; they
read with a cross-encoder of two layers whose weights are MiniLM's, untrained: what it says is
worth nothing, what it costs is real. Tokens of titles are made on the way. Prints what each stage
takes of a page's time, in seconds of the processor, so that a busy machine says nearly the same as
a quiet one; and the whole night as the clock on the wall has it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from tests.installation import ROOT, Installation, installation

if TYPE_CHECKING:
    from ranking.pipeline.data import PageRanking
    from tests.bench.shop import Shop

WORKERS = 2
LAYERS = (0, 5)  # of MiniLM's six, that make a student
# Of a write-up of such a shop, ms a page; "rerank" there is of a GPU.
PUBLISHED = {"retrieve": 15, "rerank": 120, "rules": 5}
# Rows for the products and categories of the shop, and a run that is ready to be ranked.
ROWS = """
from django.db import connection
from django.utils import timezone
from ranking.models import PageRun, Run, State
from taxonomy.models import Category, Retailer
now = timezone.now()
shop = Retailer.objects.create(name="Made up")
Category.objects.bulk_create(
    [Category(id=pk, name=f"C{{pk}}", path=f"C{{pk}}", lineage=f"/{{pk}}/", is_page=pk in {pages})
     for pk in range(1, {categories} + 1)], batch_size=500)
with connection.cursor() as cursor:
    cursor.execute('''
        WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {products})
        INSERT INTO taxonomy_product (id, retailer_id, offer_id, title, description, brand, gtin,
            mpn, link, currency, availability, attributes, image_link, picture, picture_state,
            picture_note, fingerprint, first_seen, last_seen)
        SELECT id, %s, CAST(id AS TEXT), 'Product ' || id, '', '', '', '', '', 'EUR', '', '{{}}',
            '', '', 'none', '', '', %s, %s FROM n''', [shop.pk, now, now])
run = Run.objects.create(as_of=now, prepared_at=now, state=State.RUNNING)
PageRun.objects.bulk_create([PageRun(run=run, page_id=pk) for pk in {pages}], batch_size=500)
print(run.pk)
"""


@dataclass
class Watched:
    """A run's inputs that note what each stage takes."""

    inputs: Any
    seconds: Counter[str]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inputs, name)

    def rank(self, pages: Sequence[int]) -> Iterator[PageRanking]:
        """Yield the rankings of the pages."""
        for ranking in self.inputs.rank(pages):
            self.seconds.update(ranking.seconds)
            yield ranking


def work(folder: Path, run_id: int, *, reads: bool) -> dict[str, Any]:
    """Rank pages of the run until none is left; return the seconds of each stage."""
    import django

    django.setup()
    from ranking import pipeline
    from ranking.actions import rank
    from ranking.models import Run
    from tests.bench.shop import Shop

    shop = Shop.load(folder)
    watched = Watched(_inputs(shop, reads=reads), Counter())
    ready = _made_ready(shop)
    setattr(rank, "snapshot", lambda *_: watched)  # noqa: B010 - a name of its own import
    setattr(pipeline, "perf_counter", process_time)  # noqa: B010 - as above
    run, start = Run.objects.get(pk=run_id), process_time()
    while rank._rank_chunk(run, lambda: False):  # no measuring of confusion after
        pass
    ranking = process_time() - start
    seconds = {stage: round(taken, 3) for stage, taken in watched.seconds.items()}
    return {"ready": ready, "stages": seconds, "ranking": ranking, "cpu": process_time()}


def _inputs(shop: Shop, *, reads: bool) -> Any:
    from ranking.pipeline.blend import Blend
    from ranking.pipeline.data import Options
    from ranking.pipeline.disambiguate import UNTRAINED
    from ranking.pipeline.outliers.detector import Detector
    from ranking.queries.inputs import Snapshot

    return Snapshot(
        shelf=shop.shelf,
        judged=shop.judged,
        blend=Blend(),
        options=Options(),
        texts=shop.texts,
        head=UNTRAINED,
        reader=student(shop) if reads else None,
        detector=Detector(),
    )


def student(shop: Shop) -> Any:
    """Return a Reader of two layers in the number format that is fastest here."""
    import numpy as np

    # First: it lets torchvision be imported.
    from ranking.pipeline.rerank.model import PairModel

    # isort: split
    from ranking.pipeline.rerank.reader import HeldOut, PairReader
    from ranking.pipeline.weights import fast_precision

    model = PairModel.start().student(LAYERS).eval().to(fast_precision())
    nothing = HeldOut(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return PairReader("untrained", model, shop.shelf, shop.texts, nothing)


def _made_ready(shop: Shop) -> dict[str, float]:
    """Seconds for what all pages share and is made once in each process."""
    import numpy as np

    shelf, seconds = shop.shelf, {}
    query = np.zeros((1, shelf.catalogue.text.shape[1]), np.float32)
    parts: dict[str, Callable[[], object]] = {
        "nearest texts": lambda: shelf.text.rows(query + 1, 1),
        "nearest pictures": lambda: shelf.picture.rows(query + 1, 1),
        "words": lambda: shelf.words,
        "filings": lambda: shelf.under(0),
        "currencies": lambda: shelf.currency_codes,
    }
    for name, make in parts.items():
        start = process_time()
        make()
        seconds[name] = round(process_time() - start, 2)
    return seconds


def night(shop: Installation, folder: Path, run: int, *, reads: bool) -> list[dict[str, Any]]:
    """Have the workers rank the run; return what each noted."""
    arguments = [str(folder), str(run), "reads" if reads else ""]
    command = [sys.executable, "-m", "tests.bench.nightly", "--work", *arguments]
    one = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    processes = [
        subprocess.Popen(
            command, cwd=ROOT, env={**shop.environment, **one}, stdout=subprocess.PIPE, text=True
        )
        for _ in range(WORKERS)
    ]
    told = [process.communicate()[0] for process in processes]
    return [json.loads(each.splitlines()[-1]) for each in told]


def main(*arguments: str) -> None:
    """Make the shop, have it ranked, and print the table."""
    from tests.bench.shop import SMALL, Size, make_shop

    size = SMALL if "--small" in arguments else Size()
    reads = "--without-reader" not in arguments
    with tempfile.TemporaryDirectory() as name, installation(Path(name)) as shop:
        folder = Path(name)
        made = make_shop(size)
        made.save(folder)
        pages = made.pages.tolist()
        pages = pages[:: len(pages) // few] if (few := _number(arguments)) else pages
        del made
        rows = ROWS.format(pages=pages, categories=size.categories, products=size.products)
        run = int(shop.ask_script(rows))
        start = perf_counter()
        noted = night(shop, folder, run, reads=reads)
        taken = perf_counter() - start
        states = shop.select("SELECT state, COUNT(*) FROM ranking_pagerun GROUP BY state")
        written = shop.select("SELECT COUNT(*) FROM ranking_rankedproduct")[0][0]
    _print(len(pages), noted, taken)
    print(f"{states} pages, {written:,} rows written")


def _number(arguments: Sequence[str]) -> int:
    """How many of the pages are to be ranked; 0 for all."""
    return int(next(filter(str.isdecimal, arguments), 0))


def _print(pages: int, noted: list[dict[str, Any]], taken: float) -> None:
    stages: Counter[str] = Counter()
    for worker in noted:
        stages.update(worker["stages"])
        print("made ready once:", worker["ready"])
    ranked = sum(worker["ranking"] for worker in noted)
    stages["claiming and writing"] = ranked - sum(stages.values())
    for stage, seconds in stages.items():
        beside = f"  published {PUBLISHED[stage]}" if stage in PUBLISHED else ""
        print(f"{stage:24}{1000 * seconds / pages:9.1f} ms a page {seconds:9.1f} s{beside}")
    print(f"{'a page, on one core':24}{1000 * ranked / pages:9.1f} ms a page  published 200")
    cpu = sum(worker["cpu"] for worker in noted)  # with what is loaded and made ready
    print(f"the night, {len(noted)} workers   {taken:9.1f} s; {cpu:.1f} s of the processors")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seestocks.settings")
        print(json.dumps(work(Path(sys.argv[2]), int(sys.argv[3]), reads=bool(sys.argv[4]))))
    else:
        main(*sys.argv[1:])
