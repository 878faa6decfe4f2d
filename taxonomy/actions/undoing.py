"""Undoing a version of the tree: what it changed is put back, unless somebody went on from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from taxonomy.actions.applying import NotADraft
from taxonomy.actions.succession import SAID, from_ranges, in_batches
from taxonomy.actions.tree_rows import lock_tree, record, write_nodes, written
from taxonomy.imports.nodes import Misplaced, Node, settled
from taxonomy.models import Category, CategoryChange, ChangeKind, Filing, TreeUpdate, UpdateState
from taxonomy.queries.updates import changes_made, tree_nodes

UNDONE = "Undone"
COMPARED = ("name", "parent", "retired_at", "successor")


@dataclass(frozen=True)
class Obstacle:
    """What somebody did to a category since, so that it cannot be put back."""

    category: Category
    what: str
    by: User | None
    at: datetime | None


class CannotUndo(Exception):
    """Somebody went on from the version; `obstacles` name the categories and the people."""

    def __init__(self, obstacles: list[Obstacle]) -> None:
        super().__init__("The tree has been worked on since, and nothing was undone.")
        self.obstacles = obstacles


def undo_update(update: TreeUpdate, *, by: User | None) -> TreeUpdate:
    """Put back what an applied version changed, in one transaction; return it.

    Categories that it added are retired, never deleted: their history is kept, and what was
    hung on them since. Texts and judgments stay: they are people's words. Filings that it
    moved go back unless they were filed elsewhere since. Raises NotADraft and CannotUndo.
    """
    with transaction.atomic():
        lock_tree()
        found = TreeUpdate.objects.select_for_update().get(pk=update.pk)
        if found.state != UpdateState.APPLIED:
            raise NotADraft("Only a version that is applied can be undone.")
        now = timezone.now()
        work = _Undoing(found, now)
        if obstacles := work.obstacles():
            raise CannotUndo(obstacles)
        changes = work.put_back()
        found.state, found.undone_by, found.undone_at = UpdateState.UNDONE, by, now
        found.save(update_fields=["state", "undone_by", "undone_at"])
        record(changes, found, by, now)
    return found


class _Undoing:
    """One undoing: what each category was before, and how the tree is then."""

    def __init__(self, update: TreeUpdate, now: datetime) -> None:
        self._now = now
        self._update = update
        self._changes = list(changes_made(update))
        self._rows = {change.category_id: change.category for change in self._changes}
        self._before: dict[int, dict[str, Any]] = {pk: {} for pk in self._rows}
        self._after: dict[int, dict[str, Any]] = {pk: {} for pk in self._rows}
        for change in self._changes:
            self._before[change.category_id] |= _undone(change)
            self._after[change.category_id] |= change.after
        self._tree = tree_nodes()

    def obstacles(self) -> list[Obstacle]:
        """Return what stands in the way: edits since, and what was hung below what goes."""
        edited = [pk for pk in self._rows if self._is_edited(pk)]
        return [
            *(self._obstacle(pk) for pk in edited),
            *(self._obstacle(pk) for pk in [*self._hung_below(), *self._succeeded()]),
            *([] if edited else self._misplaced()),
        ]

    def put_back(self) -> list[CategoryChange]:
        """Write the tree as it was; return the history of that."""
        after = self._places()
        changed = [node for pk, node in after.items() if node != self._tree[pk]]
        write_nodes(changed, Category.objects.in_bulk([n.id for n in changed]), self._moments())
        for pk, before in self._before.items():
            columns = (("successor", "successor_id"), ("is_page", "is_page"))
            if fields := {column: before[name] for name, column in columns if name in before}:
                Category.objects.filter(pk=pk).update(**fields)
        self._file_back()
        return [_reversed(change, self._now) for change in self._changes]

    def _is_edited(self, pk: int) -> bool:
        """Whether a field is neither as the version left it nor as it was before."""
        now = _values(self._rows[pk])
        before, after = self._before[pk], self._after[pk]
        return any(
            name in after and now[name] not in (after[name], before.get(name, after[name]))
            for name in COMPARED
        )

    def _hung_below(self) -> list[int]:
        """Return the live categories below one that goes, which the version did not add."""
        going = {pk for pk in self._before if self._goes(pk)}
        return [
            node.id
            for node in self._tree.values()
            if node.live and node.parent_id in going and node.id not in going
            and not self._leaves(node.id, going)
        ]  # fmt: skip

    def _succeeded(self) -> list[int]:
        """Return the retired categories of which one that goes took the place since."""
        going = [pk for pk in self._before if self._goes(pk)]
        led = [
            pk
            for ids in in_batches(going)
            for pk in Category.objects.filter(successor__in=ids).values_list("id", flat=True)
        ]
        return [pk for pk in led if "successor" not in self._before.get(pk, {})]

    def _goes(self, pk: int) -> bool:
        return self._before[pk].get("retired_at") is not None

    def _leaves(self, pk: int, going: set[int]) -> bool:
        return "parent" in self._before.get(pk, {}) and self._before[pk]["parent"] not in going

    def _misplaced(self) -> list[Obstacle]:
        """Return the categories that would have no place: in a circle, retired above, or a twin."""
        try:
            after = self._places()
        except Misplaced as error:
            return [Obstacle(self._changes[0].category, str(error), None, None)]
        twins = _twins(after) - _twins(self._tree)
        return [self._obstacle(pk) for pk in sorted(twins | self._retired_since(after))]

    def _retired_since(self, after: Mapping[int, Node]) -> set[int]:
        """Return those below which a live category would be put back, retired since."""
        above = {before["parent"] for before in self._before.values() if before.get("parent")}
        dead = {pk for pk in above if not after[pk].live}
        since = Category.objects.filter(pk__in=dead, retired_at__gt=self._update.applied_at)
        return set(since.values_list("id", flat=True))

    def _places(self) -> dict[int, Node]:
        places = {pk: node.place for pk, node in self._tree.items()}
        for pk, before in self._before.items():
            place = places[pk]
            if "retired_at" in before:
                place = replace(place, live=before["retired_at"] is None)
            places[pk] = replace(
                place,
                name=before.get("name", place.name),
                parent_id=before.get("parent", place.parent_id),
            )
        return settled(places)

    def _moments(self) -> dict[int, datetime | None]:
        return {
            pk: self._now if before["retired_at"] is ... else _moment(before["retired_at"])
            for pk, before in self._before.items()
            if "retired_at" in before
        }

    def _file_back(self) -> None:
        for change in self._changes:
            if change.kind == ChangeKind.REFILED:
                for ids in in_batches(from_ranges(change.before["filings"])):
                    still = Filing.objects.filter(
                        id__in=ids, category=change.after["category"], source__in=SAID
                    )
                    still.update(category=change.category_id)

    def _obstacle(self, pk: int) -> Obstacle:
        category = self._rows.get(pk) or Category.objects.get(pk=pk)
        since = category.changes.exclude(update=self._update).filter(
            made_at__gte=self._update.applied_at
        )
        newest = since.select_related("author").first()
        if newest is None:
            return Obstacle(category, "changed", None, None)
        return Obstacle(category, newest.get_kind_display(), newest.author, newest.made_at)


def _undone(change: CategoryChange) -> dict[str, Any]:
    """Return what a change's fields were; what was added goes, at the moment of undoing."""
    if change.kind == ChangeKind.ADDED:
        return {"retired_at": ...}
    return {name: value for name, value in change.before.items() if name != "filings"}


