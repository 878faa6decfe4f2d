"""What is usual in a whole shop: the figures by which any one product is measured.

They are taken when a run learns and kept as a file beside what it learned, and runs that build on
it use the same: so a product that comes or goes changes nothing on pages that do not know it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np

from ranking.pipeline.data import Catalogue, Floats, Tree
from ranking.pipeline.nearest import even_sample
from ranking.pipeline.shares import Statistics


@dataclass(frozen=True, eq=False)
class Norms:
    """An even sample of the shop's vectors, and how often words are said."""

    text: Floats  # (at most SAMPLE, D)
    picture: Floats  # likewise
    words: Statistics

    @classmethod
    def of(cls, catalogue: Catalogue, tree: Tree) -> Norms:
        """Return what is usual in this catalogue, for the names of this tree."""
        texts = map(text_of, catalogue.titles, catalogue.descriptions)
        words = Statistics.of(texts, tree.names)
        return cls(even_sample(catalogue.text), even_sample(catalogue.picture), words)

    @cached_property
    def digest(self) -> str:
        """Of all that signals depend on."""
        content = blake2b(json.dumps(asdict(self.words)).encode(), digest_size=32)
        for sample in (self.text, self.picture):
            content.update(np.ascontiguousarray(sample, np.float32).tobytes())
        return content.hexdigest()

    def save(self, path: Path) -> None:
        """Write the norms as arrays; vectors in half precision where that loses nothing."""
        words = np.array(json.dumps(asdict(self.words)))
        with path.open("wb") as file:
            np.savez(file, text=_short(self.text), picture=_short(self.picture), words=words)

    @classmethod
    def load(cls, path: Path) -> Norms:
        """Read what `save` wrote. Raises OSError and ValueError."""
        with path.open("rb") as file, np.load(file) as kept:
            text, picture = (kept[name].astype(np.float32) for name in ("text", "picture"))
            return cls(text, picture, Statistics(**json.loads(str(kept["words"]))))


def text_of(title: str, description: str) -> str:
    """Return what of a product is searched for the words of names."""
    return f"{title} {description}"


def _short(sample: Floats) -> np.ndarray:
    half = sample.astype(np.float16)
    return half if np.array_equal(half, sample) else sample
