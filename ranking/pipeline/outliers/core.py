"""How far candidates lie from the core of their page: its surest products."""

from __future__ import annotations

import numpy as np

from ranking.pipeline.data import Bools, Doubles, Floats, Ints

SURE = 0.5  # confidence from which a candidate may be of the core
SHARE = 0.8  # of the sure candidates, the surest, since some of the sure are wrong
SMALLEST, LARGEST = 10, 60  # candidates in a core
FEWEST = 4  # of known vectors that make one
NEIGHBOURS = 5
LEAST_SPREAD = 0.02  # of mean cosines: below it, they do not differ


def core_of(confidence: Doubles, rows: Ints) -> Ints:
    """Return the places of the page's surest candidates among N, surest first, ties by row."""
    size = int(SHARE * np.count_nonzero(confidence >= SURE))
    surest: Ints = np.lexsort((rows, -confidence))[: min(max(size, SMALLEST), LARGEST)]
    return surest


def away_from_core(vectors: Floats, core: Ints) -> Doubles:
    """Return (N,) how many spreads farther than the core's own middle each unit vector (N, D) lies
    from its nearest of the core; negative when nearer, NaN where it or the core is unknown.

    Nearness is the mean cosine to the nearest NEIGHBOURS of the core (Ramaswamy et al. 2000), the
    vector itself not among them: an outlier in the core does not vouch for itself. Found better
    than Mahalanobis distance (Ledoit-Wolf) and than the distance to the centroid on misfiled
    products of the demo shop: average precision 0.64, 0.36 and 0.58 for 5 % from cousins.
    """
    is_known: Bools = np.asarray(np.isfinite(vectors).all(axis=1))
    core = core[is_known[core]]
    away = np.full(len(vectors), np.nan)
    if len(core) < FEWEST:
        return away
    known = np.flatnonzero(is_known)
    exact = vectors.astype(np.float64)
    cosines = np.round(exact[known] @ exact[core].T, 6)
    cosines[known[:, None] == core[None, :]] = -np.inf
    count = min(NEIGHBOURS, len(core) - 1)
    near = -np.sort(np.partition(-cosines, count - 1, axis=1)[:, :count], axis=1)
    nearness = np.full(len(vectors), np.nan)
    nearness[known] = near.mean(axis=1)
    low, middle = np.percentile(nearness[core], [15.87, 50])
    away[known] = (middle - nearness[known]) / max(middle - low, LEAST_SPREAD)
    return away
