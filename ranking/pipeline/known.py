"""What a page's ranking follows from, known as soon as its candidates are: equal then, equal later.

Of each candidate all that the catalogue says counts, whichever stage may read it, so that no stage
can be forgotten. What is learned, the tree and the norms count as a whole: where one of them
changes, all pages do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np

from ranking.pipeline.blend import Blend
from ranking.pipeline.data import Catalogue, Ints, Options, Tree
from ranking.pipeline.disambiguate import Guide
from ranking.pipeline.outliers.detector import Detector
from ranking.pipeline.profile import Profile
from ranking.pipeline.rerank import Reader
from ranking.pipeline.rules import ages
from ranking.pipeline.shelf import Shelf

# Grows from night to night without a word from anybody: it counts as far as rules look at it.
IN_AGES = ("days_silent",)


class Marks:
    """A digest of all that a catalogue says of each product, made when it is first asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._ids = catalogue.ids
        names = [column.name for column in fields(catalogue) if column.name not in IN_AGES]
        columns = [getattr(catalogue, name) for name in names]
        self._columns: list[Any] = [column for column in columns if len(column)]
        self._marks: dict[int, bytes] = {}

    def of(self, rows: Ints) -> bytes:
        """Return the rows' ids and their marks, one behind the other."""
        return self._ids[rows].tobytes() + b"".join(map(self.mark, rows.tolist()))

    def mark(self, row: int) -> bytes:
        """Return the mark of one row: 16 bytes."""
        if row not in self._marks:
            values = [_bytes(column[row]) for column in self._columns]
            self._marks[row] = _digest(*values)
        return self._marks[row]


@dataclass(frozen=True, eq=False)
class Known:
    """What the pages of a run are ranked with, and what the run before it knew of them."""

    shelf: Shelf
    blend: Blend
    guide: Guide | None = None
    reader: Reader | None = None
    detector: Detector | None = None
    before: Mapping[int, str] = field(default_factory=dict)  # page → what `of` returned then

    def of(self, page: Profile, rows: Ints, options: Options) -> str:
        """Return 32 hexadecimal digits of all that the ranking of these candidates follows from."""
        parts = (
            self._shared,
            np.int64(page.page).tobytes(),
            json.dumps(asdict(options)).encode(),
            *self._page(page),
            self._marks.of(rows),
            self._ages(rows, options),
            *self._siblings(page.page),
        )
        return _digest(*parts).hex()

    def _page(self, page: Profile) -> Iterator[bytes]:
        yield from (vector.tobytes() for vector in (page.prompt, page.text, page.picture))
        yield from (self._marks.of(rows) for rows in (page.known, page.right))
        yield json.dumps({code: asdict(price) for code, price in page.usual.items()}).encode()

    def _ages(self, rows: Ints, options: Options) -> bytes:
        """How old the rules take the candidates for."""
        unseen, silent = self.shelf.catalogue.days_unseen, self.shelf.catalogue.days_silent
        return ages(unseen[rows], silent[rows], options).tobytes()

    def _siblings(self, page: int) -> Iterator[bytes]:
        """What the texts that tell the page from its siblings follow from; nothing without any."""
        if self.guide is None or not self.guide.is_asked(page):
            return
        for sibling in self.guide.siblings(self.shelf.tree.parent_of[page]).profiles:
            yield np.int64(sibling.page).tobytes() + self._marks.of(sibling.known)
        for place, lines in self.guide.lines_about(page):
            yield json.dumps([place, lines.texts]).encode() + lines.vectors.tobytes()

    @cached_property
    def _shared(self) -> bytes:
        """What all pages follow from."""
        head = self.guide.head.digest if self.guide else ""
        names = (self.blend.digest, head, self.reader.name if self.reader else "")
        detector = self.detector.digest if self.detector else ""
        told = json.dumps([*names, detector, self.shelf.norms.digest]).encode()
        return _digest(told, tree_digest(self.shelf.tree))

    @cached_property
    def _marks(self) -> Marks:
        return Marks(self.shelf.catalogue)


def tree_digest(tree: Tree) -> bytes:
    """Return 16 bytes of all that rankings follow from in a tree."""
    pages = np.array(sorted(tree.pages), np.int64)
    names = json.dumps([tree.names, tree.paths]).encode()
    return _digest(tree.ids.tobytes(), tree.parents.tobytes(), names, tree.text, pages.tobytes())


def _digest(*parts: Any) -> bytes:
    content = blake2b(digest_size=16)
    for part in parts:
        view = memoryview(part).cast("B") if len(part) else b""
        content.update(len(view).to_bytes(8, "big"))
        content.update(view)
    return content.digest()


def _bytes(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    return np.asarray(value).tobytes()
