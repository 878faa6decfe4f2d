"""Which vectors may be among a query's nearest: all are looked at once, in coarse numbers.

None of the nearest is ever left out, and little else is let through, so that comparing what is
left exactly costs little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch

from ranking.pipeline.data import Bools, Doubles, Floats, Ints

QUERIES = 256  # at once: enough for a matrix product to be limited by arithmetic
VECTORS = 4_096  # at once: their scores with the queries stay in the processor's cache
STEPS = 127  # on either side of zero, in a coarse number
EQUAL = 2e-6  # rounding a cosine to 6 digits, and a score to float32, moves both by less
FLOAT = 2.0**-23  # sums of D products in float32 are off by less than D times so much
LEAST = 1e-30  # instead of 0 under a fraction


def multiplies_integers() -> bool:
    """Return whether the processor sums products of 8-bit integers by itself, without overflow.

    It does so four times as fast as it multiplies float32.
    """
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_vnni") or capabilities.get("amx_int8"))


@dataclass(frozen=True, eq=False)
class Coarse:
    """N vectors x as whole steps x', and how far off these are at most.

    `along` is of the part of x − x' that points along x: it is much smaller than the whole.
    """

    steps: torch.Tensor  # (N, D) int8
    step: Doubles  # (N,)
    off: Doubles  # (N,) |x − x'|
    along: Doubles  # (N,) |(x − x')·x| / |x|
    length: Doubles  # (N,) |x|

    @classmethod
    def of(cls, exact: Floats, step: Floats) -> Coarse:
        """Return the vectors in steps of these sizes (N,)."""
        length = _lengths(exact)
        steps = np.rint(exact / step[:, None])
        off = exact - steps * step[:, None]
        along = np.abs(np.einsum("nd,nd->n", off, exact)) / np.maximum(length, LEAST)
        codes = torch.from_numpy(steps.astype(np.int8))
        wider = 1.001, FLOAT * exact.shape[1]  # than what these sums in float32 may be off by
        return cls(
            codes,
            step.astype(np.float64),
            _lengths(off) * wider[0] + wider[1] * length,
            along * wider[0] + wider[1] * length,
            length,
        )


@dataclass(frozen=True, eq=False)
class Block:
    """B vectors in steps of one size, and the most by which any of them is off."""

    rows: Ints  # (B,)
    steps: torch.Tensor  # (B, D)
    step: float
    off: float
    along: float

    @classmethod
    def of(cls, exact: Floats, rows: Ints, step: np.float32) -> Block:
        """Return the vectors (B, D), which stand at these rows."""
        coarse = Coarse.of(exact, np.full(len(rows), step))
        most = float(coarse.off.max()), float(coarse.along.max())
        return cls(rows, coarse.steps, float(coarse.step[0]), *most)


@dataclass(frozen=True, eq=False)
class Pairs:
    """M pairs of a query and a row: their product in coarse numbers, and by how much it may be
    off."""

    query: npt.NDArray[np.uint16]
    row: Ints
    score: Floats
    error: Floats

    def __len__(self) -> int:
        return len(self.query)

    @classmethod
    def joined(cls, parts: list[Pairs]) -> Pairs:
        """Return all parts' pairs, by query."""
        query = np.concatenate([part.query for part in parts])
        order = np.argsort(query, kind="stable")
        row, score, error = (
            np.concatenate([getattr(part, name) for part in parts])[order]
            for name in ("row", "score", "error")
        )
        return cls(query[order], row, score, error)

    def where(self, kept: Bools) -> Pairs:
        """Return the pairs whose place in `kept` (M,) is true."""
        return Pairs(self.query[kept], self.row[kept], self.score[kept], self.error[kept])


