"""Which category could take a retired one's place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from taxonomy.imports.growth import Growth
from taxonomy.imports.nodes import Node
from taxonomy.imports.trees import STEP
from taxonomy.models import ChangeKind
from taxonomy.queries.names import fold

SUGGESTIONS = 4
ALIKE = 70.0  # of 100, by words in any order; plain plurals and "& more" reach it
CANDIDATES = 12
NUMBERED = re.compile(r"([0-9]{1,18})(?:\s+[-–·]\s.*)?", re.DOTALL)


class BadSuccessor(Exception):
    """No category that could take the place is meant; the message is a sentence."""


@dataclass(frozen=True)
class Suggested:
    """A category that could take the place, and why it is named."""

    node: Node
    why: str


class Successors:
    """The categories that stay or come with a version, asked for what it retires."""

    def __init__(self, growth: Growth) -> None:
        self._growth = growth
        self._live = {pk: node for pk, node in growth.after.items() if node.live}

    @cached_property
    def _folded(self) -> dict[int, str]:
        return {pk: fold(node.name) for pk, node in self._live.items()}

    @cached_property
    def _paths(self) -> dict[str, int]:
        # Of equal paths the lower id counts.
        return {_folded_path(self._live[pk].path): pk for pk in sorted(self._live, reverse=True)}

    def node(self, pk: int) -> Node | None:
        """Return the category of that id as it will be, if it will be live."""
        return self._live.get(pk)

    def suggested(self, retired: int) -> list[Suggested]:
        """Return the likeliest, best first: of the same name, of a like one near, the one above."""
        node = self._growth.after[retired]
        found = [*self._same_name(node), *self._alike(node), *self._above(node)]
        once = {one.node.id: one for one in reversed(found)}
        return [once[pk] for pk in dict.fromkeys(one.node.id for one in found)][:SUGGESTIONS]

    def candidates(self, text: str) -> list[Node]:
        """Return the categories whose path holds all the words typed so far, the shortest first."""
        words = fold(text).split()
        if not words:
            return []
        found = [
            node
            for node in self._live.values()
            if all(word in fold(node.path) or word == str(node.id) for word in words)
        ]
        return sorted(found, key=lambda node: (len(node.path), node.id))[:CANDIDATES]

    def require_retired(self, pk: int) -> None:
        """Raise BadSuccessor unless the version retires that category."""
        if self._growth.kinds.get(pk) != ChangeKind.RETIRED:
            raise BadSuccessor(f"This version does not retire category {pk}.")

    def named(self, retired: int, written: str) -> int:
        """Return the id of the category that an id or a path means. Raises BadSuccessor."""
        match = NUMBERED.fullmatch(written.strip())
        pk = int(match[1]) if match else self._paths.get(_folded_path(written))
        self.require_retired(retired)
        if pk is None:
            raise BadSuccessor(
                f"No category that stays has the path “{written.strip()[:200]}”. Give an id, or a"
                " path from the root on."
            )
        if pk not in self._live:
            raise BadSuccessor(f"Category {pk} is none of those that stay or come.")
        return pk

    def _same_name(self, node: Node) -> Iterator[Suggested]:
        wanted = fold(node.name)
        same = [pk for pk, name in self._folded.items() if name == wanted]
        yield from (Suggested(self._live[pk], "has the same name") for pk in sorted(same))

    def _alike(self, node: Node) -> list[Suggested]:
        """Look beside it, and among what the version adds: Google likes to replace and split."""
        kinds = self._growth.kinds
        near = {
            pk: self._folded[pk]
            for pk, other in self._live.items()
            if other.parent_id == node.parent_id or kinds.get(pk) == ChangeKind.ADDED
        }
        found = process.extract(
            fold(node.name), near, scorer=fuzz.token_set_ratio, score_cutoff=ALIKE, limit=2
        )
        return [Suggested(self._live[pk], self._why_alike(pk, node)) for _, _, pk in found]

    def _why_alike(self, pk: int, node: Node) -> str:
        if self._live[pk].parent_id == node.parent_id:
            return "has a like name, beside it"
        return "has a like name, and comes with this version"

    def _above(self, node: Node) -> Iterator[Suggested]:
        way = [int(part) for part in node.lineage.strip("/").split("/")][:-1]
        staying = next((self._live[pk] for pk in reversed(way) if pk in self._live), None)
        if staying:
            yield Suggested(staying, "the nearest above it that stays")


def _folded_path(path: str) -> str:
    return " > ".join(fold(step) for step in STEP.split(path))
