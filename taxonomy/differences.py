"""What differs between two texts, word by word, and what both of two editors wanted."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from enum import StrEnum

WORD = re.compile(r"\n|\S+")


class Kind(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True)
class Piece:
    """Some words that both texts have, or only the one before, or only the one after."""

    kind: Kind
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """Return both texts as one row of pieces; what goes stands before what comes in its place."""
    old, new = WORD.findall(before), WORD.findall(after)
    pieces: list[Piece] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece(Kind.SAME, _joined(old[from_old:to_old])))
            continue
        if to_old > from_old:
            pieces.append(Piece(Kind.GONE, _joined(old[from_old:to_old])))
        if to_new > from_new:
            pieces.append(Piece(Kind.NEW, _joined(new[from_new:to_new])))
    return pieces


def merged(base: list[str], theirs: list[str], mine: list[str]) -> list[str]:
    """Return the lines of two editors who both went on from `base`.

    A line that either took out is out; what I wrote anew follows what they have.
    """
    stay = [line for line in theirs if line in mine or line not in base]
    return stay + [line for line in mine if line not in base and line not in theirs]


def _joined(words: list[str]) -> str:
    return " ".join(words).replace(" \n", "\n").replace("\n ", "\n")
