"""Unit vectors ready to be searched: exact nearest neighbours, ties in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from ranking.pipeline.data import Doubles, Floats, Ints
from ranking.pipeline.flat_index import FlatIndex
from ranking.pipeline.sieve import Sieve, multiplies_integers

SAMPLE = 4_000  # vectors that are enough to know how near an average one is
LEAST_SPREAD = 0.01  # of cosines: below it, they do not differ
AT_ONCE = 256  # vectors compared exactly; they stay in the processor's cache


class Nearest:
    """N unit vectors, of which rows of NaN are unknown and never found."""

    def __init__(self, vectors: Floats, sample: Floats | None = None) -> None:
        """`sample` is what an average vector is taken from, where it is not from these."""
        self.vectors = vectors
        self._sample_given = sample
        self._known = np.flatnonzero(np.isfinite(vectors).all(axis=1))

    def __len__(self) -> int:
        return len(self._known)

    def rows(self, queries: Floats, count: int) -> list[Ints]:
        """Return for each of (Q, D) queries the nearest rows, nearest first, ties by row.

        At most `count` each; none for a query of NaN. The answer to one query does not depend
        on which others are asked with it: whatever may be near is compared by itself.
        """
        found: list[Ints] = [np.empty(0, np.int64)] * len(queries)
        for query, row, _ in self._found(queries, count):
            starts = np.flatnonzero(np.diff(query, prepend=-1))
            for start, rows in zip(starts, np.split(row, starts[1:]), strict=True):
                found[query[start]] = rows
        return found

    def batch(self, queries: Floats, count: int) -> tuple[Ints, Doubles]:
        """Return the nearest rows (Q, count) and their cosines, for many queries at once.

        Where there are fewer, or the query is unknown, rows are -1 and cosines NaN.
        """
        rows = np.full((len(queries), count), -1, np.int64)
        cosines = np.full((len(queries), count), np.nan)
        for query, row, cosine in self._found(queries, count):
            place = _places(query)
            rows[query, place] = row
            cosines[query, place] = cosine
        return rows, cosines

    def cosines(self, query: Floats, rows: Ints) -> Doubles:
        """Return (len(rows),) cosines, -1 to 1, NaN where unknown.

        Each is summed by itself, so that equal vectors get equal values.
        """
        return self._cosines(query[None], np.zeros(len(rows), np.int64), rows)

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
        given = self._sample_given
        return even_sample(self.vectors) if given is None else given

    @cached_property
    def _index(self) -> Sieve | FlatIndex:
        every = len(self) == len(self.vectors)
        vectors = self.vectors if every else self.vectors[self._known]
        return Sieve(vectors) if _can_sieve(vectors.shape[1]) else FlatIndex(vectors)

    def _found(self, queries: Floats, count: int) -> Iterator[tuple[Ints, Ints, Doubles]]:
        """Yield queries, rows and cosines (M,) of the nearest, some queries at a time: by query,
        falling cosine, row."""
        asked = np.flatnonzero(np.isfinite(queries).all(axis=1))
        if not len(asked) or not len(self) or not count:
            return
        for few, near in self._index(np.asarray(queries[asked], np.float32), count):
            query, row = asked[few], self._known[near]
            cosine = self._cosines(queries, query, row)
            order = np.lexsort((row, -cosine, query))
            order = order[_places(query) < count]
            yield query[order], row[order], cosine[order]

    def _cosines(self, queries: Floats, query: Ints, row: Ints) -> Doubles:
        """(M,) the cosines of pairs."""
        products = np.empty(len(row))
        for start in range(0, len(row), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            ours, theirs = self.vectors[row[part]], queries[query[part]]
            products[part] = np.einsum("nd,nd->n", ours, theirs, dtype=np.float64)
        rounded: Doubles = np.round(products, 6)
        return rounded


def even_sample(vectors: Floats) -> Floats:
    """Return at most SAMPLE of the known rows, evenly taken."""
    known = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    return vectors[known[:: -(-len(known) // SAMPLE) or 1]]


def _can_sieve(dimensions: int) -> bool:
    return dimensions > 1 and multiplies_integers()


def _places(ascending: Ints) -> Ints:
    """Return (M,) how many of the same value stand before each."""
    places: Ints = np.arange(len(ascending)) - np.searchsorted(ascending, ascending)
    return places
