"""A made-up shop of any size as arrays: a tree, products in clusters around it, a few judgments.

Vectors are drawn around their category's, categories' around their parent's and these around
their root's, as in a shop whose encoder knows what it sees. All of it follows from the seed.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from ranking.pipeline.data import NO_PARENT, UNFILED, Catalogue, Floats, Ints, Judged, Tree
from ranking.pipeline.disambiguate import Lines, Texts
from ranking.pipeline.shelf import Shelf

SEED = 20_260
ROOTS, FAMILIES = 21, 200
OWN, FAMILY, PRODUCT = 0.6, 0.8, 0.9  # how far each is from what it is drawn around
AT_ONCE = 20_000
WORDS = 6_000  # that titles are made of, beside categories' names
GRADED = 60  # products judged on each page that people judged


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    products: int = 565_000
    categories: int = 5_595
    pages: int = 1_347
    dimensions: int = 512
    judged_pages: int = 100


SMALL = Size(products=6_000, categories=400, pages=60, dimensions=64, judged_pages=12)


@dataclass(frozen=True, eq=False)
class Shop:
    """What a run is given, and where each product truly belongs."""

    shelf: Shelf
    judged: Judged
    texts: Texts
    belongs: Ints  # (P,) rows in the tree

    @property
    def pages(self) -> Ints:
        """(1347,) the pages' ids."""
        return np.array(sorted(self.shelf.tree.pages), np.int64)

    def save(self, folder: Path) -> None:
        """Write the vectors as arrays that processes share, and all else beside them."""
        catalogue = self.shelf.catalogue
        np.save(folder / "text.npy", catalogue.text)
        np.save(folder / "picture.npy", catalogue.picture)
        nothing = np.empty((0, 0), np.float32)
        bare = replace(catalogue, text=nothing, picture=nothing)
        parts = (bare, self.shelf.tree, self.judged, self.texts, self.belongs)
        (folder / "shop.pickle").write_bytes(pickle.dumps(parts))

    @classmethod
    def load(cls, folder: Path) -> Shop:
        """Return what `save` wrote; vectors are read when they are looked at."""
        with (folder / "shop.pickle").open("rb") as file:
            parts = pickle.load(file)  # noqa: S301 - our own, written a moment ago
        bare, tree, judged, texts, belongs = parts
        text, picture = (np.load(folder / f"{name}.npy", "r") for name in ("text", "picture"))
        return cls(Shelf(replace(bare, text=text, picture=picture), tree), judged, texts, belongs)


def make_shop(size: Size, *, pictures: bool = True) -> Shop:
    """Return the shop of that size; without pictures, all are unknown."""
    random = np.random.default_rng(SEED)
    tree = make_tree(size, random)
    leaves = np.flatnonzero(np.isin(tree.ids, list(tree.pages)))
    belongs = leaves[random.integers(len(leaves), size=size.products)]
    catalogue = _catalogue(size, tree, belongs, random, pictures=pictures)
    judged = _judged(size, tree, catalogue, belongs, random)
    return Shop(Shelf(catalogue, tree), judged, _texts(tree, random), belongs)


def make_tree(size: Size, random: np.random.Generator) -> Tree:
    """Return roots, families below them and leaves below these; the first leaves are pages."""
    leaves = size.categories - ROOTS - FAMILIES
    above = np.concatenate(
        [
            np.full(ROOTS, -1),
            random.integers(ROOTS, size=FAMILIES),
            np.sort(ROOTS + random.integers(FAMILIES, size=leaves)),
        ]
    )
    spread = np.repeat([1.0, FAMILY, OWN], [ROOTS, FAMILIES, leaves]).astype(np.float32)
    vectors = spread[:, None] * random.standard_normal(
        (size.categories, size.dimensions), dtype=np.float32
    )
    names: list[str] = []
    paths: list[str] = []
    for row, parent in enumerate(above.tolist()):
        if parent >= 0:
            vectors[row] += vectors[parent]
        names.append(f"Thing{row} Kind{max(parent, 0)}")
        paths.append(f"{paths[parent]} > {names[row]}" if parent >= 0 else names[row])
    ids = np.arange(1, size.categories + 1)
    pages = ids[ROOTS + FAMILIES :][: size.pages]
    parents = np.where(above >= 0, above + 1, NO_PARENT)
    return Tree(ids, parents, names, paths, _unit(vectors), frozenset(pages.tolist()))


