"""What models read on pages that they did not learn from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ranking.pipeline.data import Doubles, Ints
from ranking.pipeline.profile import Profile
from ranking.pipeline.rerank.reader import HeldOut
from ranking.pipeline.shelf import Shelf


def save(held_out: HeldOut, path: Path) -> None:
    """Write what `HeldOut.load` reads."""
    with path.open("wb") as file:
        np.savez(file, page=held_out.pages, product=held_out.products, score=held_out.scores)


def joined(parts: Sequence[HeldOut]) -> HeldOut:
    """Return the scores of all parts, by page, then product."""
    pages = np.concatenate([part.pages for part in parts])
    products = np.concatenate([part.products for part in parts])
    scores = np.concatenate([part.scores for part in parts])
    order = np.lexsort((products, pages))
    return HeldOut(pages[order], products[order], scores[order])


def scores_of(held_out: HeldOut, pages: Ints, products: Ints) -> Doubles:
    """Return (J,) the scores of these pairs; NaN where none was read."""
    scores = np.full(len(pages), np.nan)
    for page in np.unique(pages).tolist():
        here = pages == page
        scores[here] = held_out.of(page, products[here])
    return scores


class HeldOutReader:
    """A Reader of pages that were kept apart: it knows what was read there, and no more."""

    name = "held out"

    def __init__(self, held_out: HeldOut, shelf: Shelf) -> None:
        self._held_out, self._shelf = held_out, shelf

    def reranked(self, page: Profile, rows: Ints) -> Doubles:
        """Return (N,) what was read on the page; NaN for what was not."""
        return self._held_out.of(page.page, self._shelf.catalogue.ids[rows])

    reranked_unseen = reranked
