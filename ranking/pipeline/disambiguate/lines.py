"""The texts that tell siblings apart, as the lines they are read by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ranking.pipeline.data import Floats


@dataclass(frozen=True, eq=False)
class Lines:
    """Ways to say one thing: the words that count, and (L, D) unit vectors of the lines.

    A name counts by itself among the words, while its vectors are those of its prompts.
    """

    texts: tuple[str, ...]
    vectors: Floats
    # The category's name: its words count in the likeness already, and not again.
    heard: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True, eq=False)
class Texts:
    """The live texts of a tree by category id, and the names that stand in where none is."""

    of_pairs: Mapping[tuple[int, int], Lines] = field(default_factory=dict)  # first, rather than
    alone: Mapping[int, Lines] = field(default_factory=dict)
    names: Mapping[int, Lines] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.of_pairs or self.alone)

    def side(self, category: int, sibling: int) -> Lines:
        """Return what speaks for the category rather than the sibling: the pair's own text, or
        else the category's text alone, or else its name. Raises KeyError without a name."""
        own = self.of_pairs.get((category, sibling)) or self.alone.get(category)
        name = self.names.get(category)
        return replace(own or self.names[category], heard=name.texts if name else ())

    def tell_apart(self, first: int, second: int) -> bool:
        """Return whether a text says anything about one rather than the other."""
        pairs = ((first, second) in self.of_pairs, (second, first) in self.of_pairs)
        return any(pairs) or first in self.alone or second in self.alone


NO_TEXTS = Texts()
