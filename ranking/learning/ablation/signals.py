"""What each signal is worth beside all others: whether it earns its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ranking.evaluation import Difference, compare
from ranking.evaluation.comparison import holm
from ranking.learning.ablation.families import blends_of_others
from ranking.learning.ablation.pools import Pool
from ranking.learning.ablation.stages import falling, scored
from ranking.learning.ablation.table import metrics_of
from ranking.learning.blender import KINDS
from ranking.learning.examples import Examples
from ranking.pipeline.blend import Blend
from ranking.pipeline.names import KEYS
from ranking.pipeline.shelf import Shelf

MEASURED = "ndcg@10"


@dataclass(frozen=True)
class Worth:
    """By how much NDCG@10 falls on pages left out when nothing is known of a signal."""

    signal: str
    gain: Difference


def worth_of_signals(
    pools: Sequence[Pool], known: Examples, blends: Mapping[int, Blend], shelf: Shelf, seed: int
) -> Iterator[Worth]:
    """Yield the worth of each signal that is known of anything, the p-values corrected by Holm.

    Learned anew without it, each time in the way that most folds chose with it.
    """
    known_at_all = [
        key
        for at, key in enumerate(KEYS)
        if any(np.isfinite(pool.signals[:, at]).any() for pool in pools)
    ]
    learn = KINDS[Counter(blend.about["kind"] for blend in blends.values()).most_common(1)[0][0]]
    whole = _ndcg(pools, blends_of_others(pools, known, shelf, seed, learn))
    gains = []
    for key in known_at_all:
        fewer = [pool.without(key) for pool in pools]
        without = blends_of_others(fewer, known.without(key), shelf, seed, learn)
        gains.append(compare(whole, _ndcg(fewer, without), seed))
    corrected = holm([gain.p for gain in gains])
    for key, gain, p in zip(known_at_all, gains, corrected, strict=True):
        yield Worth(key, replace(gain, p_holm=p))


def _ndcg(pools: Sequence[Pool], blends: Mapping[int, Blend]) -> list[float]:
    orders = [falling(scored(pool, blends[pool.page.page]).scores) for pool in pools]
    return [metrics_of(pool, order)[MEASURED] for pool, order in zip(pools, orders, strict=True)]
