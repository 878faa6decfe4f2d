"""Bringing a taxonomy in: Google's tree, a shop's own nodes, or their names in a locale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from taxonomy.imports.lines import Progress, opened, source_name, unwatched
from taxonomy.imports.published import is_address, published
from taxonomy.imports.rejects import Reject, RejectsFile, Unreadable
from taxonomy.imports.trees import Entry, TreeFile, read_tree
from taxonomy.models import HOME_LOCALE, Category, CategoryName, Import, ImportKind

from .growth import Growth, Node, grown

TOLD = 20  # rejected lines named one by one; all of them are in the CSV
Tell = Callable[[str], object]


@dataclass(frozen=True)
class TaxonomyFigures:
    """What an import did. A category is counted once, and a move counts before a new name.

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


def import_taxonomy(
    source: str | Path,
    *,
    locale: str = HOME_LOCALE,
    dry_run: bool = False,
    tell: Tell = unwatched,
    progress: Progress = unwatched,
) -> TaxonomyFigures:
    """Read a file or address in Google's format into the tree, in one transaction.

    With Google's version header the file replaces Google's part: what it lacks is retired,
    unless a line had to be set aside. Without it, the file is a shop's own and only adds and
    updates. In another locale than the home one it gives names to categories that exist.
    Bad lines, and those below them, are set aside and told; raises `Unreadable` when no line
    is good, and then nothing was written.
    """
    started = timezone.now()
    file = _read(source, progress)
    with transaction.atomic():
        plan = _names(file, locale) if locale != HOME_LOCALE else _tree(file, started)
        _tell_rejects(plan.rejects, tell, everything=dry_run)
        if plan.figures is None:
            raise Unreadable("Nothing was imported: no line of the file could be used.")
        if file.version and plan.rejects and locale == HOME_LOCALE:
            tell("Because lines were set aside, nothing was retired.")
        if not dry_run:
            plan.write()
            record = Import(locale=locale, version=file.version[:50], started_at=started)
            _record(record, source, plan, tell)
    return plan.figures


@dataclass(frozen=True)
class _Plan:
    """What is to be written, known in full before the first row is."""

    figures: TaxonomyFigures | None  # None when no line was good
    rejects: list[Reject]
    write: Callable[[], object]


def _read(source: str | Path, progress: Progress) -> TreeFile:
    if is_address(str(source)):
        with published(str(source)) as stream:
            return read_tree(stream)
    with opened(Path(source), progress) as stream:
        return read_tree(stream)


def _tree(file: TreeFile, now: datetime) -> _Plan:
    rows = Category.objects.select_for_update().in_bulk()
    tree = {
        row.id: Node(row.id, row.parent_id, row.name, row.path, row.lineage, row.retired_at is None)
        for row in rows.values()
    }
    growth = grown(tree, file)
    rejects = sorted([*file.rejects, *growth.rejects], key=lambda reject: reject.line)
    figures = TaxonomyFigures(
        categories=sum(node.live for node in (tree | growth.changed).values()),
        added=growth.added,
        renamed=growth.renamed,
        moved=growth.moved,
        retired=growth.retired,
        unchanged=growth.unchanged,
        rejected=len(rejects),
    )
    return _Plan(
        figures if growth.accepted else None, rejects, lambda: _write_tree(growth, rows, now)
    )


def _write_tree(growth: Growth, rows: dict[int, Category], now: datetime) -> None:
    """Write what changed; parents before children, for the eyes of the database."""
    categories = [
        Category(
            id=node.id,
            parent_id=node.parent_id,
            name=node.name,
            path=node.path,
            lineage=node.lineage,
            added_at=rows[node.id].added_at if node.id in rows else now,
            retired_at=None if node.live else _retired_at(rows.get(node.id), now),
        )
        for node in sorted(growth.changed.values(), key=lambda node: node.lineage.count("/"))
    ]
    Category.objects.bulk_create(
        categories,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["parent", "name", "path", "lineage", "retired_at"],
        batch_size=1_000,
    )


def _retired_at(row: Category | None, now: datetime) -> datetime:
    return row.retired_at if row and row.retired_at else now


def _names(file: TreeFile, locale: str) -> _Plan:
    known = set(Category.objects.values_list("id", flat=True))
    rejects = list(file.rejects)
    entries: list[Entry] = []
    for entry in file.entries:
        if entry.id in known:
            entries.append(entry)
        else:
            reason = f"The tree has no category {entry.id} to name."
            rejects.append(Reject(entry.line, reason, "id", raw=f"{entry.id} - {entry.path}"))
    rejects.sort(key=lambda reject: reject.line)
    rows = CategoryName.objects.filter(locale=locale)
    before = {row.category_id: (row.name, row.path) for row in rows}
    changed = [entry for entry in entries if before.get(entry.id) != (entry.name, entry.path)]
    renamed = sum(entry.id in before and before[entry.id][0] != entry.name for entry in changed)
    added = sum(entry.id not in before for entry in changed)
    figures = TaxonomyFigures(
        categories=Category.objects.live().count(),
        added=added,
        renamed=renamed,
        moved=0,
        retired=0,
        unchanged=len(entries) - added - renamed,
        rejected=len(rejects),
    )
    return _Plan(figures if entries else None, rejects, lambda: _write_names(changed, locale))


def _write_names(entries: list[Entry], locale: str) -> None:
    CategoryName.objects.bulk_create(
        [
            CategoryName(category_id=entry.id, locale=locale, name=entry.name, path=entry.path)
            for entry in entries
        ],
        update_conflicts=True,
        unique_fields=["category", "locale"],
        update_fields=["name", "path"],
        batch_size=1_000,
    )


def _tell_rejects(rejects: list[Reject], tell: Tell, *, everything: bool) -> None:
    named = rejects if everything else rejects[:TOLD]
    for reject in named:
        tell(str(reject))
    if len(named) < len(rejects):
        tell(f"… and {len(rejects) - len(named):,} more.")


def _record(record: Import, source: str | Path, plan: _Plan, tell: Tell) -> None:
    assert plan.figures is not None
    with RejectsFile(ImportKind.TAXONOMY) as rejects:
        for reject in plan.rejects:
            rejects.add(reject)
    if rejects.count:
        tell(f"{rejects.count:,} lines were set aside: {rejects.path}")
    record.kind = ImportKind.TAXONOMY
    record.source = source_name(source)
    record.figures = asdict(plan.figures)
    record.rejects = rejects.name
    record.finished_at = timezone.now()
    record.save()