class Sieve:
    """N finite vectors of D > 1 dimensions: of one, torch's product of integers makes a mistake.

    Why none of the nearest is lost. With e = x − x' and f = q − q' for vector and query in whole
    steps, x·q − x'·q' = e·q + x·f − e·f. The part of q across x has the length
    √(|q|² − (x·q / |x|)²), and that of x across q likewise: little where x·q is large, which is
    where it counts. So where x·q ≥ c ≥ 0 the difference is at most |q| |e along x| +
    |x| |f along q| + |e| |f| + (|e| + |f| |x| / |q|) √(|q|² − (c / |x|)²). Sums of integers are
    exact. The k-th largest of lower bounds, of whichever vectors, is a lower bound of the k-th
    nearest's product; whoever cannot reach it is not among the nearest.
    """

    def __init__(self, vectors: Floats) -> None:
        self._longest = 0.0
        self._room = torch.empty(QUERIES * min(VECTORS, len(vectors)), dtype=torch.int32)
        steps = _steps(vectors)
        # Vectors that need equal steps go together, so that the block's step fits each of them.
        order = np.argsort(steps, kind="stable")
        self._blocks = []
        for start in range(0, len(order), VECTORS):
            rows = order[start : start + VECTORS]
            exact = vectors[rows]
            self._longest = max(self._longest, float(_lengths(exact).max()), LEAST)
            self._blocks.append(Block.of(exact, rows, steps[rows[-1]]))

    def __call__(self, queries: Floats, count: int) -> Iterator[tuple[Ints, Ints]]:
        """Yield the (M,) queries and (M,) rows, by query, of all pairs that may be among the
        `count` nearest of the (Q, D) finite queries: a few queries at a time, in order."""
        for start in range(0, len(queries), QUERIES):
            pairs = self._sift(queries[start : start + QUERIES], count)
            yield pairs.query.astype(np.int64) + start, pairs.row

    def _sift(self, queries: Floats, count: int) -> Pairs:
        """The pairs of a few queries. Whenever many have come together, more is asked for."""
        coarse = Coarse.of(queries, _steps(queries))
        least, found = self._start(coarse, count), [NOTHING]
        held, many = 0, 4 * count * len(queries)
        for block in self._blocks:
            found.append(self._reaching(least, coarse, block))
            held += len(found[-1])
            if held > many:
                best, least = _best(found, least, count)
                found, held = [best], len(best)
                many = 2 * held + 4 * count * len(queries)
        return _best(found, least, count)[0]

    def _start(self, queries: Coarse, count: int) -> Doubles:
        """(Q,) what the nearest reach at least: what they do in the first block."""
        nothing = np.full(len(queries.steps), -np.inf)
        if not self._blocks or len(self._blocks[0].rows) < count:
            return nothing
        block = self._blocks[0]
        scores = self._scores(queries, block).numpy()
        place = len(block.rows) - count
        kth = np.partition(scores, place, axis=1)[:, place]
        least: Doubles = kth * (queries.step * block.step) - self._error(nothing, queries, block)
        return least

    def _reaching(self, least: Doubles, queries: Coarse, block: Block) -> Pairs:
        """The pairs whose exact product may reach the query's least."""
        step = queries.step * block.step
        floor = least - self._error(least, queries, block)
        scores = self._scores(queries, block)
        lowest = torch.from_numpy(np.clip(floor / step, -1e9, 1e9)).floor().to(scores.dtype)
        places = np.flatnonzero((scores >= lowest[:, None]).numpy())
        query, column = np.divmod(places.astype(np.uint32), np.uint32(scores.shape[1]))
        score = np.take(scores.numpy(), places) * step.astype(np.float32)[query]
        reached = floor - step - self._error(np.full(len(least), -np.inf), queries, block)
        error = self._error(reached, queries, block).astype(np.float32)[query]
        return Pairs(query.astype(np.uint16), block.rows[column], score, error)

    def _scores(self, queries: Coarse, block: Block) -> torch.Tensor:
        shape = len(queries.steps), len(block.steps)
        scores = self._room[: shape[0] * shape[1]].view(shape)
        product: Callable[..., torch.Tensor] = torch._int_mm  # noqa: SLF001  its only name
        return product(queries.steps, block.steps.T, out=scores)

    def _error(self, least: Doubles, queries: Coarse, block: Block) -> Doubles:
        """(Q,) the most by which a score is off where the exact product is this or more."""
        longest, length = self._longest, np.maximum(queries.length, LEAST)
        along = length * block.along + longest * queries.along
        across = np.sqrt(np.maximum(length**2 - (np.maximum(least, 0) / longest) ** 2, 0))
        share = block.off + queries.off * longest / length
        error: Doubles = along + block.off * queries.off + share * across + EQUAL
        return error


NOTHING = Pairs(
    np.empty(0, np.uint16), np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.float32)
)


def _best(found: list[Pairs], least: Doubles, count: int) -> tuple[Pairs, Doubles]:
    """What of all found may be among the nearest, and (Q,) what any other must reach."""
    pairs = Pairs.joined(found)
    ends = np.searchsorted(pairs.query, np.arange(len(least) + 1))
    low = pairs.score - pairs.error
    kth = [_kth(low[a:b], count) for a, b in pairwise(ends)]
    least = np.maximum(least, kth)
    return pairs.where(pairs.score + pairs.error >= least[pairs.query]), least


def _kth(scores: Floats, count: int) -> float:
    """The count-th largest; minus infinity when there are fewer."""
    if len(scores) < count:
        return -np.inf
    return float(np.partition(scores, len(scores) - count)[len(scores) - count])


def _steps(vectors: Floats) -> Floats:
    """(N,) the sizes of steps of which each vector's largest number is the last."""
    largest = np.maximum(vectors.max(axis=1, initial=0.0), -vectors.min(axis=1, initial=0.0))
    steps: Floats = np.maximum(largest / STEPS, LEAST).astype(np.float32)
    return steps


def _lengths(vectors: Floats) -> Doubles:
    lengths: Doubles = np.sqrt(np.einsum("nd,nd->n", vectors, vectors)).astype(np.float64)
    return lengths
