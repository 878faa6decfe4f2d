"""Keeps encoded vectors in files, so that nothing is encoded twice.

A store is a folder with three files: `keys` (uint64, one after the other), `vectors` (float16
unless told, row after row, in the same order) and `manifest.json`, which says how many of them
count. The two arrays only ever grow at their end, and the manifest is replaced in one step after
they were written to disk. So a reader sees all of an append or nothing of it, whatever happens to
the writer, and what a dead writer left behind the counted part is overwritten by the next.

Keys are the first 64 bits of a BLAKE2b digest of what was encoded. Among a million of them the
odds that any two collide are 1 in 37 million.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Keys = NDArray[np.uint64]
Rows = NDArray[Any]
_ROWS_AT_ONCE = 65_536  # bounds the memory that `take` needs beside its result


class VectorStoreError(Exception):
    """The files of a store do not fit each other or the encoder; the message says how."""


def text_key(text: str) -> np.uint64:
    """Return the key of a text's vector."""
    return _digest(text, b"text")


def picture_key(picture: str) -> np.uint64:
    """Return the key of a picture's vector; `picture` is its name, which stands for its content."""
    return _digest(picture, b"picture")


def _digest(content: str, kind: bytes) -> np.uint64:
    digest = hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=8, person=kind)
    return np.uint64(int.from_bytes(digest.digest(), "little"))


