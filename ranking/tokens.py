"""Keeps the token ids of products' texts in files, so that no title is cut into tokens twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ranking.pipeline.rerank.tokens import TokenIds, Tokens
from ranking.vectors import Keys, VectorStore, text_key


class KeptTokens:
    """The ids that a tokenizer gives, read from files where they were kept before.

    They grow as the vectors of texts do, by new and changed products.
    """

    def __init__(self, folder: Path, tokens: Tokens) -> None:
        """Open the files below `folder` that belong to this tokenizer, or start them."""
        self.tokens = tokens
        self.store = VectorStore(folder / tokens.name, tokens.length, tokens.dtype)

    def keys(self, lines: Sequence[str]) -> Keys:
        """Return (N,) the keys under which lines' ids are kept."""
        return np.array([text_key(line) for line in lines], np.uint64)

    def __call__(self, lines: Sequence[str]) -> TokenIds:
        """Return (N, length) ids of lines, padded behind."""
        ids, known = self.store.take_whole(self.keys(lines))
        new = [line for line, is_known in zip(lines, known, strict=True) if not is_known]
        ids[~known] = self.tokens(new)
        return ids
