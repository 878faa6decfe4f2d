"""The cross-encoder's versions, ready to read. For workers: loads models."""

from __future__ import annotations

from ranking.pipeline.disambiguate import Texts
from ranking.pipeline.rerank import Reader
from ranking.pipeline.shelf import Shelf


def load_reader(version: int | None, shelf: Shelf, texts: Texts) -> Reader | None:
    """Return the cross-encoder of that version (a Training's id) over this shelf and its texts.

    None without a version.
    """
    if version is None:
        return None
    raise NotImplementedError(version, shelf, texts)
