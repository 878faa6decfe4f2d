"""Files of judgments that are read while somebody waits."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from judgments.actions import JudgmentFigures, import_judgments
from judgments.imports import judgment_rows
from judgments.imports.formats import format_of
from taxonomy.imports.lines import GZIP

BYTE_LIMIT, ROW_LIMIT = 4 << 20, 20_000  # what can be read while a page waits
TOO_LARGE = (
    f"Nothing was read: a page reads files of at most {BYTE_LIMIT >> 20} MB and {ROW_LIMIT:,} rows."
    " The command import_judgments reads larger ones."
)


class NotRead(Exception):
    """The file was not even tried; the message says why."""


def read_uploaded(file: object, *, simulated: bool) -> JudgmentFigures:
    """Read an uploaded file of judgments that were made elsewhere. Raises NotRead, Unreadable."""
    if not isinstance(file, UploadedFile) or not file.size:
        raise NotRead("Choose a file first: the one given is empty, or there is none.")
    if file.size > BYTE_LIMIT:
        raise NotRead(TOO_LARGE)
    if file.read(len(GZIP)) == GZIP:  # a page has no time for all that it may hold
        raise NotRead("The file is compressed. Unpack it, and upload what it holds.")
    if format_of(Path(str(file.name))) == "parquet":
        raise NotRead("Parquet is read by the command import_judgments, not by a page.")
    return _read(file, simulated=simulated)


def _read(file: UploadedFile[Any], *, simulated: bool) -> JudgmentFigures:
    form = format_of(Path(str(file.name)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "judgments"
        with path.open("wb") as copy:
            copy.writelines(file.chunks())
        with judgment_rows(path, form=form) as rows:
            if any(islice(rows, ROW_LIMIT, None)):
                raise NotRead(TOO_LARGE)
        return import_judgments(path, form=form, source=str(file.name), simulated=simulated)
