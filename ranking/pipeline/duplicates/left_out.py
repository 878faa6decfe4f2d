"""How well offers are told apart of kinds that were not learned from: `python -m
ranking.pipeline.duplicates.left_out --offers CSV [--pairs JSONL] [--column category]`.

Each kind in turn is left out of what is learned, and judged by that. All offers are grouped
together, so that those of other kinds can be taken for the same too.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import lightgbm
import numpy as np

from ranking.pipeline.data import Doubles
from ranking.pipeline.duplicates.agreement import Agreement, by_cluster, by_pair
from ranking.pipeline.duplicates.compare import Comparison, Scorer
from ranking.pipeline.duplicates.fit import Part, are_one, learn, of_offers, of_pairs
from ranking.pipeline.duplicates.labelled import column, labelled_offers
from ranking.pipeline.duplicates.offers import Offer, Seen
from ranking.pipeline.duplicates.scorer import chances

Boosters = dict[str, lightgbm.Booster]


def boosters(
    offers: Sequence[Offer], clusters: Sequence[str], kinds: Sequence[str], others: Sequence[Part]
) -> Boosters:
    """Return for each kind what the offers of all others, and what is told beside, teach."""
    places, array = of_offers(Comparison(offers))
    same, row = are_one(places, clusters), np.array(kinds)
    learned: Boosters = {}
    for kind in sorted(set(kinds)):
        kept = (row[places] != kind).all(axis=1)
        learned[kind] = learn([(array[kept], same[kept], 1.0), *others])
    return learned


def scorer(learned: Boosters, kinds: Sequence[str]) -> Scorer:
    """Return what judges a pair by the booster that its first offer's kind was kept from; the ids
    count from 1."""

    def judged(pairs: Sequence[tuple[Seen, Seen]]) -> Doubles:
        told = np.zeros(len(pairs))
        own = np.array([kinds[one.offer.id - 1] for one, _ in pairs], object)
        for kind in sorted(set(own)):
            at = np.flatnonzero(own == kind)
            told[at] = chances([pairs[place] for place in at.tolist()], learned[kind])
        return told

    return judged


def main() -> None:
    """Print precision, recall and F1 over pairs of each kind and of all."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--offers", type=Path, required=True)
    parser.add_argument("--pairs", type=Path, action="append", default=[])
    parser.add_argument("--column", default="category", help="what tells the kinds")
    told = parser.parse_args()
    offers, clusters = labelled_offers(told.offers)
    kinds = column(told.offers, told.column)
    learned = boosters(offers, clusters, kinds, [of_pairs(path) for path in told.pairs])
    compared = Comparison(offers, scorer=scorer(learned, kinds))
    links = {(match.first, match.second): match.chance for match in compared.matches()}
    grouped = compared.groups(links)
    found = [grouped.get(offer.id, offer.id) for offer in offers]
    for kind in sorted(learned):
        at = [place for place, its in enumerate(kinds) if its == kind]
        _print(kind, by_pair([found[place] for place in at], [clusters[place] for place in at]))
    _print("all", by_pair(found, clusters))
    _print("all, by offer", by_cluster(found, clusters))


def _print(name: str, told: Agreement) -> None:
    figures = f"P {told.precision:.3f}  R {told.recall:.3f}  F1 {told.f1:.3f}"
    print(f"{name:20} {figures}", flush=True)


if __name__ == "__main__":
    main()
