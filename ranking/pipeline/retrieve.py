"""Which products a page looks at: the nearest to what it is about, and those filed under it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ranking.pipeline.data import Ints, Options
from ranking.pipeline.profile import Profile
from ranking.pipeline.shelf import Shelf

# "A photo of a" turns even a text encoder from what is about a thing to the thing itself.
TEMPLATES = ("{name}", "a photo of a {name}")
DESCRIPTION = 200  # characters: a description begins with what the product is


def prompts(name: str) -> list[str]:
    """Return the lines whose mean vector stands for a category.

    The path is left out: with the parent's name in a prompt, NDCG@10 on the Icecat pages
    falls by 0.02, because what lies beside the page then counts as near.
    """
    return [template.format(name=name) for template in TEMPLATES]


def product_line(title: str, description: str) -> str:
    """Return the line whose vector stands for a product's text.

    With the title alone, NDCG@10 of the text's fit on the Icecat pages is 0.86 and not 0.94.
    """
    return f"{title}. {description[:DESCRIPTION]}".strip()


def retrieve(profiles: Sequence[Profile], shelf: Shelf, options: Options) -> list[Ints]:
    """Return each page's candidates as ascending rows of the catalogue.

    They are the `options.candidates` nearest by text or by picture, whichever ranks a product
    higher, so that neither way's scale counts; joined by products judged right and by those
    filed in the page's subtree, of these again the nearest.
    """
    if not profiles:
        return []
    count = options.candidates
    by_text = shelf.text.rows(np.stack([page.text for page in profiles]), count)
    by_picture = shelf.picture.rows(np.stack([page.picture for page in profiles]), count)
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
