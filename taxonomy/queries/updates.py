"""Reads of the tree's versions: what one would change now, and what those applied did."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, QuerySet

from taxonomy.imports.growth import Growth, grown
from taxonomy.imports.nodes import Node
from taxonomy.imports.rejects import Reject
from taxonomy.imports.tree_files import stored_tree
from taxonomy.imports.trees import TreeFile
from taxonomy.models import (
    Category,
    CategoryChange,
    ChangeKind,
    TreeUpdate,
    UpdateState,
)

# The order in which people read of a version: what needs their care comes first.
KINDS = (
    ChangeKind.RETIRED,
    ChangeKind.MOVED,
    ChangeKind.RENAMED,
    ChangeKind.ADDED,
    ChangeKind.RESTORED,
)


@dataclass(frozen=True)
class Difference:
    """What applying a version would do to the tree as it is now."""

    version: str
    growth: Growth
    rejects: list[Reject]
    # The choices for what it retires: old id → new id, or None for "none takes its place".
    successors: dict[int, int | None]
    along: list[int]  # retired ones of which the shop's own children go along

    @property
    def fingerprint(self) -> str:
        """What is another when anything that would be done is another."""
        changed = sorted(self.growth.changed.items(), key=lambda item: item[0])
        before = [self.growth.before.get(pk) for pk, _ in changed]
        said = repr((changed, before, sorted(self.successors.items()), sorted(self.along)))
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def is_empty(self) -> bool:
        return not self.growth.kinds

    @property
    def retires_nothing(self) -> bool:
        """Whether nothing is retired only because lines had to be set aside."""
        return bool(self.version and self.rejects)

    @property
    def in_another_language(self) -> bool:
        """Whether so much would be renamed that the file is likely one of another locale."""
        return self.growth.counts[ChangeKind.RENAMED] * 2 > len(self.growth.accepted)

    def lines(self, kind: str = "", text: str = "") -> list[Line]:
        """Return the changes of a kind (all for none) with the text in a path, by branch."""
        wanted = text.casefold()
        kinds = self.growth.kinds.items()
        lines = [self._line(pk, of) for pk, of in kinds if kind in ("", of.value)]
        found = [line for line in lines if wanted in line.words or wanted == str(line.id)]
        return sorted(found, key=lambda line: (line.branch, KINDS.index(line.kind), line.words))

    def _line(self, pk: int, kind: ChangeKind) -> Line:
        return Line(pk, kind, self.growth.before.get(pk), self.growth.after[pk])


@dataclass(frozen=True)
class Told:
    """A change that was made, and the category that took over, where one did."""

    change: CategoryChange
    other: Category | None


@dataclass(frozen=True)
class Line:
    """One change that a version would make."""

    id: int
    kind: ChangeKind
    before: Node | None
    after: Node

    @property
    def branch(self) -> str:
        """The name of the root that it is, or will be, under."""
        return self.after.path.partition(" > ")[0]

    @property
    def is_renamed(self) -> bool:
        return bool(self.before and self.before.name != self.after.name)

    @property
    def words(self) -> str:
        """What a filter searches."""
        before = self.before.path if self.before else ""
        return f"{self.after.path}\n{before}".casefold()


def tree_nodes() -> dict[int, Node]:
    """Return the whole tree as plain nodes."""
    columns = ("id", "parent_id", "name", "path", "lineage", "retired_at")
    rows = Category.objects.order_by().values_list(*columns)
    return {
        pk: Node(pk, parent, name, path, lineage, retired_at is None)
        for pk, parent, name, path, lineage, retired_at in rows
    }


def difference(update: TreeUpdate) -> Difference:
    """Return what applying the version would do now. Raises `Unreadable`."""
    file = stored_tree(update.file)
    growth = grown(tree_nodes(), file)
    retired = {pk for pk, kind in growth.kinds.items() if kind == ChangeKind.RETIRED}
    chosen = {int(old): new for old, new in update.successors.items() if int(old) in retired}
    along = [pk for pk in update.along if chosen.get(pk) is not None]
    if moved := _along(growth, chosen, along):
        growth = grown(growth.before, file, moved)
    return Difference(update.version, growth, _rejects(file, growth), chosen, along)


def versions() -> QuerySet[TreeUpdate]:
    """Return the versions, newest first, with the people who handled them."""
    return TreeUpdate.objects.select_related("made_by", "applied_by", "undone_by")


def version_in_force() -> str:
    """Return the version of Google's tree that was applied last and not undone, or nothing."""
    applied = TreeUpdate.objects.filter(state=UpdateState.APPLIED).exclude(version="")
    return applied.order_by("-applied_at").values_list("version", flat=True).first() or ""


def changes_made(update: TreeUpdate) -> QuerySet[CategoryChange]:
    """Return what applying the version did, without what undoing it put back."""
    made = CategoryChange.objects.filter(update=update, made_at=F("update__applied_at"))
    return made.select_related("category").order_by("category__path", "id")


def counts_made(update: TreeUpdate) -> Counter[str]:
    """Return how many changes of each kind applying the version made."""
    kinds = changes_made(update).order_by().values_list("kind").annotate(Count("id"))
    return Counter(dict(kinds))


def told(changes: Iterable[CategoryChange]) -> list[Told]:
    """Return the changes with the categories that they speak of: one query, however many."""
    changes = list(changes)
    ids = [one.after.get("successor") or one.after.get("category") or 0 for one in changes]
    others = Category.objects.in_bulk(set(ids))
    return [Told(change, others.get(pk)) for change, pk in zip(changes, ids, strict=True)]


def stranded() -> QuerySet[Category]:
    """Return the shop's own live categories that hang below a retired one."""
    return Category.objects.live().filter(parent__retired_at__isnull=False).order_by("path", "id")


def _along(growth: Growth, chosen: dict[int, int | None], along: Iterable[int]) -> dict[int, int]:
    """Return the new parent of each of the shop's own nodes that goes along."""
    moved: dict[int, int] = {}
    wanted = set(along)
    for node in growth.after.values():
        successor = chosen.get(node.parent_id or 0)
        if node.parent_id in wanted and node.live and successor is not None:
            moved[node.id] = successor
    return moved


def _rejects(file: TreeFile, growth: Growth) -> list[Reject]:
    return sorted([*file.rejects, *growth.rejects], key=lambda reject: reject.line)