class VectorStore:
    """The vectors of one encoder version, known by the keys of what they were made from.

    Any number of processes may read and append at the same time. Rows of whole numbers, a
    tokenizer's ids for one, are kept as well, by a `dtype` of theirs.
    """

    def __init__(self, folder: Path, dimensions: int, dtype: DTypeLike = np.float16) -> None:
        """Open the store in `folder`, or start it; raises VectorStoreError if it is another's."""
        self.folder = folder
        self.dimensions = dimensions
        self._dtype = np.dtype(dtype)
        self._row_size = self._dtype.itemsize * dimensions
        self._manifest = folder / "manifest.json"
        self._keys_file = folder / "keys"
        self._vectors_file = folder / "vectors"
        self._count = 0
        # The known keys in ascending order, and the row of each.
        self._sorted: Keys = np.empty(0, np.uint64)
        self._rows: NDArray[np.int64] = np.empty(0, np.int64)
        self._vectors: Rows = np.empty((0, dimensions), self._dtype)
        folder.mkdir(parents=True, exist_ok=True)
        self._refresh()

    def __len__(self) -> int:
        self._refresh()
        return self._count

    def missing(self, keys: Keys | Sequence[np.uint64]) -> NDArray[np.intp]:
        """Return where in `keys` the unknown ones stand, each of them once, in their order."""
        self._refresh()
        wanted = np.asarray(keys, np.uint64)
        first = np.unique(wanted, return_index=True)[1]
        unknown: NDArray[np.intp] = np.sort(first[self._find(wanted[first]) < 0])
        return unknown

    def append(self, keys: Keys | Sequence[np.uint64], vectors: Rows) -> None:
        """Store (N, D) vectors under N keys; known keys and vectors with NaN are passed over.

        Returns when they are safely on disk. An OSError, a full disk's for one, leaves the
        store as it was.
        """
        offered = np.asarray(keys, np.uint64)
        if vectors.shape != (len(offered), self.dimensions):
            message = f"{len(offered)} keys of {self.dimensions} dimensions, got {vectors.shape}."
            raise VectorStoreError(message)
        with self._lock():
            new = self.missing(offered)
            new = new[~np.isnan(vectors[new]).any(axis=1)]
            if len(new):
                self._write(offered[new], vectors[new].astype(self._dtype))
        self._refresh()

    def take(self, keys: Keys | Sequence[np.uint64]) -> NDArray[np.float32]:
        """Return the vectors of `keys` as (N, D); a row of NaN for every unknown key."""
        rows = self._find_now(keys)
        taken = np.full((len(rows), self.dimensions), np.nan, np.float32)
        self._copy(rows, taken)
        return taken

    def take_whole(self, keys: Keys | Sequence[np.uint64]) -> tuple[Rows, NDArray[np.bool_]]:
        """Return the rows of `keys` as they are kept, (N, D), with zeros for unknown keys; and
        (N,) which keys are known."""
        rows = self._find_now(keys)
        taken = np.zeros((len(rows), self.dimensions), self._dtype)
        self._copy(rows, taken)
        return taken, rows >= 0

    def _copy(self, rows: NDArray[np.int64], taken: Rows) -> None:
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[start : start + _ROWS_AT_ONCE]
            known = np.flatnonzero(part >= 0)
            taken[start + known] = self._vectors[part[known]]

    def _find_now(self, keys: Keys | Sequence[np.uint64]) -> NDArray[np.int64]:
        """Return the row of every key, those among them that were appended just now."""
        self._refresh()
        return self._find(np.asarray(keys, np.uint64))

    def _find(self, keys: Keys) -> NDArray[np.int64]:
        """Return the row of every key, −1 where it is unknown."""
        if not self._count:
            return np.full(len(keys), -1, np.int64)
        at = np.searchsorted(self._sorted, keys).clip(max=self._count - 1)
        return np.where(self._sorted[at] == keys, self._rows[at], -1)

    def _refresh(self) -> None:
        """Take in what was appended since the last look, here or by another process."""
        count = self._counted()
        if count == self._count:
            return
        added: Keys = np.fromfile(
            self._keys_file, np.uint64, count - self._count, offset=8 * self._count
        )
        size = self._row_size * count
        if len(added) != count - self._count or self._vectors_file.stat().st_size < size:
            raise VectorStoreError(f"{self.folder} lacks vectors that its manifest counts.")
        order = np.argsort(added, kind="stable")
        at = np.searchsorted(self._sorted, added[order])
        self._sorted = np.insert(self._sorted, at, added[order])
        self._rows = np.insert(self._rows, at, order + self._count)
        shape = (count, self.dimensions)
        self._vectors = np.memmap(self._vectors_file, self._dtype, "r", shape=shape)
        self._count = count

    def _counted(self) -> int:
        try:
            manifest = json.loads(self._manifest.read_bytes())
        except FileNotFoundError:
            return 0
        if manifest["dimensions"] != self.dimensions:
            message = f"{self.folder} holds vectors of {manifest['dimensions']} dimensions,"
            raise VectorStoreError(f"{message} not {self.dimensions}.")
        count: int = manifest["count"]
        return count

    def _write(self, keys: Keys, vectors: Rows) -> None:
        """Write behind the counted part and then count it; the lock is held."""
        before = self._count
        try:
            _write_at(self._keys_file, 8 * before, keys.tobytes())
            _write_at(self._vectors_file, self._row_size * before, vectors.tobytes())
            self._count_to(before + len(keys))
        except OSError:
            if self._counted() == before:
                self._cut(before)
            raise

    def _cut(self, count: int) -> None:
        """Give back the room of what does not count, for whoever needs the disk now."""
        for path, size in ((self._keys_file, 8), (self._vectors_file, self._row_size)):
            if path.exists():
                os.truncate(path, min(path.stat().st_size, size * count))

    def _count_to(self, count: int) -> None:
        manifest = {"count": count, "dimensions": self.dimensions}
        draft = self._manifest.with_suffix(".new")
        draft.unlink(missing_ok=True)
        _write_at(draft, 0, json.dumps(manifest).encode())
        draft.replace(self._manifest)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # the replacement itself
        finally:
            os.close(folder)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Hold the store against other writers; the system lets go when a process dies."""
        with (self.folder / "lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _write_at(path: Path, offset: int, content: bytes) -> None:
    """Write the content at the offset and wait until it is on disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o644), "wb") as file:
        file.seek(offset)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
