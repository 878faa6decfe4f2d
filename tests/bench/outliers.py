"""How long outliers take on a page of 200 candidates: `python -m tests.bench.outliers`."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np

from ranking.pipeline.data import NOTHING_JUDGED, Catalogue, Options
from ranking.pipeline.outliers.detector import Detector
from ranking.pipeline.outliers.stage import find_outliers
from ranking.pipeline.profile import profile
from ranking.pipeline.shelf import Shelf
from tests.ranking.shelves import LAMPS, make_catalogue, make_tree, unit

CANDIDATES = 200
DIMENSIONS = 384
ROUNDS = 200
AIM = 2.0  # milliseconds a page


def page_of(candidates: int) -> Catalogue:
    """Return so many priced products with text and picture, filed on one page."""
    random = np.random.default_rng(0)
    texts, pictures = (unit(random.normal(size=(candidates, DIMENSIONS))) for _ in range(2))
    return replace(
        make_catalogue([LAMPS] * candidates),
        text=texts,
        picture=pictures,
        filed_under=np.full(candidates, LAMPS),
        filing_confidence=np.ones(candidates, np.float32),
    )


def main() -> None:
    """Print the median over the rounds."""
    catalogue, tree = page_of(CANDIDATES), make_tree()
    names = unit(np.random.default_rng(1).normal(size=(len(tree), DIMENSIONS)))
    shelf = Shelf(catalogue, replace(tree, text=names))
    page, rows = profile(LAMPS, shelf, NOTHING_JUDGED), np.arange(CANDIDATES)
    confidence = np.linspace(0.05, 0.95, CANDIDATES)
    took = []
    for _ in range(ROUNDS):
        start = perf_counter()
        find_outliers(page, rows, confidence, None, catalogue, Detector(), Options())
        took.append(1000 * (perf_counter() - start))
    print(f"outliers of {CANDIDATES} candidates: {np.median(took):.2f} ms (aim {AIM:g} ms)")


if __name__ == "__main__":
    main()
