"""Stage 5, rerank: a cross-encoder reads page and product together.

This module is light, so that any process may import it; torch is loaded by whoever makes a
Reader.
"""

from __future__ import annotations

from typing import Protocol

from ranking.pipeline.data import Doubles, Ints
from ranking.pipeline.profile import Profile


class RerankerError(Exception):
    """A cross-encoder cannot be used; the message says why."""


class Reader(Protocol):
    """A cross-encoder that knows one shelf and the texts of its pages.

    `name` stands for the model and its weights: scores of equal names may be compared.
    """

    name: str

    def reranked(self, page: Profile, rows: Ints) -> Doubles:
        """Return (N,) for each row of the catalogue the log-odds of its expected gain,
        E[2^grade - 1] / 7, on the page: by what the model now knows."""
        ...

    def reranked_unseen(self, page: Profile, rows: Ints) -> Doubles:
        """Return (N,) the same as if nobody had judged this page: by a model that learned without
        it where this one learned from it. NaN for a product that such a model never read."""
        ...
