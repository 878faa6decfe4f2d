"""Learn how signs are weighed: `python -m ranking.pipeline.duplicates.fit --offers CSV --pairs
JSONL`. Writes scorer.txt beside itself; equal files give an equal one."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import lightgbm
import numpy as np

from ranking.pipeline.data import Bools, Doubles
from ranking.pipeline.duplicates.compare import Comparison
from ranking.pipeline.duplicates.labelled import labelled_offers, labelled_pairs
from ranking.pipeline.duplicates.offers import Offer
from ranking.pipeline.duplicates.scorer import LEARNED
from ranking.pipeline.duplicates.signs import SIGNS, signs

SEED = 20_260
TREES = 80
WEIGHT = 4.0  # of a pair that people looked at, beside one that follows from clusters
MOST = 300_000  # pairs that follow from clusters
SETTINGS = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 15,
    "min_data_in_leaf": 100,
    "monotone_constraints": list(SIGNS.values()),
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}


def of_offers(offers: Sequence[Offer], clusters: Sequence[str]) -> tuple[Doubles, Bools]:
    """Return the signs (N, F) of all pairs worth comparing, and whether each is one product."""
    compared = Comparison(offers)
    found = compared.pairs()
    if len(found) > MOST:
        chosen = np.random.default_rng(SEED).choice(len(found), MOST, replace=False)
        found = found[np.sort(chosen)]
    array = [signs(compared[i], compared[j]) for i, j in found.tolist()]
    same = np.array([clusters[i] == clusters[j] for i, j in found.tolist()], bool)
    return np.array(array).reshape(-1, len(SIGNS)), same


def of_pairs(both: Sequence[tuple[Offer, Offer]]) -> Doubles:
    """Return the signs (N, F) of these pairs."""
    compared = Comparison([offer for pair in both for offer in pair])
    array = [signs(compared[2 * i], compared[2 * i + 1]) for i in range(len(both))]
    return np.array(array).reshape(-1, len(SIGNS))


def learn(parts: Sequence[tuple[Doubles, Bools, float]]) -> lightgbm.Booster:
    """Return what these signs, answers and weights teach."""
    arrays, answers, weights = zip(*parts, strict=True)
    weight = np.concatenate([np.full(len(a), w) for a, w in zip(answers, weights, strict=True)])
    data = lightgbm.Dataset(np.vstack(arrays), np.concatenate(answers), weight=weight)
    return lightgbm.train(SETTINGS, data, TREES)


def main() -> None:
    """Learn from the files told."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--offers", type=Path, action="append", default=[])
    parser.add_argument("--pairs", type=Path, action="append", default=[])
    told = parser.parse_args()
    parts = [(*of_offers(*labelled_offers(path)), 1.0) for path in told.offers]
    for path in told.pairs:
        both, same = labelled_pairs(path)
        parts.append((of_pairs(both), np.array(same), WEIGHT))
    learn(parts).save_model(str(LEARNED))


if __name__ == "__main__":
    main()
