"""Where the nodes of a tree are, worked out from what decides it: name, parent, live or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from taxonomy.imports.rejects import Unreadable
from taxonomy.imports.trees import PATH_LIMIT
from taxonomy.models import Category

LINEAGE_LIMIT = Category._meta.get_field("lineage").max_length or 0


class Misplaced(Unreadable):
    """A tree that cannot be; the message says in a sentence which node is in the way."""


@dataclass(frozen=True, slots=True)
class Place:
    """What decides a node."""

    name: str
    parent_id: int | None
    live: bool


@dataclass(frozen=True, slots=True)
class Node:
    """A category as the tree holds it."""

    id: int
    parent_id: int | None
    name: str
    path: str
    lineage: str
    live: bool

    @property
    def above(self) -> str:
        """The path without the name: "A > B > ", nothing for a root."""
        return self.path.removesuffix(self.name)

    @property
    def place(self) -> Place:
        return Place(self.name, self.parent_id, self.live)


def settled(places: Mapping[int, Place]) -> dict[int, Node]:
    """Return the nodes with their paths and lineages.

    Raises `Misplaced` where a node would hang below itself, or so deep that no column holds it.
    """
    nodes: dict[int, Node] = {}
    for identity in places:
        _settle(identity, places, nodes, [])
    return nodes


def _settle(
    identity: int, places: Mapping[int, Place], nodes: dict[int, Node], below: list[int]
) -> Node:
    """Put into `nodes` a node, and before it, its parent; `below` are those that ask for it."""
    if identity not in nodes:
        place = places[identity]
        if identity in below:
            raise Misplaced(f"“{place.name}” ({identity}) would hang below itself.")
        path, lineage = place.name, f"/{identity}/"
        if place.parent_id is not None:
            parent = _settle(place.parent_id, places, nodes, [*below, identity])
            path, lineage = f"{parent.path} > {place.name}", f"{parent.lineage}{identity}/"
        if len(path) > PATH_LIMIT or len(lineage) > LINEAGE_LIMIT:
            raise Misplaced(
                f"“{place.name}” ({identity}) would hang too deep: a path has at most"
                f" {PATH_LIMIT:,} characters, and its ids {LINEAGE_LIMIT}."
            )
        nodes[identity] = Node(identity, place.parent_id, place.name, path, lineage, place.live)
    return nodes[identity]
