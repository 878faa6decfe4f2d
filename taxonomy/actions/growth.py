"""What a taxonomy file makes of a tree: worked out on plain values, no row is touched."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from taxonomy.imports.rejects import Reject
from taxonomy.imports.trees import Entry, TreeFile
from taxonomy.models import FIRST_SHOP_ID


@dataclass(frozen=True, slots=True)
class Node:
    """A category as the tree holds it."""

    id: int
    parent_id: int | None
    name: str
    path: str
    lineage: str
    live: bool


@dataclass
class Growth:
    """The nodes that a file changes, counted, and the lines that it may not change any with."""

    accepted: dict[int, Entry]
    rejects: list[Reject]
    changed: dict[int, Node] = field(default_factory=dict)
    added: int = 0
    renamed: int = 0
    moved: int = 0
    retired: int = 0
    unchanged: int = 0


def grown(tree: dict[int, Node], file: TreeFile) -> Growth:
    """Return what the file makes of the tree.

    Ids are the keys: where a node hangs follows from the path on its line, and everything
    below it, the shop's own nodes included, follows. A node that Google retires keeps its
    place, and so do a shop's nodes below it.
    """
    growth = _accept(tree, file)
    replaces = bool(file.version) and not (file.rejects or growth.rejects)
    parents = _parents(tree, growth.accepted, bool(file.version))
    after: dict[int, Node] = {}
    for identity in tree | growth.accepted:
        _settle(identity, tree, growth.accepted, parents, after)
    for identity, node in after.items():
        if identity in growth.accepted:
            _count(growth, tree.get(identity), node)
        elif replaces and node.live and identity < FIRST_SHOP_ID:
            after[identity] = replace(node, live=False)
            growth.retired += 1
    growth.changed = {
        identity: node for identity, node in after.items() if node != tree.get(identity)
    }
    return growth


def _accept(tree: dict[int, Node], file: TreeFile) -> Growth:
    """Set aside what has no place; each round may orphan the lines below the last one's."""
    growth = Growth({entry.id: entry for entry in file.entries}, [])
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


def _paths_beside(tree: dict[int, Node], accepted: dict[int, Entry]) -> dict[str, int]:
    """Return the live paths, as they will be, of the nodes that the file does not name."""
    after: dict[str, int] = {}
    paths: dict[int, str] = {}
    for identity in sorted(tree):
        if identity not in accepted and tree[identity].live:
            after.setdefault(_path(identity, tree, accepted, paths), identity)
    return after


def _path(
    identity: int, tree: dict[int, Node], accepted: dict[int, Entry], paths: dict[int, str]
) -> str:
    if identity in accepted:
        return accepted[identity].path
    if identity not in paths:
        node = tree[identity]
        above = "" if node.parent_id is None else _path(node.parent_id, tree, accepted, paths)
        paths[identity] = f"{above} > {node.name}" if above else node.name
    return paths[identity]


def _parents(
    tree: dict[int, Node], accepted: dict[int, Entry], versioned: bool
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


def _kept_parent(entry: Entry, tree: dict[int, Node], accepted: dict[int, Entry]) -> int | None:
    """Return the parent that a category has now, if the line says so too, be it retired."""
    parent_id = tree[entry.id].parent_id if entry.id in tree else None
    if parent_id is None or _path(parent_id, tree, accepted, {}) != entry.parent_path:
        return None
    return parent_id


def _settle(
    identity: int,
    tree: dict[int, Node],
    accepted: dict[int, Entry],
    parents: dict[int, int | None],
    after: dict[int, Node],
) -> Node:
    """Put into `after` where a node will be, and before it, where its parent will be."""
    if identity not in after:
        entry, node = accepted.get(identity), tree.get(identity)
        name = entry.name if entry else tree[identity].name
        parent_id = parents[identity] if entry else tree[identity].parent_id
        path, lineage = name, f"/{identity}/"
        if parent_id is not None:
            parent = _settle(parent_id, tree, accepted, parents, after)
            path, lineage = f"{parent.path} > {name}", f"{parent.lineage}{identity}/"
        live = entry is not None or (node is not None and node.live)
        after[identity] = Node(identity, parent_id, name, path, lineage, live)
    return after[identity]


def _count(growth: Growth, before: Node | None, after: Node) -> None:
    if before is None or not before.live:
        growth.added += 1
    elif before.parent_id != after.parent_id:
        growth.moved += 1
    elif before.name != after.name:
        growth.renamed += 1
    else:
        growth.unchanged += 1
