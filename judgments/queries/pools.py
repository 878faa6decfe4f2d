"""Where the products that are worth judging come from; other apps add theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that is worth judging on a page, or there against a sibling, and how much.

    `expected_change` is what an answer is expected to change of the published page: the chance
    that it contradicts what the page assumes, times how much the product's place there counts
    (1 / log2(1 + position)).
    """

    page: int
    product: int
    pool: str
    expected_change: float
    sibling: int | None = None


@dataclass(frozen=True)
class Wanted:
    """What a campaign asks of a pool: up to `number` products of each of the pages.

    What is drawn at random is drawn by the seed: the same one draws the same.
    """

    pages: Sequence[int]
    number: int
    seed: str


@dataclass(frozen=True)
class Pool:
    """One kind of candidates."""

    name: str
    label: str
    about: str  # in a sentence
    usual: int  # how many of a page, unless the lead says otherwise
    candidates: Callable[[Wanted], Iterator[Candidate]]


_pools: dict[str, Pool] = {}


def add_pool(pool: Pool) -> None:
    """Have campaigns offer this pool too."""
    _pools[pool.name] = pool


def pools() -> list[Pool]:
    """Return the pools there are, in the order they were added."""
    return list(_pools.values())
