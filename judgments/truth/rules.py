"""Rules by which several people's words become one grade. Plain Python: the web process has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import fsum
from statistics import median, median_low
from typing import Protocol, TypeVar

from judgments.truth.weighing import ADJUDICATOR, DAWID_SKENE, MERCHANDISER, WEIGHTED, Rule

Key = TypeVar("Key")


class Sourced(Protocol):
    """Anything that somebody said: from which source, and when."""

    @property
    def source(self) -> str: ...
    @property
    def number(self) -> int: ...


Said = TypeVar("Said", bound=Sourced)
HAIR = 1e-9  # sums of weights that differ by less are equal


@dataclass(frozen=True, slots=True)
class Word:
    """What one person says now of a product on a page."""

    annotator: int
    grade: int
    source: str
    number: int  # the judgment's id: a later word has a higher one
    elsewhere: bool = False  # whether they named another category as the product's own


@dataclass(frozen=True, slots=True)
class Truth:
    """What a product is on a page, for all that is learned."""

    grade: float  # 0 to 3
    weight: float  # of all who spoke, summed: one whole person is 1
    people: int  # who spoke, merchandisers not among them
    elsewhere: float | None  # share of them who named another category; None for nobody


def settled(words: Mapping[Key, Sequence[Word]], rule: Rule) -> dict[Key, Truth]:
    """Return the truth about each pair; every pair has one word or more, one of each person."""
    grades = _grades(words, rule)
    return {
        key: Truth(
            grades[key],
            fsum(rule.weight(word.annotator, word.source) for word in of_pair),
            sum(word.source != MERCHANDISER for word in of_pair),
            _elsewhere(of_pair),
        )
        for key, of_pair in words.items()
    }


def _elsewhere(words: Sequence[Word]) -> float | None:
    heard = voices(words)
    return sum(word.elsewhere for word in heard) / len(heard) if heard else None


def _grades(words: Mapping[Key, Sequence[Word]], rule: Rule) -> dict[Key, float]:
    if rule.name == DAWID_SKENE:
        from judgments.truth.dawid_skene import most_likely  # loads arrays

        return most_likely(words, rule)
    by_weight = rule.name == WEIGHTED
    return {
        key: _weighted(of_pair, rule) if by_weight else median_of(of_pair)
        for key, of_pair in words.items()
    }


def decision(words: Iterable[Said]) -> Said | None:
    """Return the adjudicators' newest word; None where none of them spoke."""
    adjudicators = (word for word in words if word.source == ADJUDICATOR)
    return max(adjudicators, key=lambda word: word.number, default=None)


def voices(words: Sequence[Said]) -> list[Said]:
    """Return whose word says where a product belongs: who decided, alone; else all but
    merchandisers, who may hide a product for other reasons."""
    last = decision(words)
    return [word for word in words if word.source != MERCHANDISER] if last is None else [last]


def decided(words: Iterable[Word]) -> int | None:
    """Return the grade of the adjudicators' newest word; None where none of them spoke."""
    last = decision(words)
    return None if last is None else last.grade


def median_of(words: Sequence[Word]) -> float:
    """Return what was decided, else the median of all grades: of two middle ones the mean."""
    grade = decided(words)
    return float(median(word.grade for word in words) if grade is None else grade)


def whole_median_of(words: Sequence[Word]) -> int:
    """Return what was decided, else the median of all grades: of two middle ones the lower."""
    grade = decided(words)
    return median_low(word.grade for word in words) if grade is None else grade


def _weighted(words: Sequence[Word], rule: Rule) -> float:
    grade = decided(words)
    if grade is not None:
        return float(grade)
    weighed = [(word.grade, rule.weight(word.annotator, word.source)) for word in words]
    return weighted_median(weighed)


def weighted_median(weighed: Iterable[tuple[int, float]]) -> float:
    """Return the grade with half the weight on either side of it, of (grade, weight) pairs.

    Where the halves part between two grades, their mean. With equal weights it is the median; so
    it is where all weights are 0.
    """
    rows = sorted(weighed)
    total = fsum(weight for _, weight in rows)
    if total <= 0:
        return float(median(grade for grade, _ in rows))
    rows = [row for row in rows if row[1] > 0]
    sums = [2 * below - total for below in accumulate(weight for _, weight in rows)]
    low = next(grade for (grade, _), over in zip(rows, sums, strict=True) if over >= -HAIR)
    above = (grade for (grade, _), over in zip(rows, sums, strict=True) if over > HAIR)
    return (low + next(above, low)) / 2
