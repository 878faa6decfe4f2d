"""What was read is not read again: each page's last scores, in a file of its own.

A page's file holds the pairs that were asked for last, `KEPT` at most, and is replaced as a whole:
so a folder of scores is as large as its pages, never larger for having been used for long.
"""

from __future__ import annotations

import hashlib
import logging
import os
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ranking.pipeline.data import Doubles, Floats

logger = logging.getLogger(__name__)

Keys = NDArray[np.uint64]

# What numpy and zipfile raise for files that are missing, cut short or changed.
DAMAGED = (OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile)
KEPT = 2_000  # pairs a page: ten times what a run looks at


def pair_keys(page: bytes, products: Sequence[bytes]) -> Keys:
    """Return (N,) the first 64 bits of a digest of all that is read of page and product."""
    of_page = hashlib.blake2b(page, digest_size=16).digest()
    digests = [hashlib.blake2b(product, digest_size=8, key=of_page) for product in products]
    return np.array([int.from_bytes(each.digest(), "little") for each in digests], np.uint64)


class Scores:
    """The scores that one model gave, by page."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, page: int, keys: Keys) -> Doubles:
        """Return (N,) the scores of these pairs; NaN where one is not kept."""
        known, scores = self._kept(page)
        if not len(known):
            return np.full(len(keys), np.nan)
        order = np.argsort(known)
        at = np.searchsorted(known[order], keys).clip(max=len(known) - 1)
        found = order[at]
        return np.where(known[found] == keys, scores[found], np.nan).astype(np.float64)

    def keep(self, page: int, keys: Keys, scores: Doubles) -> None:
        """Keep the page's scores in single precision, and of those kept before the newest.

        They save time alone: where they cannot be written, they are read again another day.
        """
        known, before = self._kept(page)
        older = ~np.isin(known, keys)
        kept = np.concatenate([keys, known[older]])[:KEPT]
        values = np.concatenate([scores.astype(np.float32), before[older]])[:KEPT]
        path = self._path(page)
        half = path.with_suffix(f".{os.getpid()}")  # nobody ever reads half a file
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with half.open("wb") as file:
                np.savez(file, keys=kept, scores=values)
            half.replace(path)
        except OSError as error:  # a full disk, or a folder that was just forgotten
            logger.warning("scores of page %s are not kept: %s", page, error)
            with suppress(OSError):
                half.unlink()

    def _kept(self, page: int) -> tuple[Keys, Floats]:
        """The page's pairs and scores, newest first; none when they cannot be read."""
        try:
            with self._path(page).open("rb") as file, np.load(file) as kept:
                return kept["keys"], kept["scores"]
        except DAMAGED:
            return np.empty(0, np.uint64), np.empty(0, np.float32)

    def _path(self, page: int) -> Path:
        return self._folder / f"{page}.npz"
