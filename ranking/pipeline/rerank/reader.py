"""Reads products for pages with a cross-encoder: the Reader of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np

from ranking.pipeline.data import Doubles, Ints
from ranking.pipeline.disambiguate import Texts
from ranking.pipeline.profile import Profile
from ranking.pipeline.rerank import RerankerError
from ranking.pipeline.rerank.batches import read_pairs
from ranking.pipeline.rerank.model import PairModel
from ranking.pipeline.rerank.scores import Keys, Scores, pair_keys
from ranking.pipeline.rerank.texts import page_text, product_text_at
from ranking.pipeline.rerank.tokens import TokenIds, Tokens
from ranking.pipeline.shelf import Shelf
from ranking.pipeline.weights import digest, fast_precision

HELD_OUT = "held_out.npz"  # in a model's folder: see `HeldOut`
FILES = ("*.safetensors", "*.json", "*.txt")  # of a model's folder: all that changes what it says


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What models that had not seen a page thought of its products: H pairs."""

    pages: Ints
    products: Ints
    scores: Doubles

    @classmethod
    def load(cls, path: Path) -> HeldOut:
        """Return what the file holds, nothing where there is none. Raises RerankerError."""
        if not path.exists():
            return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        try:
            with path.open("rb") as file, np.load(file) as kept:
                return cls(kept["page"], kept["product"], kept["score"])
        except Exception as error:  # whatever a damaged file makes numpy raise
            raise RerankerError(f"{path} cannot be read: {error}") from error

    def __contains__(self, page: int) -> bool:
        return bool((self.pages == page).any())

    def of(self, page: int, products: Ints) -> Doubles:
        """Return (N,) the scores on that page; NaN for a product that was not read."""
        here = self.pages == page
        known = dict(zip(self.products[here].tolist(), self.scores[here].tolist(), strict=True))
        return np.array([known.get(product, np.nan) for product in products.tolist()], np.float64)


class PairReader:
    """A Reader over one shelf and its texts; see `ranking.pipeline.rerank.Reader`."""

    def __init__(
        self,
        name: str,
        model: PairModel,
        shelf: Shelf,
        texts: Texts,
        held_out: HeldOut,
        *,
        tokens: Callable[[Sequence[str]], TokenIds] | None = None,
        scores: Scores | None = None,
    ) -> None:
        """Read with the model in the precision it has; `tokens` may know products' ids already,
        `scores` what was read before."""
        self.name = name
        self._model, self._shelf, self._texts, self._held_out = model, shelf, texts, held_out
        self._tokens = tokens or product_tokens(model)
        self._scores = scores

    def reranked(self, page: Profile, rows: Ints) -> Doubles:
        """Return (N,) the log-odds of each row's expected gain on the page."""
        lines = [product_text_at(self._shelf.catalogue, row) for row in rows.tolist()]
        if self._scores is None:
            return self._read(page, rows, lines)
        keys = self._keys(page, rows, lines)
        scores = self._scores.take(page.page, keys)
        new = np.flatnonzero(np.isnan(scores))
        if len(new):
            scores[new] = self._read(page, rows[new], [lines[place] for place in new])
            self._scores.keep(page.page, keys, scores)
        return scores

    def reranked_unseen(self, page: Profile, rows: Ints) -> Doubles:
        """Return (N,) what is thought of each row by models that had not seen the page."""
        if page.page in self._held_out:
            return self._held_out.of(page.page, self._shelf.catalogue.ids[rows])
        return self.reranked(page, rows)

    def _keys(self, page: Profile, rows: Ints, lines: Sequence[str]) -> Keys:
        products = [line.encode("utf-8", "surrogatepass") for line in lines]
        about = self._page_text(page.page).encode("utf-8", "surrogatepass")
        if self._looks:
            pictures = self._shelf.catalogue.picture[rows]
            products = [
                line + picture.tobytes() for line, picture in zip(products, pictures, strict=True)
            ]
            about += page.prompt.tobytes()
        return pair_keys(about, products)

    def _read(self, page: Profile, rows: Ints, lines: Sequence[str]) -> Doubles:
        tokens = self._page_tokens.of_one(self._page_text(page.page))
        pictures = self._shelf.catalogue.picture[rows] if self._looks else None
        looked = page.prompt if self._looks else None
        return read_pairs(self._model, tokens, self._tokens(lines), pictures, looked)

    def _page_text(self, page: int) -> str:
        return page_text(self._shelf.tree, self._texts, page)

    @property
    def _looks(self) -> bool:
        return self._model.reading.picture != "none"

    @cached_property
    def _page_tokens(self) -> Tokens:
        return Tokens(self._model.tokenizer, self._model.reading.page_tokens)


def load_pair_model(folder: Path) -> tuple[str, PairModel]:
    """Return the model in the folder in the precision that reads fastest here, and a name that
    stands for both. Raises RerankerError if something is missing or damaged."""
    model, precision = PairModel.load(folder), fast_precision()
    files = sorted(path for pattern in FILES for path in folder.glob(pattern))
    return f"{digest(*files)}-{str(precision).removeprefix('torch.')}", model.to(precision)


def learned_digest(folder: Path) -> str:
    """Return 32 hexadecimal digits of a learned model: its weights, how they read, and what was
    read of pages that they learned from. Raises OSError if one of these is missing."""
    content = blake2b(digest_size=16)
    for path in sorted([*folder.glob("*.safetensors"), folder / "reading.json"]):
        content.update(path.read_bytes())
    content.update((folder / HELD_OUT).read_bytes())
    return content.hexdigest()


def product_tokens(model: PairModel) -> Tokens:
    """Return what makes products' lines the ids that the model reads."""
    return Tokens(model.tokenizer, model.reading.product_tokens)
