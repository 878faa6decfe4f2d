"""Learn how signs are weighed: `python -m ranking.pipeline.duplicates.fit --offers CSV --pairs
JSONL`. Writes scorer.txt beside itself; equal files give an equal one."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import lightgbm
import numpy as np

from ranking.pipeline.data import Bools, Doubles, Ints
from ranking.pipeline.duplicates.compare import Comparison
from ranking.pipeline.duplicates.conflicts import conflict
from ranking.pipeline.duplicates.labelled import labelled_offers, labelled_pairs
from ranking.pipeline.duplicates.scorer import LEARNED
from ranking.pipeline.duplicates.signs import SIGNS, signs

# Signs (N, F), whether each pair is one product, and what each weighs.
Part = tuple[Doubles, Bools, float]
SEED = 20_260
TREES = 150
WEIGHT = 4.0  # of a pair that people looked at, beside one that follows from clusters
MOST = 500_000  # pairs that follow from clusters
SETTINGS = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 31,
    "min_data_in_leaf": 100,
    "monotone_constraints": list(SIGNS.values()),
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}


def of_offers(compared: Comparison) -> tuple[Ints, Doubles]:
    """Return the places (N, 2) of pairs that are worth comparing and that nothing forbids, MOST of
    them, and their signs (N, F)."""
    found = compared.pairs()
    if len(found) > MOST:
        chosen = np.random.default_rng(SEED).choice(len(found), MOST, replace=False)
        found = found[np.sort(chosen)]
    may_be = [(i, j) for i, j in found.tolist() if not conflict(compared[i], compared[j])]
    array = [signs(compared[i], compared[j]) for i, j in may_be]
    places = np.array(may_be, np.int64).reshape(-1, 2)
    return places, np.array(array).reshape(-1, len(SIGNS))


def are_one(places: Ints, clusters: Sequence[str]) -> Bools:
    """Return (N,) whether the two offers at these places (N, 2) are of one cluster."""
    numbers = np.unique(clusters, return_inverse=True)[1]
    same: Bools = numbers[places[:, 0]] == numbers[places[:, 1]]
    return same


def of_pairs(path: Path) -> Part:
    """Return what the pairs of a file teach."""
    both, same = labelled_pairs(path)
    compared = Comparison([offer for pair in both for offer in pair])
    array = [signs(compared[2 * i], compared[2 * i + 1]) for i in range(len(both))]
    return np.array(array).reshape(-1, len(SIGNS)), np.array(same), WEIGHT


def learn(parts: Sequence[Part]) -> lightgbm.Booster:
    """Return what these signs, answers and weights teach."""
    arrays, answers, weights = zip(*parts, strict=True)
    weight = np.concatenate([np.full(len(a), w) for a, w in zip(answers, weights, strict=True)])
    data = lightgbm.Dataset(np.vstack(arrays), np.concatenate(answers), weight=weight)
    return lightgbm.train(SETTINGS, data, TREES)


def _of_offers(path: Path) -> Part:
    offers, clusters = labelled_offers(path)
    places, array = of_offers(Comparison(offers))
    return array, are_one(places, clusters), 1.0


def main() -> None:
    """Learn from the files told."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--offers", type=Path, action="append", default=[])
    parser.add_argument("--pairs", type=Path, action="append", default=[])
    told = parser.parse_args()
    parts = [_of_offers(path) for path in told.offers] + [of_pairs(path) for path in told.pairs]
    learn(parts).save_model(str(LEARNED))


if __name__ == "__main__":
    main()
