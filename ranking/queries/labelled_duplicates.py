"""What finding near-duplicates is worth on a file that knows better. Loads the scorer."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

from ranking.pipeline.duplicates.agreement import Agreement, by_cluster, by_pair
from ranking.pipeline.duplicates.compare import LINKED, Comparison
from ranking.pipeline.duplicates.labelled import labelled_offers, labelled_pairs


def agreement_on_offers(path: Path) -> dict[str, Any]:
    """Return how the groups found among a file's offers agree with its clusters, over pairs and
    by offer. Raises Unlabelled."""
    started = perf_counter()
    offers, clusters = labelled_offers(path)
    comparison = Comparison(offers)
    matches = comparison.matches()
    grouped = comparison.groups({(m.first, m.second): m.chance for m in matches})
    found = [grouped.get(offer.id, offer.id) for offer in offers]
    return {
        "offers": len(offers),
        **asdict(by_pair(found, clusters)),
        "by_cluster": asdict(by_cluster(found, clusters)),
        "seconds": round(perf_counter() - started, 1),
    }


def agreement_on_pairs(path: Path) -> dict[str, Any]:
    """Return how often pairs of a file are taken for the same rightly. Raises Unlabelled."""
    started = perf_counter()
    pairs, same = labelled_pairs(path)
    comparison = Comparison([offer for pair in pairs for offer in pair])
    judged = comparison.judged([(one.id, other.id) for one, other in pairs])
    found = [chance >= LINKED for chance in judged]
    right = sum(a and b for a, b in zip(found, same, strict=True))
    return {
        "pairs": len(pairs),
        **asdict(Agreement.of(right, sum(found), sum(same))),
        "seconds": round(perf_counter() - started, 1),
    }