def _catalogue(
    size: Size, tree: Tree, belongs: Ints, random: np.random.Generator, *, pictures: bool
) -> Catalogue:
    count = size.products
    filed = tree.ids[belongs]
    filed[random.random(count) < 0.05] += 1  # beside where it belongs
    filed = np.where(random.random(count) < 0.8, np.minimum(filed, len(tree)), UNFILED)
    price = random.normal(3, 1, len(tree))[belongs] + random.normal(0, 0.4, count)
    picture = _around(tree.text, belongs, random)
    picture[random.random(count) < (0.3 if pictures else 1.0)] = np.nan
    return Catalogue(
        ids=np.arange(1, count + 1),
        titles=_titles(tree, belongs, random),
        descriptions=[""] * count,
        brands=[f"Brand{number}" for number in random.integers(500, size=count).tolist()],
        text=_around(tree.text, belongs, random),
        picture=picture,
        filed_under=filed,
        filing_confidence=random.uniform(0.5, 1, count).astype(np.float32),
        log_price=price,
        currencies=["EUR"] * count,
        days_unseen=random.integers(0, 40, count).astype(np.float32),
        days_silent=np.zeros(count, np.float32),
        retailer=random.integers(1, 30, count),
        in_stock=random.random(count) < 0.95,
        group=np.arange(1, count + 1),
    )


def _titles(tree: Tree, belongs: Ints, random: np.random.Generator) -> list[str]:
    """Two words in three say the category's name; all have some of any words."""
    said = random.random(len(belongs)) < 2 / 3
    drawn = random.integers(WORDS, size=(len(belongs), 8)).tolist()
    return [
        " ".join([*([tree.names[row]] if says else []), *(f"w{word}" for word in words)])
        for row, says, words in zip(belongs.tolist(), said.tolist(), drawn, strict=True)
    ]


def _around(centres: Floats, belongs: Ints, random: np.random.Generator) -> Floats:
    """(P, D) unit vectors around where each product belongs."""
    size, width = len(belongs), centres.shape[1]
    vectors = np.empty((size, width), np.float32)
    # The centres' length before they were made units: of root, family and leaf together.
    length = np.float32(np.sqrt(width * (1 + FAMILY**2 + OWN**2)))
    for start, end in pairwise([*range(0, size, AT_ONCE), size]):
        noise = random.standard_normal((end - start, width), dtype=np.float32)
        vectors[start:end] = _unit(length * centres[belongs[start:end]] + PRODUCT * noise)
    return vectors


def _judged(
    size: Size, tree: Tree, catalogue: Catalogue, belongs: Ints, random: np.random.Generator
) -> Judged:
    """Of some pages, half of the judged products belong there and half anywhere."""
    pages, products = [], []
    for page in random.choice(sorted(tree.pages), size.judged_pages, replace=False).tolist():
        right = np.flatnonzero(tree.ids[belongs] == page)[: GRADED // 2]
        wrong = random.integers(len(catalogue), size=GRADED // 2)
        rows = np.unique(np.concatenate([right, wrong]))
        pages.append(np.full(len(rows), page))
        products.append(rows)
    page, row = np.concatenate(pages), np.concatenate(products)
    is_right = tree.ids[belongs[row]] == page
    one = np.ones(len(row))
    return Judged(
        page, catalogue.ids[row], 3.0 * is_right, one.astype(np.int64), one, 1.0 - is_right
    )


def _texts(tree: Tree, random: np.random.Generator) -> Texts:
    """Every third family has texts for the pairs of its first three pages."""
    pairs: dict[tuple[int, int], Lines] = {}
    for parent in np.unique(tree.parents[np.isin(tree.ids, list(tree.pages))])[::3].tolist():
        few = np.flatnonzero(tree.parents == parent)[:3]
        for row in few.tolist():
            for other in few[few != row].tolist():
                vectors = _unit(
                    tree.text[[row]] + 0.02 * random.standard_normal(tree.text[:1].shape)
                )
                key = int(tree.ids[row]), int(tree.ids[other])
                pairs[key] = Lines((f"w{row} rather than w{other}",), vectors)
    names = {
        int(pk): Lines((name,), tree.text[[row]])
        for row, (pk, name) in enumerate(zip(tree.ids, tree.names, strict=True))
    }
    return Texts(of_pairs=pairs, names=names)


def _unit(vectors: np.ndarray) -> Floats:
    units: Floats = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return units