def _values(row: Category) -> dict[str, Any]:
    return {
        "name": row.name,
        "parent": row.parent_id,
        "retired_at": written(row.retired_at),
        "successor": row.successor_id,
    }


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def _twins(nodes: Mapping[int, Node]) -> set[int]:
    """Return the live nodes whose path another live one has too."""
    first: dict[str, int] = {}
    twins: set[int] = set()
    for pk, node in nodes.items():
        if node.live and first.setdefault(node.path, pk) != pk:
            twins |= {pk, first[node.path]}
    return twins


def _reversed(change: CategoryChange, now: datetime) -> CategoryChange:
    """Return the change that takes a change back."""
    kinds = {
        ChangeKind.ADDED: ChangeKind.RETIRED,
        ChangeKind.RETIRED: ChangeKind.RESTORED,
        ChangeKind.RESTORED: ChangeKind.RETIRED,
    }
    before, after = change.after, change.before
    if change.kind == ChangeKind.ADDED:
        before, after = {"retired_at": None}, {"retired_at": written(now)}
    if change.kind == ChangeKind.REFILED:
        after = {"category": change.category_id}
    kind = kinds.get(ChangeKind(change.kind), change.kind)
    return CategoryChange(
        category_id=change.category_id, kind=kind, before=before, after=after, note=UNDONE
    )
