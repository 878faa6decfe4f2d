"""Unit vectors ready to be searched: exact nearest neighbours, ties in a fixed order."""

from __future__ import annotations

from functools import cached_property

import faiss
import numpy as np

from ranking.pipeline.data import Doubles, Floats, Ints

# One thread: faiss used with more before a fork hangs the child, and one gives one result.
faiss.omp_set_num_threads(1)

NOISE = 1e-5  # two ways of summing the same product differ by less
SAMPLE = 4_000  # vectors that are enough to know how near an average one is
LEAST_SPREAD = 0.01  # of cosines: below it, they do not differ


class Nearest:
    """N unit vectors, of which rows of NaN are unknown and never found."""

    def __init__(self, vectors: Floats) -> None:
        self.vectors = vectors
        self._known = np.flatnonzero(np.isfinite(vectors).all(axis=1))
        self._index = faiss.IndexFlatIP(max(vectors.shape[1], 1))
        if len(self._known):
            self._index.add(np.ascontiguousarray(vectors[self._known], np.float32))

    def __len__(self) -> int:
        return len(self._known)

    def rows(self, queries: Floats, count: int) -> list[Ints]:
        """Return for each of (Q, D) queries the nearest rows, nearest first, ties by row.

        At most `count` each; none for a query of NaN. The answer to one query does not depend
        on which others are asked with it: what the batch finds is compared again one by one.
        """
        found: list[Ints] = [np.empty(0, np.int64)] * len(queries)
        asked = np.flatnonzero(np.isfinite(queries).all(axis=1))
        wanted = min(count + count // 4 + 16, len(self))
        while len(asked) and wanted and count:
            near, at = self._index.search(np.ascontiguousarray(queries[asked], np.float32), wanted)
            for query, rows in zip(asked, self._known[at], strict=True):
                found[query] = self._ordered(queries[query], rows)[:count]
            if wanted == len(self):
                break
            # A tie may go on beyond what was found: look further there.
            asked = asked[near[:, -1] >= near[:, count - 1] - NOISE]
            wanted = min(4 * wanted, len(self))
        return found

    def batch(self, queries: Floats, count: int) -> tuple[Ints, Doubles]:
        """Return the nearest rows (Q, count) and their cosines, for many queries at once.

        Where there are fewer, or the query is unknown, rows are -1 and cosines NaN.
        """
        rows = np.full((len(queries), count), -1, np.int64)
        cosines = np.full((len(queries), count), np.nan)
        asked = np.flatnonzero(np.isfinite(queries).all(axis=1))
        wanted = min(count, len(self))
        if len(asked) and wanted:
            near, at = self._index.search(np.ascontiguousarray(queries[asked], np.float32), wanted)
            rows[asked, :wanted] = self._known[at]
            cosines[asked, :wanted] = np.round(near.astype(np.float64), 5)
        return rows, cosines

    def cosines(self, query: Floats, rows: Ints) -> Doubles:
        """Return (len(rows),) cosines, -1 to 1, NaN where unknown.

        Each is summed by itself, so that equal vectors get equal values.
        """
        products = np.einsum("nd,d->n", self.vectors[rows].astype(np.float64), query)
        rounded: Doubles = np.round(products, 6)
        return rounded

    def background(self, query: Floats) -> tuple[float, float]:
        """Return the median of the query's cosines with all vectors, and their spread below it.

        The spread is that of a normal distribution with the same lower half. The upper half is
        where the query's own kind lies, much of it in a small shop: it must not count. NaN when
        nothing is known.
        """
        cosines = self._sample @ query.astype(np.float32)
        if not len(cosines):
            return float("nan"), float("nan")
        low, middle = np.percentile(cosines, [15.87, 50])
        return float(middle), max(float(middle - low), LEAST_SPREAD)

    @cached_property
    def _sample(self) -> Floats:
        """An even sample of the known vectors."""
        return self.vectors[self._known[:: -(-len(self) // SAMPLE) or 1]]

    def _ordered(self, query: Floats, rows: Ints) -> Ints:
        ordered: Ints = rows[np.lexsort((rows, -self.cosines(query, rows)))]
        return ordered
