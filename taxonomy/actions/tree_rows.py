"""The tree's rows: locked, read as plain nodes, and written with the history of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType

from taxonomy.imports.growth import Growth
from taxonomy.imports.nodes import Node
from taxonomy.models import Category, CategoryChange, ChangeKind, TreeUpdate

WRITTEN = ("parent", "name", "path", "lineage", "retired_at")
BATCH = 1_000


def lock_tree() -> None:
    """Wait until nobody else changes the tree, and keep them waiting until the transaction ends.

    The row that is locked stands for the whole tree: one that has no rows yet cannot be locked
    by them.
    """
    whole = ContentType.objects.select_for_update(no_key=True)
    whole.get(app_label="taxonomy", model="category")


def write_nodes(
    changed: Iterable[Node], rows: Mapping[int, Category], moments: Mapping[int, datetime | None]
) -> None:
    """Write nodes; `moments` has when those were retired, or None, whose state changes.

    Parents come before children, for the eyes of the database.
    """
    categories = [
        Category(
            id=node.id,
            parent_id=node.parent_id,
            name=node.name,
            path=node.path,
            lineage=node.lineage,
            retired_at=moments[node.id] if node.id in moments else rows[node.id].retired_at,
        )
        for node in sorted(changed, key=lambda node: node.lineage.count("/"))
    ]
    Category.objects.bulk_create(
        categories,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=WRITTEN,
        batch_size=BATCH,
    )


def changes_of(growth: Growth, rows: Mapping[int, Category], now: datetime) -> list[CategoryChange]:
    """Return the history that a growth writes: one change for each node that changes itself."""
    return [_change(growth, pk, kind, rows.get(pk), now) for pk, kind in growth.kinds.items()]


def record(
    changes: Iterable[CategoryChange], update: TreeUpdate, by: User | None, now: datetime
) -> None:
    """Write changes into the history, all of one moment and one update."""
    signed = list(changes)
    for change in signed:
        change.author, change.update, change.made_at = by, update, now
    CategoryChange.objects.bulk_create(signed, batch_size=BATCH)


def _change(
    growth: Growth, pk: int, kind: ChangeKind, row: Category | None, now: datetime
) -> CategoryChange:
    node = growth.after[pk]
    before = _facts(growth.before, growth.before.get(pk))
    after = _facts(growth.after, node)
    if row and kind == ChangeKind.RETIRED:
        before["retired_at"], after["retired_at"] = None, written(now)
    if row and kind == ChangeKind.RESTORED:
        before |= {"retired_at": written(row.retired_at), "successor": row.successor_id}
        after |= {"retired_at": None, "successor": None}
    fields = [name for name in after if before.get(name, ...) != after[name]]
    return CategoryChange(
        category_id=pk,
        kind=kind,
        before={name: before[name] for name in fields if name in before},
        after={name: after[name] for name in fields},
    )


def _facts(nodes: Mapping[int, Node], node: Node | None) -> dict[str, Any]:
    """Return a node's name, parent, and that one's path, for people who read of it later."""
    if node is None:
        return {}
    above = nodes[node.parent_id].path if node.parent_id is not None else ""
    return {"name": node.name, "parent": node.parent_id, "path": above}


def written(moment: datetime | None) -> str | None:
    """Return a moment as the history keeps it."""
    return moment.isoformat() if moment else None
