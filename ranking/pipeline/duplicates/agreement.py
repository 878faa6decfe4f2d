"""How well groups that were found agree with those that people made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Shares from 0 to 1; a share of nothing is 0."""

    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, right: float, found: float, true: float) -> Agreement:
        """Return the shares of what was right among what was found and among what is true."""
        precision, recall = (right / all_ if all_ else 0.0 for all_ in (found, true))
        both = precision + recall
        return cls(precision, recall, 2 * precision * recall / both if both else 0.0)


def by_pair(found: Sequence[Hashable], true: Sequence[Hashable]) -> Agreement:
    """Return how pairs that stand in one group agree; two labels for each of N offers."""
    right = _pairs(Counter(zip(found, true, strict=True)))
    return Agreement.of(right, _pairs(Counter(found)), _pairs(Counter(true)))


def by_cluster(found: Sequence[Hashable], true: Sequence[Hashable]) -> Agreement:
    """Return B-cubed (Bagga & Baldwin, 1998): the mean over offers of how much of their group is
    right, and of how much of their true group was found."""
    both = Counter(zip(found, true, strict=True))
    of_found, of_true = Counter(found), Counter(true)
    pairs = list(zip(found, true, strict=True))
    precision = sum(both[pair] / of_found[pair[0]] for pair in pairs)
    recall = sum(both[pair] / of_true[pair[1]] for pair in pairs)
    count = len(pairs)
    if not count:
        return Agreement.of(0, 0, 0)
    mean_precision, mean_recall = precision / count, recall / count
    total = mean_precision + mean_recall
    return Agreement(mean_precision, mean_recall, 2 * mean_precision * mean_recall / total)


def _pairs(sizes: Counter[Hashable]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())
