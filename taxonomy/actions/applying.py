"""Making a version of the tree so: all of it in one transaction, with the history of each node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from taxonomy.actions.succession import pass_on
from taxonomy.actions.tree_rows import changes_of, lock_tree, record, write_nodes
from taxonomy.imports.growth import Growth
from taxonomy.models import (
    HOME_LOCALE,
    Category,
    ChangeKind,
    Import,
    ImportKind,
    TreeUpdate,
    UpdateState,
)
from taxonomy.queries.updates import Difference, difference


class NotADraft(Exception):
    """The version was applied, or undone, already."""


class TreeChanged(Exception):
    """What applying would do is no longer what the person saw."""


class CannotApply(Exception):
    """The version cannot be applied as it is; the message says why in a sentence."""


@dataclass(frozen=True)
class TaxonomyFigures:
    """What a file did. A category is counted once, and a move counts before a new name.

    One that was retired and is back counts as added; one of which only an ancestor changed is
    unchanged. `categories` are the live ones of the whole tree afterwards.
    """

    categories: int
    added: int
    renamed: int
    moved: int
    retired: int
    unchanged: int
    rejected: int


def figures_of(growth: Growth, rejected: int) -> TaxonomyFigures:
    """Return what a growth does, counted."""
    return TaxonomyFigures(
        categories=sum(node.live for node in growth.after.values()),
        added=growth.added,
        renamed=growth.counts[ChangeKind.RENAMED],
        moved=growth.counts[ChangeKind.MOVED],
        retired=growth.counts[ChangeKind.RETIRED],
        unchanged=growth.unchanged,
        rejected=rejected,
    )


def apply_update(update: TreeUpdate, *, fingerprint: str, by: User | None) -> TreeUpdate:
    """Apply a draft whose difference has the fingerprint that the person saw; return it.

    Raises NotADraft, TreeChanged, CannotApply and `Unreadable`; nothing is written then.
    """
    with transaction.atomic():
        lock_tree()
        found = TreeUpdate.objects.select_for_update().get(pk=update.pk)
        if found.state != UpdateState.DRAFT:
            raise NotADraft(f"This version is {found.get_state_display()} already.")
        plan = difference(found)
        if plan.fingerprint != fingerprint:
            raise TreeChanged(
                "The tree, or what is chosen here, has changed since you looked. Nothing was"
                " done; look again."
            )
        _require_sense(plan)
        now = timezone.now()
        found.figures = asdict(figures_of(plan.growth, len(plan.rejects)))
        carry_out(found, plan.growth, _chosen(plan), by, now)
        _note_import(found, now)
    return found


def carry_out(
    update: TreeUpdate,
    growth: Growth,
    successors: Mapping[int, int],
    by: User | None,
    now: datetime,
) -> None:
    """Write what a growth changes and what passes on; the tree is locked by the caller.

    The update keeps the figures, is applied from then on, and has the history.
    """
    rows = Category.objects.in_bulk(growth.changed)
    moments = {
        pk: None if growth.after[pk].live else now
        for pk, kind in growth.kinds.items()
        if kind in (ChangeKind.ADDED, ChangeKind.RESTORED, ChangeKind.RETIRED)
    }
    changes = changes_of(growth, rows, now)
    write_nodes(growth.changed.values(), rows, moments)
    back = [pk for pk, kind in growth.kinds.items() if kind == ChangeKind.RESTORED]
    Category.objects.filter(pk__in=back, successor__isnull=False).update(successor=None)
    passed = pass_on(successors, by)
    update.state, update.applied_by, update.applied_at = UpdateState.APPLIED, by, now
    update.figures |= {
        "successors": len(successors),
        "refiled": passed.refiled,
        "pages": passed.pages,
        "drafts": passed.drafts,
    }
    update.save()
    record([*changes, *passed.changes], update, by, now)


def _require_sense(plan: Difference) -> None:
    if plan.is_empty:
        raise CannotApply("There is nothing to apply: the tree is already as this version says.")
    for old, new in plan.successors.items():
        node = plan.growth.after.get(new) if new is not None else None
        if new is not None and not (node and node.live):
            name = plan.growth.after[old].name
            raise CannotApply(
                f"Category {new}, which was to take the place of “{name}” ({old}), is none of"
                " those that stay or come. Choose another one."
            )


def _chosen(plan: Difference) -> dict[int, int]:
    return {old: new for old, new in plan.successors.items() if new is not None}


def _note_import(update: TreeUpdate, now: datetime) -> None:
    """Name the file among those that were read, as a command's is."""
    names = TaxonomyFigures.__dataclass_fields__
    Import.objects.create(
        kind=ImportKind.TAXONOMY,
        source=update.source,
        figures={name: update.figures[name] for name in names},
        version=update.version,
        locale=HOME_LOCALE,
        started_at=now,
        finished_at=now,
    )
