"""Finding categories by their names in any locale, misspelt ones too."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from taxonomy.models import Category
from taxonomy.queries.names import WORD, Names, fold, names

MISSPELT = 6  # the rank of names that do not hold the words as they were typed
LONGEST = 255  # characters of a search, as of a name; each word takes its time
FEW = 5  # with so many that do, nobody needs those that do not
CLOSE = 12  # the most of those that are shown
ALIKE = 85  # of 100: letters that two names share, from which one may be taken for the other


@dataclass(frozen=True)
class Found:
    """A category that a search found, and the name that matched when it is not the one shown.

    `misspelt` when no name holds the words just as they were typed.
    """

    category: Category
    other_name: str = ""
    misspelt: bool = False


def search(text: str, limit: int = 60, among: Collection[int] | None = None) -> list[Found]:
    """Return the categories whose name in any locale, or whose path, holds all of the words.

    Case and accents do not matter. Names that are the text come first, then those that begin
    with it, then those with a word that does; where few do, then those with words that are one
    or two letters off. A number finds the category with that id. `among` keeps only those.
    Only the first LONGEST characters are read.
    """
    wanted = fold(text[:LONGEST])
    if not wanted:
        return []
    every = names()
    best = _best(_matches(wanted, every), among)
    if len(best) < FEW:
        close = _best(_misspelt(wanted, every), among)
        best = {pk: close[pk] for pk in sorted(close, key=close.__getitem__)[:CLOSE]} | best
    order = sorted(best, key=lambda pk: (best[pk].rank, best[pk].length, pk))[:limit]
    categories = Category.objects.in_bulk(order)
    return [_found(categories[pk], best[pk]) for pk in order if pk in categories]


def meant(text: str) -> list[Category]:
    """Return the live categories that are called exactly so: by id, path or name."""
    wanted = fold(text)
    exact = {name.category for name in names().all if wanted in (str(name.category), name.path)}
    if not exact:
        exact = {name.category for name in names().all if wanted == name.folded}
    return list(Category.objects.live().filter(pk__in=exact).order_by("path")[:10])


def alike(text: str, apart_from: int | None = None, limit: int = 3) -> list[Found]:
    """Return the live categories that are called nearly so, the most alike first.

    Whole names are compared, by their letters and by their words in any order.
    """
    wanted, every = fold(text), names().all
    folded = [name.folded for name in every]
    scores: dict[int, tuple[float, str]] = {}
    for scorer in (fuzz.ratio, fuzz.token_sort_ratio):
        for _, score, at in process.extract(
            wanted, folded, scorer=scorer, score_cutoff=ALIKE, limit=limit * 4
        ):
            pk, name = every[at].category, every[at].written
            scores[pk] = max(scores.get(pk, (0.0, "")), (score, name))
    scores.pop(apart_from or 0, None)
    live = Category.objects.live().in_bulk(list(scores))
    order = sorted(live, key=lambda pk: (-scores[pk][0], pk))[:limit]
    return [_found(live[pk], _Match(0, 0, scores[pk][1])) for pk in order]


class _Match(NamedTuple):
    """How well a name matches: the lower, the better."""

    rank: int
    length: int  # of the path, or for misspelt words how unlike the whole names are
    written: str


def _best(
    matches: Iterator[tuple[int, _Match]], among: Collection[int] | None
) -> dict[int, _Match]:
    best: dict[int, _Match] = {}
    for pk, match in matches:
        if among is None or pk in among:
            best[pk] = min(best.get(pk, match), match)
    return best


def _found(category: Category, match: _Match) -> Found:
    other = "" if match.written == category.shown_name else match.written
    return Found(category, other, match.rank >= MISSPELT)


def _matches(wanted: str, every: Names) -> Iterator[tuple[int, _Match]]:
    words = wanted.split()
    for pk, written, name, path in every.all:
        rank = _rank(wanted, words, name, path)
        if rank is not None:
            yield pk, _Match(rank, len(path), written)
        elif wanted.isdecimal() and str(pk) == wanted:
            yield pk, _Match(0, len(path), written)


def _rank(wanted: str, words: list[str], name: str, path: str) -> int | None:
    if wanted in name:
        if wanted == name:
            return 0
        return 1 if name.startswith(wanted) else 2 if f" {wanted}" in name else 3
    if not all(word in path for word in words):
        return None
    return 4 if all(word in name for word in words) else 5


def _misspelt(wanted: str, every: Names) -> Iterator[tuple[int, _Match]]:
    """Give the names in which each of the words, or one like it, begins a word."""
    near = [_near(word, every.words) for word in dict.fromkeys(WORD.findall(wanted))]
    if not near or not all(near):
        return
    begins = [re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})") for words in near]
    for pk, written, name, _ in every.all:
        hits = [pattern.findall(name) for pattern in begins]
        if all(hits):
            off = sum(
                min(words[hit] for hit in found) for words, found in zip(near, hits, strict=True)
            )
            yield pk, _Match(MISSPELT + off, 100 - round(fuzz.ratio(wanted, name)), written)


def _near(word: str, words: list[str]) -> dict[str, int]:
    """Return the words, and beginnings of words, that are so few letters off, with how many."""
    off = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
    begun = {known[:length] for known in words for length in (len(word), len(word) + 1)}
    close = process.extract(
        word, begun.union(words), scorer=OSA.distance, score_cutoff=off, limit=None
    )
    return {hit: int(distance) for hit, distance, _ in close}
