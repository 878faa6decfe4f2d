"""Unit vectors ready to be searched: exact nearest neighbours, ties in a fixed order."""

from __future__ import annotations

from functools import cached_property

import faiss
import numpy as np

from ranking.pipeline.data import Doubles, Floats, Ints

# One thread: faiss used with more before a fork hangs the child, and one gives one result.
faiss.omp_set_num_threads(1)

NOISE = 1e-5  # two ways of summing the same product differ by less
SAMPLE = 20_000  # vectors that are enough to know how near an average one is
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

    def average(self, query: Floats) -> tuple[float, float]:
        """Return mean and standard deviation of the query's cosines with all vectors."""
        mean, covariance = self._moments
        spread = np.sqrt(max(float(query @ covariance @ query), 0.0))
        return float(query @ mean), max(spread, LEAST_SPREAD)

    @cached_property
    def _moments(self) -> tuple[Doubles, Doubles]:
        """Mean (D,) and covariance (D, D) of an even sample of the known vectors."""
        step = max(1, -(-len(self) // SAMPLE))
        sample = self.vectors[self._known[::step]].astype(np.float64)
        if not len(sample):
            width = self.vectors.shape[1]
            return np.full(width, np.nan), np.full((width, width), np.nan)
        centred = sample - sample.mean(axis=0)
        return sample.mean(axis=0), centred.T @ centred / len(sample)

    def _ordered(self, query: Floats, rows: Ints) -> Ints:
        ordered: Ints = rows[np.lexsort((rows, -self.cosines(query, rows)))]
        return ordered
