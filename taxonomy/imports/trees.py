"""Google's taxonomy format, `id - A > B > C`, read line by line."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import BinaryIO

from taxonomy.imports.lines import BadText, Lines, shown, text_of
from taxonomy.imports.rejects import Reject

VERSION = re.compile(r"#\s*Google_Product_Taxonomy_Version:\s*(\S+)")
LINE = re.compile(r"([0-9]{1,18})\s+-\s+(\S.*)")
# A name may hold ">" itself, as long as no spaces stand around it.
STEP = re.compile(r"(?:^|\s+)>(?=\s|$)")
# Control characters, halves of characters, and what only some programs take for a line's end.
UNWRITABLE = {"Cc", "Cs", "Zl", "Zp"}
NAME_LIMIT, PATH_LIMIT, STEP_LIMIT = 255, 2_000, 25  # as the columns of Category hold


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: a category's id and its names from the root."""

    line: int
    id: int
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names[-1]

    @property
    def path(self) -> str:
        return " > ".join(self.names)

    @property
    def parent_path(self) -> str:
        return " > ".join(self.names[:-1])


@dataclass(frozen=True, slots=True)
class TreeFile:
    """What a file says: its version (empty without Google's header), entries and bad lines."""

    version: str
    entries: list[Entry]
    rejects: list[Reject]


def read_tree(stream: BinaryIO) -> TreeFile:
    """Read a file in Google's format; what stands twice is set aside at its second line."""
    version, entries, rejects = "", [], []
    ids: dict[int, int] = {}
    paths: dict[str, int] = {}
    for number, line in Lines(stream):
        try:
            written = text_of(line).replace("\u00a0", " ")
            text = written.strip()
            if header := VERSION.match(text):
                version = version or header[1]
            if text and not text.startswith("#"):
                entry = _entry(number, text)
                _refuse_unwritable(entry, written)
                _refuse_repeat(entry, ids, paths)
                entries.append(entry)
        except BadText as fault:
            rejects.append(Reject(number, str(fault), "", fault.column, shown(line)))
    return TreeFile(version, entries, rejects)


def _entry(number: int, text: str) -> Entry:
    match = LINE.fullmatch(text)
    if not match:
        raise BadText("The line does not read “id - A > B > C”.")
    names = tuple(name.strip() for name in STEP.split(match[2]))
    entry = Entry(number, int(match[1]), names)
    if not all(names):
        raise BadText("The path has an empty step.")
    if len(names) > STEP_LIMIT:
        raise BadText(f"The path has more than {STEP_LIMIT} steps.")
    if len(entry.name) > NAME_LIMIT or len(entry.path) > PATH_LIMIT:
        raise BadText(
            f"The name is longer than {NAME_LIMIT} characters or the path than {PATH_LIMIT:,}."
        )
    return entry


def _refuse_unwritable(entry: Entry, written: str) -> None:
    for name in entry.names:
        for at, letter in enumerate(name, 1):
            if unicodedata.category(letter) in UNWRITABLE:
                column = written.index(name) + at
                reason = f"The name holds a character that cannot be stored, at character {column}."
                raise BadText(reason, column)


def _refuse_repeat(entry: Entry, ids: dict[int, int], paths: dict[str, int]) -> None:
    if entry.id in ids:
        raise BadText(f"The id {entry.id} stands already on line {ids[entry.id]}.")
    if entry.path in paths:
        raise BadText(f"The path “{entry.path}” stands already on line {paths[entry.path]}.")
    ids[entry.id] = paths[entry.path] = entry.line
