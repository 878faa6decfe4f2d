"""Which vectors may be among a query's nearest, by faiss's exact index: for processors that do
not sum products of 8-bit integers by themselves."""

from __future__ import annotations

from collections.abc import Iterator

import faiss
import numpy as np

from ranking.pipeline.data import Floats, Ints

# One thread: faiss used with more before a fork hangs the child, and one gives one result.
faiss.omp_set_num_threads(1)

NOISE = 1e-5  # two ways of summing the product of unit vectors differ by less
SPARE = 16  # more than asked for are found at first, in case of ties


class FlatIndex:
    """N unit vectors of D dimensions; asked as a Sieve is."""

    def __init__(self, vectors: Floats) -> None:
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors, np.float32))

    def __call__(self, queries: Floats, count: int) -> Iterator[tuple[Ints, Ints]]:
        """Yield the (M,) queries and (M,) rows, by query, of all pairs that may be among the
        `count` nearest of the (Q, D) unit queries."""
        found: list[Ints] = [np.empty(0, np.int64)] * len(queries)
        asked, size = np.arange(len(queries)), self._index.ntotal
        wanted = min(count + count // 4 + SPARE, size)
        while len(asked) and wanted:
            near, rows = self._index.search(np.ascontiguousarray(queries[asked]), wanted)
            for query, at in zip(asked, rows, strict=True):
                found[query] = at
            if wanted == size:
                break
            # A tie may go on beyond what was found: look further there.
            asked = asked[near[:, -1] >= near[:, count - 1] - NOISE]
            wanted = min(4 * wanted, size)
        if found:
            yield np.repeat(np.arange(len(found)), [len(rows) for rows in found]), np.hstack(found)
