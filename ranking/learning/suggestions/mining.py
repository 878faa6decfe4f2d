"""What one child of a parent says more than another, put into lines."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from ranking.learning.suggestions.family import Family
from ranking.learning.suggestions.telling import Term, telling
from ranking.learning.suggestions.terms import (
    Terms,
    names_of_sellers,
    of_details,
    of_titles,
)

WORDS_A_LINE = 6
LONGEST = 300  # characters of a line: as many as a text takes
LINES = 4  # from one source
BELOW = 8  # names of what lies below a category that a line lists


@dataclass(frozen=True)
class Line:
    """A line that may tell the category from its sibling, and what speaks for it."""

    text: str
    source: str  # "titles", "attributes" or "tree"
    evidence: dict[str, Any]
    strength: float  # log-odds that it adds for the products on the fence, in the mean


class Miner:
    """Finds lines for any two children of one family; its words are counted once."""

    def __init__(self, family: Family) -> None:
        self._family = family

    def lines(
        self, category: int, sibling: int, known: AbstractSet[str] = frozenset()
    ) -> list[Line]:
        """Return lines for the category rather than its sibling, strongest first.

        Terms that are `known`, as they are written, are passed over. Raises KeyError for what is
        no child of the family.
        """
        here, there = self._family.place(category), self._family.place(sibling)
        found = [
            *self._counted("titles", self._titles, here, there, known),
            *self._counted("attributes", self._details, here, there, known),
            *self._of_the_tree(here),
        ]
        return sorted(found, key=lambda line: -line.strength)

    @cached_property
    def _titles(self) -> Terms:
        return of_titles(self._family.products, self._sellers)

    @cached_property
    def _details(self) -> Terms:
        return of_details(self._family.products, self._sellers)

    @cached_property
    def _sellers(self) -> set[str]:
        return names_of_sellers(self._family.products)

    def _counted(
        self, source: str, terms: Terms, here: int, there: int, known: AbstractSet[str]
    ) -> Iterator[Line]:
        """Lines of the terms that stand out, the strongest together."""
        found = telling(self._family, terms, here, there, LINES * WORDS_A_LINE, known)
        about = self._about(here, there)
        for start in range(0, len(found), WORDS_A_LINE):
            group = found[start : start + WORDS_A_LINE]
            strength = round(sum(term.gain for term in group), 4)
            evidence = {"terms": [_told(term) for term in group], **about}
            yield Line(self._line(here, [term.words for term in group]), source, evidence, strength)

    def _of_the_tree(self, here: int) -> Iterator[Line]:
        below = list(self._family.children[here].below[:BELOW])
        if below:
            yield Line(self._line(here, below), "tree", {"below": below}, 0.0)

    def _line(self, here: int, words: list[str]) -> str:
        """The template: the category's name, and as many of the words as there is room for."""
        line = self._family.children[here].name
        for place, word in enumerate(words):
            longer = f"{line}{', ' if place else ': '}{word}"
            if len(longer) > LONGEST:
                break
            line = longer
        return line

    def _about(self, here: int, there: int) -> dict[str, Any]:
        """How many products were counted, and whether these are merely thought to belong."""
        return {
            "products": int(self._family.speaks_for(here).sum()),
            "of_sibling": int(self._family.speaks_for(there).sum()),
            "looks_like": self._family.merely_looks(here) or self._family.merely_looks(there),
        }


def _told(term: Term) -> dict[str, Any]:
    told = asdict(term) | {"z": round(term.z, 2), "gain": round(term.gain, 4)}
    return {"term": told.pop("words"), **told}
