"""Detectors of outliers for pages that they did not learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ranking.learning.ablation.families import families
from ranking.learning.ablation.pools import Pool, Seen
from ranking.learning.examples import Examples
from ranking.learning.outliers.detect import learn_detector
from ranking.learning.outliers.looks import Look, blends_of_others, doubt
from ranking.pipeline.blend import Blend
from ranking.pipeline.outliers.detector import Detector


@dataclass(frozen=True, eq=False)
class Taught:
    """What a page is ordered by, learned without its family."""

    blend: Blend
    detector: Detector


def detectors_of_others(
    pools: Sequence[Pool],
    known: Examples,
    looks: Sequence[Look],
    blends: Mapping[int, Blend],
    seen: Seen,
    seed: int,
) -> dict[int, Taught]:
    """Return for each pool's page its blend, and the detector learned from what that learned from.

    `looks` are of the pages of `known`.
    """
    learned: dict[bytes, Taught] = {}
    taught: dict[int, Taught] = {}
    for pages, kept in families(pools, known, seen.shelf, seed):
        key = kept.tobytes()
        if key not in learned:
            blend = blends[pages[0]]
            detector = _detector(known.where(kept), looks, blend, seen, seed)
            learned[key] = Taught(blend, detector)
        taught |= dict.fromkeys(pages, learned[key])
    return taught


def _detector(
    known: Examples, looks: Sequence[Look], blend: Blend, seen: Seen, seed: int
) -> Detector:
    """As `learning.outliers.learn.learn_outliers`, with looks that are there already."""
    kept = [_as_judged(look, known, seen) for look in looks if look.page.page in known.pages]
    doubted = doubt(kept, blends_of_others(known, blend, seed), seen.shelf)
    return learn_detector(doubted, seen.shelf, seed, seen.options)


def _as_judged(look: Look, known: Examples, seen: Seen) -> Look:
    """The look with the grades of these examples alone."""
    products = known.products[known.pages == look.page.page]
    judged = np.isin(seen.shelf.catalogue.ids[look.rows], products)
    return replace(look, grades=np.where(judged, look.grades, np.nan))
