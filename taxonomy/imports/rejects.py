"""What was set aside from a file, and the CSV in which people find it."""

from __future__ import annotations

import csv
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from django.conf import settings
from django.utils import timezone

# What makes a spreadsheet take a cell for a formula; apostrophes before it are counted, so
# that `restored` undoes `neutralised` for every text.
FORMULA = re.compile(r"'*[=+\-@\t\r]")
RAW_LIMIT = 2_000  # characters of the row that the CSV repeats


class Unreadable(Exception):
    """A file from which nothing (more) can be read; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was set aside: where it stands, and why, in plain words."""

    line: int  # physical line of the decompressed file, from 1
    reason: str
    field: str = ""
    column: int | None = None  # character in the line, from 1, where that is known
    raw: str = ""

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"


def neutralised(text: str) -> str:
    """Return the text so that no spreadsheet runs it as a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def restored(text: str) -> str:
    """Return what `neutralised` was given."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


class RejectsFile:
    """The CSV of what was set aside, made below the folder of rejects at the first one."""

    def __init__(self, kind: str) -> None:
        self._name = f"{kind}-{timezone.now():%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}.csv"
        self._file: IO[str] | None = None
        self.count = 0

    @property
    def name(self) -> str:
        """The file's name; empty while nothing was set aside."""
        return self._name if self.count else ""

    @property
    def path(self) -> Path:
        return Path(settings.DATA) / "rejects" / self._name

    def add(self, reject: Reject) -> None:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", errors="replace", newline="")
            csv.writer(self._file).writerow(("line", "column", "field", "reason", "row"))
        texts = (reject.field, reject.reason, reject.raw[:RAW_LIMIT])
        csv.writer(self._file).writerow(
            (reject.line, reject.column or "", *(neutralised(text) for text in texts))
        )
        self.count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
