"""How much each word counts, and by which rule words become a truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MEDIAN, WEIGHTED, DAWID_SKENE = "median", "weighted", "dawid-skene"
RULES = (MEDIAN, WEIGHTED, DAWID_SKENE)

MERCHANDISER, ADJUDICATOR = "merchandiser", "adjudicator"
# A merchandiser may hide a product for reasons that have nothing to do with its category.
SOURCES = {
    "annotator": 1.0,
    "imported": 1.0,
    "simulated": 1.0,
    MERCHANDISER: 0.5,
    ADJUDICATOR: 1.0,
}
LEAST, MOST = 0.05, 1.0  # reliability: nobody counts for nothing, since chance may have it so


@dataclass(frozen=True)
class Rule:
    """A rule, and the weights it was given. Kept with each run, so that it ends as it began."""

    name: str = MEDIAN
    sources: Mapping[str, float] = field(default_factory=lambda: dict(SOURCES))
    reliabilities: Mapping[int, float] = field(default_factory=dict)  # by annotator's id

    def weight(self, annotator: int, source: str) -> float:
        """Return how much a word counts: its source's weight times its person's reliability.

        A person who was not measured counts in full.
        """
        return self.sources.get(source, 1.0) * self.reliabilities.get(annotator, MOST)

    def as_settings(self) -> dict[str, Any]:
        """Return what a run keeps, as JSON knows it."""
        reliabilities = {str(person): one for person, one in sorted(self.reliabilities.items())}
        return {"rule": self.name, "sources": {**self.sources}, "reliabilities": reliabilities}

    @classmethod
    def of_settings(cls, kept: Mapping[str, Any] | None) -> Rule:
        """Return the rule that a run kept; runs of old knew the median alone."""
        if not kept:
            return DEFAULT
        people = {int(person): one for person, one in kept["reliabilities"].items()}
        return cls(kept["rule"], kept["sources"], people)


DEFAULT = Rule()


def clipped(alpha: float | None) -> float:
    """Return the reliability of a person whose alpha with others is this; None is unmeasured."""
    return MOST if alpha is None else min(max(alpha, LEAST), MOST)


def source_weights(text: str) -> dict[str, float]:
    """Return the weight of each source, "merchandiser=0.5,imported=0.8" said apart from defaults.

    Raises ValueError with a sentence for an unknown source or what is no number from 0 to 1.
    """
    weights = dict(SOURCES)
    for part in filter(None, (part.strip() for part in text.split(","))):
        source, _, number = (word.strip() for word in part.partition("="))
        if source not in SOURCES:
            raise ValueError(f"“{source}” is no source; those are {', '.join(SOURCES)}.")
        try:
            weight = float(number)
        except ValueError:
            weight = -1.0
        if not 0 <= weight <= 1:
            raise ValueError(f"The weight of “{source}” must be a number from 0 to 1.")
        weights[source] = weight
    if weights[MERCHANDISER] >= 1:
        raise ValueError("The weight of “merchandiser” must be below 1.")
    return weights
