"""The nearest 200 of 565,000 vectors for 1,347 pages: faiss's exact index beside ours.

`python -m tests.bench.retrieval [--small]`. One thread each, in turns over the same queries, in
seconds of the processor, so that a busy machine says nearly the same as a quiet one. Both answers
are held against each other by float64 products. The vectors are `tests.bench.shop`'s.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable
from time import process_time
from typing import Any

import faiss
import numpy as np
import torch

from ranking.pipeline import sieve
from ranking.pipeline.data import Floats, Ints
from ranking.pipeline.nearest import Nearest
from tests.bench.shop import SMALL, Size, make_shop

COUNT = 200
TOGETHER = 256  # queries in one turn
FEW = 16  # queries as a worker asks them
PUBLISHED = 15.0  # ms a page, of a write-up of such a shop
CLOSE = 2e-6  # cosines nearer to one another than that may be in any order in float32


def main(*arguments: str) -> None:
    """Make the vectors, ask both, and print ms a page, the ratio, and how many answers agree."""
    faiss.omp_set_num_threads(1)
    torch.set_num_threads(1)
    size = SMALL if "--small" in arguments else Size()
    shop = make_shop(size, pictures=False)
    vectors, tree = shop.shelf.catalogue.text, shop.shelf.tree
    queries = tree.text[tree.rows(shop.pages)]
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    ours, ready = _timed(lambda: _ready(vectors, queries))
    seconds: defaultdict[str, float] = defaultdict(float)
    agree = 0
    for start in range(0, len(queries), TOGETHER):
        part = queries[start : start + TOGETHER]
        (_, theirs), taken = _timed(lambda part=part: index.search(part, COUNT))  # type: ignore[misc]
        seconds["faiss IndexFlatIP"] += taken
        found, taken = _timed(lambda part=part: ours.rows(part, COUNT))  # type: ignore[misc]
        seconds["ours"] += taken
        pairs = zip(part, theirs, found, strict=True)
        agree += sum(_agree(vectors, *each) for each in pairs)
    few = queries[:FEW]
    seconds["faiss, 16 at a time"] = _timed(lambda: index.search(few, COUNT))[1]
    seconds["ours, 16 at a time"] = _timed(lambda: ours.rows(few, COUNT))[1]
    steps = "8-bit steps" if sieve.multiplies_integers() else "faiss too"
    print(f"{len(queries):,} pages over {len(vectors):,} vectors; ours in {steps}")
    for name, taken in seconds.items():
        asked = FEW if "16" in name else len(queries)
        print(f"{name:24}{1000 * taken / asked:9.2f} ms a page {taken:9.2f} s")
    print(f"published               {PUBLISHED:9.2f} ms a page")
    print(f"ours by faiss           {seconds['ours'] / seconds['faiss IndexFlatIP']:9.2f}")
    print(f"looking the vectors over {ready:8.2f} s, once a process")
    print(f"the same answer         {agree:9,} of {len(queries):,} pages")


def _ready(vectors: Floats, queries: Floats) -> Nearest:
    nearest = Nearest(vectors)
    nearest.rows(queries[:1], 1)
    return nearest


def _timed(ask: Callable[[], Any]) -> tuple[Any, float]:
    start = process_time()
    answer = ask()
    return answer, process_time() - start


def _agree(vectors: Floats, query: Floats, theirs: Any, ours: Ints) -> bool:
    """Whether ours is as near as theirs, place by place, and in the order of float64 products."""
    exact = [vectors[rows].astype(np.float64) @ query.astype(np.float64) for rows in (theirs, ours)]
    as_near = bool((np.abs(exact[0] - exact[1]) <= CLOSE).all())
    ordered = bool((np.diff(np.round(exact[1], 6)) <= CLOSE).all())
    return as_near and ordered and len(np.unique(ours)) == len(ours)


if __name__ == "__main__":
    main(*sys.argv[1:])
