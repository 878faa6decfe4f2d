"""What a taxonomy file makes of a tree: worked out on plain values, no row is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from taxonomy.imports.nodes import Node, Place, settled
from taxonomy.imports.rejects import Reject
from taxonomy.imports.trees import Entry, TreeFile
from taxonomy.models import FIRST_SHOP_ID, ChangeKind


@dataclass
class Growth:
    """What a file makes of a tree, and the lines that it may not change any with."""

    before: Mapping[int, Node]
    accepted: dict[int, Entry]
    rejects: list[Reject]
    after: dict[int, Node] = field(default_factory=dict)

    @cached_property
    def changed(self) -> dict[int, Node]:
        """The nodes that are not as before, those that only follow one above included."""
        return {pk: node for pk, node in self.after.items() if node != self.before.get(pk)}

    @cached_property
    def kinds(self) -> dict[int, ChangeKind]:
        """What becomes of each node that changes itself; a move counts before a new name."""
        kinds = ((pk, _kind(self.before.get(pk), node)) for pk, node in self.changed.items())
        return {pk: kind for pk, kind in kinds if kind}

    @cached_property
    def counts(self) -> Counter[ChangeKind]:
        """How many nodes of each kind there are."""
        return Counter(self.kinds.values())

    @property
    def added(self) -> int:
        """How many nodes come, or come back."""
        return self.counts[ChangeKind.ADDED] + self.counts[ChangeKind.RESTORED]

    @property
    def unchanged(self) -> int:
        """How many nodes the file names as they are already."""
        return len(self.accepted.keys() - self.kinds.keys())


def grown(
    tree: Mapping[int, Node], file: TreeFile, along: Mapping[int, int] | None = None
) -> Growth:
    """Return what the file makes of the tree.

    Ids are the keys: where a node hangs follows from the path on its line, and everything
    below it, the shop's own nodes included, follows. A node that Google retires keeps its
    place, and so do a shop's nodes below it, but for those in `along` (id → new parent's id).
    Raises `Misplaced` for a tree that cannot be.
    """
    growth = _accept(tree, file)
    replaces = bool(file.version) and not (file.rejects or growth.rejects)
    parents = _parents(tree, growth.accepted, bool(file.version))
    places = {pk: node.place for pk, node in tree.items()}
    for pk, place in places.items():
        if replaces and pk < FIRST_SHOP_ID and pk not in growth.accepted:
            places[pk] = replace(place, live=False)
    for pk, parent in (along or {}).items():
        places[pk] = replace(places[pk], parent_id=parent)
    for pk, entry in growth.accepted.items():
        places[pk] = Place(entry.name, parents[pk], live=True)
    growth.after = settled(places)
    return growth


def _accept(tree: Mapping[int, Node], file: TreeFile) -> Growth:
    """Set aside what has no place; each round may orphan the lines below the last one's."""
    growth = Growth(tree, {entry.id: entry for entry in file.entries}, [])
    while True:
        parents = _parents(tree, growth.accepted, bool(file.version))
        taken = {} if file.version else _paths_beside(tree, growth.accepted)
        refused = [
            (entry, reason)
            for entry in growth.accepted.values()
            if (reason := _refusal(entry, file, parents, taken))
        ]
        if not refused:
            return growth
        for entry, reason in refused:
            del growth.accepted[entry.id]
            raw = f"{entry.id} - {entry.path}"
            growth.rejects.append(Reject(entry.line, reason, "id", raw=raw))


def _refusal(
    entry: Entry, file: TreeFile, parents: dict[int, int | None], taken: dict[str, int]
) -> str:
    if bool(file.version) == (entry.id >= FIRST_SHOP_ID):
        return (
            f"The id {entry.id} is of the shop's own (from {FIRST_SHOP_ID} up); Google's file"
            " cannot hold it."
            if file.version
            else f"The id {entry.id} is Google's (below {FIRST_SHOP_ID}), and only a file with"
            " Google's version header may change it."
        )
    if entry.id not in parents:
        return f"The path “{entry.parent_path}”, under which it should hang, does not exist."
    if entry.path in taken:
        return f"The path “{entry.path}” is already that of category {taken[entry.path]}."
    return ""


def _paths_beside(tree: Mapping[int, Node], accepted: dict[int, Entry]) -> dict[str, int]:
    """Return the live paths, as they will be, of the nodes that the file does not name."""
    after: dict[str, int] = {}
    paths: dict[int, str] = {}
    for identity in sorted(tree):
        if identity not in accepted and tree[identity].live:
            after.setdefault(_path(identity, tree, accepted, paths), identity)
    return after


def _path(
    identity: int, tree: Mapping[int, Node], accepted: dict[int, Entry], paths: dict[int, str]
) -> str:
    if identity in accepted:
        return accepted[identity].path
    if identity not in paths:
        node = tree[identity]
        above = "" if node.parent_id is None else _path(node.parent_id, tree, accepted, paths)
        paths[identity] = f"{above} > {node.name}" if above else node.name
    return paths[identity]


def _parents(
    tree: Mapping[int, Node], accepted: dict[int, Entry], versioned: bool
) -> dict[int, int | None]:
    """Return the parent of each entry that has one or needs none; orphans are left out.

    A parent's path is always the shorter one, so that no circle can come about.
    """
    by_path = {} if versioned else _paths_beside(tree, accepted)
    by_path |= {entry.path: entry.id for entry in accepted.values()}
    parents: dict[int, int | None] = {}
    for entry in accepted.values():
        if len(entry.names) == 1:
            parents[entry.id] = None
        elif entry.parent_path in by_path:
            parents[entry.id] = by_path[entry.parent_path]
        elif not versioned and (kept := _kept_parent(entry, tree, accepted)) is not None:
            parents[entry.id] = kept
    return parents


def _kept_parent(entry: Entry, tree: Mapping[int, Node], accepted: dict[int, Entry]) -> int | None:
    """Return the parent that a category has now, if the line says so too, be it retired."""
    parent_id = tree[entry.id].parent_id if entry.id in tree else None
    if parent_id is None or _path(parent_id, tree, accepted, {}) != entry.parent_path:
        return None
    return parent_id


def _kind(before: Node | None, after: Node) -> ChangeKind | None:
    """Return what became of a node itself; None when only something above it changed."""
    if before is None:
        return ChangeKind.ADDED
    if before.live != after.live:
        return ChangeKind.RESTORED if after.live else ChangeKind.RETIRED
    if before.parent_id != after.parent_id:
        return ChangeKind.MOVED
    return ChangeKind.RENAMED if before.name != after.name else None
