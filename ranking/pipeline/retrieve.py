"""Which products a page looks at: the nearest to what it is about, and those filed under it.

A page is described by the prompts made from its name and by the products known to be right
on it. Those far from the rest are left out (a trimmed mean), so that a misfiled product does
not pull the page towards it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ranking.pipeline.data import Floats, Ints, Judged, Options
from ranking.pipeline.shelf import Shelf

# "A photo of a" turns even a text encoder from what is about a thing to the thing itself.
TEMPLATES = ("{name}", "a photo of a {name}")
DESCRIPTION = 200  # characters: a description begins with what the product is
SURE = 0.8  # filings at least so sure say what a page is about
RIGHT = 2.0  # grades from here on say that a product belongs on the page
ANCHOR = 5.0  # the prompts weigh as much as so many products
TRIM = 0.2  # share of the known products, the farthest, that is left out


def prompts(name: str) -> list[str]:
    """Return the lines whose mean vector stands for a category.

    The path is left out: with the parent's name in a prompt, NDCG@10 on the Icecat pages
    falls by 0.02, because what lies beside the page then counts as near.
    """
    return [template.format(name=name) for template in TEMPLATES]


def product_line(title: str, description: str) -> str:
    """Return the line whose vector stands for a product's text."""
    return f"{title}. {description[:DESCRIPTION]}".strip()


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


def profile(page: int, shelf: Shelf, judged: Judged) -> Profile:
    """Return what the page is about. Raises KeyError for a page that is not in the tree."""
    row = int(shelf.tree.rows(np.array([page], np.int64))[0])
    if row < 0:
        raise KeyError(page)
    filed = np.flatnonzero(shelf.tree.is_under(row)[shelf.filed] & (shelf.filed >= 0))
    sure = filed[shelf.catalogue.filing_confidence[filed] >= SURE]
    here = judged.where(judged.pages == page)
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


def retrieve(profiles: Sequence[Profile], shelf: Shelf, options: Options) -> list[Ints]:
    """Return each page's candidates as ascending rows of the catalogue.

    They are the `options.candidates` nearest by text or by picture, whichever ranks a product
    higher, so that neither way's scale counts; joined by products judged right and by those
    filed in the page's subtree, of these again the nearest.
    """
    count = options.candidates
    texts = np.array([page.text for page in profiles]).reshape(len(profiles), -1)
    pictures = np.array([page.picture for page in profiles]).reshape(len(profiles), -1)
    by_text = shelf.text.rows(texts, count)
    by_picture = shelf.picture.rows(pictures, count)
    return [
        np.unique(
            np.concatenate([_best(pair, count), page.right, _nearest_filed(page, shelf, count)])
        )
        for page, *pair in zip(profiles, by_text, by_picture, strict=True)
    ]


def _best(rankings: Sequence[Ints], count: int) -> Ints:
    """The first `count` of two rankings merged by place; the lower row first where equal."""
    rows = np.concatenate(rankings)
    places = np.concatenate([np.arange(len(ranking)) for ranking in rankings])
    order = np.lexsort((rows, places))
    _, first = np.unique(rows[order], return_index=True)
    return rows[order][np.sort(first)][:count]


def _nearest_filed(page: Profile, shelf: Shelf, count: int) -> Ints:
    if len(page.filed) <= count:
        return page.filed
    nearness = np.fmax(
        shelf.text.cosines(page.text, page.filed),
        shelf.picture.cosines(page.picture, page.filed),
    )
    order = np.lexsort((page.filed, -np.nan_to_num(nearness, nan=-1.0)))
    return page.filed[order[:count]]
