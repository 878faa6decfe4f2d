"""What a page is about: its prompts, the products known to be right on it, and their prices.

Known products far from the rest are left out (a trimmed mean), so that a misfiled product does
not pull the page towards it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ranking.pipeline.data import Floats, Ints, Judged
from ranking.pipeline.prices import Usual, usual_price
from ranking.pipeline.shelf import Shelf

SURE = 0.8  # filings at least so sure say what a page is about
RIGHT = 2.0  # grades from here on say that a product belongs on the page
ANCHOR = 5.0  # the prompts weigh as much as so many products
TRIM = 0.2  # share of the known products, the farthest, that is left out


@dataclass(frozen=True, eq=False)
class Profile:
    """What a page is about. Vectors have unit length, or are NaN when nothing is known."""

    page: int
    row: int  # in the tree
    prompt: Floats  # (D,) its prompts
    text: Floats  # (D,) its prompts and its known products' texts
    picture: Floats  # (D,) its prompts and its known products' pictures
    known: Ints  # rows of the products known to be right here, ascending
    right: Ints  # the part of them that people judged right, ascending
    filed: Ints  # rows of the products filed in the page's subtree, ascending
    usual: dict[str, Usual]  # its usual price by currency, where one is known


def profile(page: int, shelf: Shelf, judged: Judged) -> Profile:
    """Return what the page is about. Raises KeyError for a page that is not in the tree."""
    row = int(shelf.tree.rows(np.array([page], np.int64))[0])
    if row < 0:
        raise KeyError(page)
    filed = shelf.under(row)
    sure = filed[shelf.catalogue.filing_confidence[filed] >= SURE]
    # What merchandisers alone said is evidence, but no anchor.
    here = judged.where((judged.pages == page) & (judged.annotators > 0))
    rows = shelf.catalogue.rows(here.products)
    right = np.unique(rows[(here.grades >= RIGHT) & (rows >= 0)])
    wrong = rows[here.grades < RIGHT]
    known = np.setdiff1d(np.union1d(sure, right), wrong)
    prompt = shelf.tree.text[row]
    return Profile(
        page=page,
        row=row,
        prompt=prompt,
        text=centroid(prompt, known, shelf.catalogue.text),
        picture=centroid(prompt, known, shelf.catalogue.picture),
        known=known,
        right=right,
        filed=filed,
        usual=usual_prices(known, _filed_under_parent(row, shelf), shelf),
    )


def trimmed(prompt: Floats, rows: Ints, vectors: Floats) -> Ints:
    """Return the rows whose (P, D) vectors are known, without the farthest share of them.

    Far from the middle of the prompt and the rows left by the round before; two rounds.
    """
    rows = rows[np.isfinite(vectors[rows]).all(axis=1)]
    farthest, kept = int(TRIM * len(rows)), rows
    for _ in range(2):
        middle = _anchor(prompt) + vectors[kept].sum(axis=0)
        nearness = np.round(vectors[rows] @ middle, 5)
        kept = np.sort(rows[np.argsort(nearness, kind="stable")[farthest:]])
    return kept


def centroid(prompt: Floats, rows: Ints, vectors: Floats) -> Floats:
    """Return the unit mean (D,) of the prompt and the rows' vectors, trimmed.

    NaN when neither prompt nor vectors are known, or when they cancel out.
    """
    total = _anchor(prompt) + vectors[trimmed(prompt, rows, vectors)].sum(axis=0)
    length = np.linalg.norm(total)
    unit = total / length if length > 0 else np.full_like(total, np.nan)
    centre: Floats = unit.astype(np.float32)
    return centre


def _anchor(prompt: Floats) -> Floats:
    anchor: Floats = np.nan_to_num(ANCHOR * prompt)
    return anchor


def usual_prices(known: Ints, under_parent: Ints, shelf: Shelf) -> dict[str, Usual]:
    """Return the usual price of the known products in each currency, shrunk to the parent's."""
    prices, codes = shelf.catalogue.log_price, shelf.currency_codes
    found = {
        name: usual_price(
            prices[known[codes[known] == code]],
            prices[under_parent[codes[under_parent] == code]],
        )
        for code, name in enumerate(shelf.currency_names)
        if name
    }
    return {name: usual for name, usual in found.items() if usual}


def _filed_under_parent(row: int, shelf: Shelf) -> Ints:
    """The rows surely filed under the parent of the category at `row`; none for a root."""
    depth = int(shelf.tree.depths[row])
    if depth < 2:
        return np.empty(0, np.int64)
    parent = shelf.tree.rows(shelf.tree.lineages[row, depth - 2 : depth - 1])[0]
    filed = shelf.under(int(parent))
    return filed[shelf.catalogue.filing_confidence[filed] >= SURE]
