"""How well judged products are ordered by blends and by baselines that did not learn from them."""

from __future__ import annotations

import numpy as np

from ranking.learning.blender import learn_blend, out_of_fold
from ranking.learning.examples import Examples
from ranking.pipeline.data import Doubles, Floats, Judged
from ranking.pipeline.shelf import Shelf
from ranking.pipeline.words import Words


def leave_pages_out(known: Examples, seed: int = 0) -> Doubles:
    """Return (J,) scores, each by a blend learned without the product's page.

    Neither the page's grades nor those of pages that share its products were seen: not in the
    blend, not in its choice, not in the signals.
    """
    return out_of_fold(learn_blend, known, seed)


def bm25(shelf: Shelf, judged: Judged) -> Doubles:
    """Return (J,) the BM25 score of title and description for the page's name.

    Over the whole catalogue, k1 = 1.5, b = 0.75, words in lower case, neither stemmed nor left
    out. Every page and product must be there (`examples.present`).
    """
    catalogue, tree = shelf.catalogue, shelf.tree
    texts = zip(catalogue.titles, catalogue.descriptions, strict=True)
    words = Words([f"{title} {description}" for title, description in texts], stemmed=False)
    scores = np.empty(len(judged))
    for page in np.unique(judged.pages):
        here = judged.pages == page
        row = int(tree.rows(np.array([page]))[0])
        scores[here] = words.score(tree.names[row])[catalogue.rows(judged.products[here])]
    return scores


def cosine(titles: Floats, names: Floats) -> Doubles:
    """Return (J,) cosines of the unit vectors (J, D) of titles and of page names."""
    cosines: Doubles = np.einsum("jd,jd->j", titles.astype(np.float64), names)
    return cosines
