"""Named numbers about (page, product): what speaks for and against a product on a page.

NaN means unknown and never counts against a product. What each number means, and its range, is
written in `names`.
"""

from __future__ import annotations

import numpy as np

from ranking.pipeline.data import Doubles, Floats, Ints
from ranking.pipeline.names import KEYS, SIGNALS
from ranking.pipeline.nearest import Nearest
from ranking.pipeline.profile import Profile, trimmed
from ranking.pipeline.shelf import Shelf

LOWS: Doubles = np.array([signal.low for signal in SIGNALS])
HIGHS: Doubles = np.array([signal.high for signal in SIGNALS])
FEWEST_KNOWN = 3  # products that make a middle
HALF_FIT = 2.0  # robust standard deviations at which a price fits by half


def measure(
    page: Profile,
    rows: Ints,
    shelf: Shelf,
    sibling_fit: Doubles | None = None,
    reranked: Doubles | None = None,
) -> Doubles:
    """Return (N, F) the signals of the N products on the page, in the order of SIGNALS.

    `sibling_fit` (N,) is what the texts said of them (`Guide.sibling_fit`), `reranked` (N,) what
    the cross-encoder did (`Reader.reranked`); None for nothing.
    """
    unknown = np.full(len(rows), np.nan)
    columns = {
        "text_fit": standing(shelf.text, page.prompt, rows),
        "picture_fit": standing(shelf.picture, page.prompt, rows),
        "words": shelf.words.share(shelf.tree.names[page.row], rows),
        "own_category": own_category(page, rows, shelf),
        "known_fit": known_fit(page, rows, shelf),
        "filing_distance": filing_distance(page, rows, shelf),
        "sibling_fit": unknown if sibling_fit is None else sibling_fit,
        "reranked": unknown if reranked is None else reranked,
        "price_fit": price_fit(page, rows, shelf),
    }
    table: Doubles = np.stack([columns[key] for key in KEYS], axis=1)
    clipped: Doubles = np.minimum(np.maximum(table, LOWS), HIGHS)
    return np.round(clipped, 4)


def standing(vectors: Nearest, query: Floats, rows: Ints) -> Doubles:
    """Return (N,) how many spreads nearer to the query than the middle vector each row is."""
    middle, spread = vectors.background(query)
    return (vectors.cosines(query, rows) - middle) / spread


def own_category(page: Profile, rows: Ints, shelf: Shelf) -> Doubles:
    """Return (N,) the text's nearness to the page less that to its nearest rival, in the spread
    of the standing; a rival is a category neither above nor below the page."""
    categories, cosines = shelf.nearest_categories(rows)
    kin = shelf.tree.is_under(page.row) | shelf.tree.is_over(page.row)
    is_rival = (categories >= 0) & ~kin[categories]
    # With kin alone among the nearest, a rival is at most as near as the last of them.
    first = np.where(is_rival.any(axis=1), is_rival.argmax(axis=1), -1)
    rival = cosines[np.arange(len(rows)), first]
    _, spread = shelf.text.background(page.prompt)
    return (shelf.text.cosines(page.prompt, rows) - rival) / spread


def known_fit(page: Profile, rows: Ints, shelf: Shelf) -> Doubles:
    """Return (N,) the mean standing of text and picture beside the known products' middle.

    A known product is compared with the others, not with itself.
    """
    parts = [_known_fit(page, rows, vectors) for vectors in (shelf.text, shelf.picture)]
    both = np.stack(parts)
    count = np.isfinite(both).sum(axis=0)
    mean: Doubles = np.nansum(both, axis=0) / np.maximum(count, 1)
    mean[count == 0] = np.nan
    return mean


def _known_fit(page: Profile, rows: Ints, vectors: Nearest) -> Doubles:
    kept = trimmed(page.prompt, page.known, vectors.vectors)
    if len(kept) < FEWEST_KNOWN:
        return np.full(len(rows), np.nan)
    total = vectors.vectors[kept].sum(axis=0, dtype=np.float64)
    length = float(np.linalg.norm(total))
    middle, spread = vectors.background(total / length)
    cosines = vectors.cosines(total / length, rows)
    # total - x is the sum of the others; x has unit length.
    among_others = (cosines * length - 1) / np.sqrt(length**2 - 2 * cosines * length + 1)
    return (np.where(np.isin(rows, kept), among_others, cosines) - middle) / spread


def filing_distance(page: Profile, rows: Ints, shelf: Shelf) -> Doubles:
    """Return (N,) the steps from the page to where each product is filed, NaN when nowhere."""
    steps = np.where(shelf.tree.is_under(page.row), 0.0, shelf.tree.distances(page.row))
    filed = shelf.filed[rows]
    return np.where(filed >= 0, steps[filed], np.nan)


def price_fit(page: Profile, rows: Ints, shelf: Shelf) -> Doubles:
    """Return (N,) how usual each price is, 0 to 1; NaN without a price or a usual one."""
    fit = np.full(len(rows), np.nan)
    for code, name in enumerate(shelf.currency_names):
        if name in page.usual:
            here = shelf.currency_codes[rows] == code
            away = page.usual[name].away(shelf.catalogue.log_price[rows[here]])
            fit[here] = 1 / (1 + (away / HALF_FIT) ** 2)
    return fit
