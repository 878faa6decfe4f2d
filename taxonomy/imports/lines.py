"""A file as numbered physical lines: gzip, encodings and bombs end here."""

from __future__ import annotations

import gzip
import io
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from taxonomy.imports.rejects import Unreadable

LINE_LIMIT = 1 << 20  # bytes; what a longer line has beyond it is never held in memory
BOM = b"\xef\xbb\xbf"
GZIP = b"\x1f\x8b"
WIDE = (b"\xff\xfe", b"\xfe\xff")

Progress = Callable[[int], object]


def source_name(source: str | Path) -> str:
    """Return what a file or address is called, as a database can keep it, in 500 characters."""
    return str(source)[:500].encode(errors="replace").decode()  # names need not be UTF-8


class BadText(Exception):
    """A line that cannot be read as text, with the character where that shows."""

    def __init__(self, reason: str, column: int | None = None) -> None:
        super().__init__(reason)
        self.column = column


def unwatched(_: object) -> None:
    """Take what is told when nobody listens."""


class _Watched(io.FileIO):
    """A file that tells how many of its bytes were read."""

    def __init__(self, path: Path, progress: Progress) -> None:
        super().__init__(str(path), "rb")
        self._progress = progress

    def readinto(self, buffer: bytearray | memoryview) -> int | None:  # type: ignore[override]  # a FileIO is only ever given these
        count = super().readinto(buffer)
        self._progress(count or 0)
        return count


class _Unzipped(io.RawIOBase):
    """What gzip holds, given as it comes, so that nothing before a break is lost."""

    def __init__(self, plain: io.BufferedReader[Any]) -> None:
        self._unzipped = gzip.GzipFile(fileobj=plain)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # as above
        part = self._unzipped.read1(len(buffer))
        buffer[: len(part)] = part
        return len(part)


@contextmanager
def opened(path: Path, progress: Progress = unwatched) -> Iterator[io.BufferedReader[Any]]:
    """Open a file for reading, decompressing as it goes if its first bytes say gzip.

    `progress` gets the number of bytes taken from the disk at each read. Raises `Unreadable`
    for a file that is not there, is in UTF-16, or whose compressed data break off.
    """
    try:
        with io.BufferedReader(_Watched(path, progress), 1 << 16) as plain:
            yield _decompressed(plain)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Unreadable(f"The compressed data of {path.name} break off or are damaged.") from error
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        if error.filename != str(path):
            raise
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error


def _decompressed(plain: io.BufferedReader[Any]) -> io.BufferedReader[Any]:
    stream = plain
    if plain.peek(2).startswith(GZIP):
        stream = io.BufferedReader(_Unzipped(plain), 1 << 16)
    if stream.peek(2).startswith(WIDE):
        raise Unreadable("The file is in UTF-16. Save it as UTF-8 and try again.")
    if stream.peek(3).startswith(BOM):
        stream.read(3)
    return stream


class Lines:
    """Numbered lines without their ends; read ahead, and put back what was not wanted."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._number = 0
        self._back: deque[tuple[int, bytes]] = deque()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        return self

    def __next__(self) -> tuple[int, bytes]:
        if self._back:
            return self._back.popleft()
        line = self._stream.readline(LINE_LIMIT + 1)
        if not line:
            raise StopIteration
        self._number += 1
        if len(line) > LINE_LIMIT and not line.endswith(b"\n"):
            self._skip_rest_of_line()
        return self._number, line.removesuffix(b"\n").removesuffix(b"\r")

    def _skip_rest_of_line(self) -> None:
        while (part := self._stream.readline(LINE_LIMIT)) and not part.endswith(b"\n"):
            pass

    def peek(self) -> bytes | None:
        """Return the next line without taking it, or None at the end."""
        following = next(self, None)
        if following is None:
            return None
        self._back.appendleft(following)
        return following[1]

    def put_back(self, lines: list[tuple[int, bytes]]) -> None:
        """Give lines back, to be read again in the same order."""
        self._back.extendleft(reversed(lines))


def text_of(line: bytes) -> str:
    """Return the line as text; raises `BadText` for broken UTF-8, NUL and overlong lines."""
    if len(line) > LINE_LIMIT:
        raise BadText(f"The line is longer than {LINE_LIMIT:,} bytes.")
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        column = len(line[: error.start].decode()) + 1
        reason = f"The text is not UTF-8 at character {column} (broken encoding)."
        raise BadText(reason, column) from error
    if "\0" in text:
        column = text.index("\0") + 1
        raise BadText(f"There is a NUL character at character {column}.", column)
    return text


def shown(line: bytes) -> str:
    """Return the line as people can see it, whatever is wrong with it."""
    return line[:8_000].decode(errors="backslashreplace").replace("\0", "\\x00")
