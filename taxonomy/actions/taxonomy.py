"""Bringing a taxonomy in: Google's tree, a shop's own nodes, or their names in a locale."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from taxonomy.actions.applying import TaxonomyFigures, carry_out, figures_of
from taxonomy.actions.tree_rows import lock_tree
from taxonomy.imports.growth import Growth, grown
from taxonomy.imports.lines import Progress, opened, source_name, unwatched
from taxonomy.imports.published import BYTE_LIMIT, is_address, published
from taxonomy.imports.rejects import Reject, RejectsFile, Unreadable
from taxonomy.imports.successors import Succession, read_successors
from taxonomy.imports.tree_files import store_tree
from taxonomy.imports.trees import Entry, TreeFile, read_tree
from taxonomy.models import HOME_LOCALE, Category, CategoryName, Import, ImportKind, TreeUpdate
from taxonomy.queries.updates import tree_nodes, version_in_force

TOLD = 20  # rejected lines named one by one; all of them are in the CSV
Tell = Callable[[str], object]


def import_taxonomy(
    source: str | Path,
    *,
    locale: str = HOME_LOCALE,
    successors: str | Path | None = None,
    dry_run: bool = False,
    tell: Tell = unwatched,
    progress: Progress = unwatched,
) -> TaxonomyFigures:
    """Read a file or address in Google's format into the tree, in one transaction.

    With Google's version header the file replaces Google's part: what it lacks is retired,
    unless a line had to be set aside. Without it, the file is a shop's own and only adds and
    updates. In another locale than the home one it gives names to categories that exist.
    What hangs on retired categories passes to those that the file `successors` names.
    Bad lines, and those below them, are set aside and told; raises `Unreadable` when no line
    is good, and then nothing was written.
    """
    started = timezone.now()
    content = _read(source, progress)
    file = read_tree(io.BytesIO(content))
    named = read_successors(Path(successors)) if successors else []
    if named and locale != HOME_LOCALE:
        raise Unreadable("A file of names retires nothing, so that nothing has a successor.")
    with transaction.atomic():
        lock_tree()
        plan = (
            _names(file, locale) if locale != HOME_LOCALE else _tree(file, content, named, started)
        )
        _tell_rejects(plan.rejects, tell, everything=dry_run)
        if plan.figures is None:
            raise Unreadable("Nothing was imported: no line of the file could be used.")
        if file.version and plan.rejects and locale == HOME_LOCALE:
            tell("Because lines were set aside, nothing was retired.")
        if not dry_run:
            plan.write(TreeUpdate(source=source_name(source)))
            record = Import(locale=locale, version=file.version[:50], started_at=started)
            _record(record, source, plan, tell)
    return plan.figures


@dataclass(frozen=True)
class _Plan:
    """What is to be written, known in full before the first row is."""

    figures: TaxonomyFigures | None  # None when no line was good
    rejects: list[Reject]
    write: Callable[[TreeUpdate], object]


def _read(source: str | Path, progress: Progress) -> bytes:
    if is_address(str(source)):
        with published(str(source)) as stream:
            return stream.read()
    with opened(Path(source), progress) as file:
        content = file.read(BYTE_LIMIT + 1)
    if len(content) > BYTE_LIMIT:
        raise Unreadable(f"{source} is larger than {BYTE_LIMIT >> 20} MB: this is no taxonomy.")
    return content


def _tree(file: TreeFile, content: bytes, named: list[Succession], now: datetime) -> _Plan:
    growth = grown(tree_nodes(), file)
    rejects = sorted([*file.rejects, *growth.rejects], key=lambda reject: reject.line)
    figures = figures_of(growth, len(rejects))
    successors = _successors(named, growth)

    def write(update: TreeUpdate) -> None:
        if growth.changed or successors or file.version[:50] not in ("", version_in_force()):
            update.file = store_tree(content)
            update.version, update.figures = file.version[:50], asdict(figures)
            update.successors = {str(old): new for old, new in successors.items()}
            update.save()
            carry_out(update, growth, successors, None, now)

    return _Plan(figures if growth.accepted else None, rejects, write)


def _successors(named: list[Succession], growth: Growth) -> dict[int, int]:
    """Return who takes whose place anew; raises `Unreadable` for what cannot be."""
    for one in named:
        old, new = growth.after.get(one.old), growth.after.get(one.new)
        if old is None or old.live:
            raise Unreadable(
                f"Line {one.line} of the successors: category {one.old} is not retired."
            )
        if new is None or not new.live:
            raise Unreadable(
                f"Line {one.line} of the successors: category {one.new} is none of those that"
                " stay or come."
            )
    known = dict(Category.objects.exclude(successor=None).values_list("id", "successor"))
    return {one.old: one.new for one in named if known.get(one.old) != one.new}


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
    return _Plan(figures if entries else None, rejects, lambda _: _write_names(changed, locale))


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
