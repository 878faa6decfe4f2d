"""How alike two rankings are, whatever their products are worth."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

PERSISTENCE = 0.9  # so that the first ten places carry 86 % of the weight
DEPTH = 48


def rank_biased_overlap(
    first: Sequence[Hashable], other: Sequence[Hashable], depth: int = DEPTH
) -> float:
    """Return how alike two rankings without repeats are, the first places counting most: 0 to 1.

    The share that both have of their first d products, averaged over d to the depth of the longer
    one with weights PERSISTENCE^(d - 1): rank-biased overlap (Webber, Moffat and Zobel, 2010, "A
    similarity measure for indefinite rankings"), cut at `depth` and divided by the weight so far,
    so that equal rankings have 1. Of two empty rankings too; with one of them empty it is 0.
    """
    deepest = min(max(len(first), len(other)), depth)
    if not deepest:
        return 1.0
    seen: set[Hashable] = set()
    both, total, weight, weights = 0, 0.0, 1.0, 0.0
    for place in range(deepest):
        for ranking in (first, other):
            if place < len(ranking):
                both += ranking[place] in seen
                seen.add(ranking[place])
        total += weight * both / (place + 1)
        weights += weight
        weight *= PERSISTENCE
    return total / weights
