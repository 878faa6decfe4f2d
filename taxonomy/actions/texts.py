"""Reading files of the texts that tell siblings apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from taxonomy.actions.discriminators import (
    BadText,
    Collision,
    NotSiblings,
    checked_lines,
    checked_note,
    write_revision,
)
from taxonomy.imports.lines import Progress, opened, source_name, unwatched
from taxonomy.imports.rejects import Reject, RejectsFile, Unreadable
from taxonomy.imports.rows import Row
from taxonomy.imports.texts import BadRow, Said, parse_text, read_texts
from taxonomy.models import Category, Import, ImportKind, Revision, RevisionState

BATCH = 200  # rows written in one transaction
Tell = Callable[[str], object]
Place = tuple[int, int | None]  # category, sibling


@dataclass(frozen=True)
class TextFigures:
    """What an import did: rows = created + updated + unchanged + rejected.

    A created text is the first of its pair, an updated one a further revision.
    """

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int


def import_texts(
    file: str | Path,
    *,
    source: str = "",
    drafts: bool = False,
    by: User | None = None,
    tell: Tell = unwatched,
    progress: Progress = unwatched,
) -> TextFigures:
    """Read a CSV of texts, as `texts_as_csv` writes it, and append what is not said yet.

    `drafts` makes nothing live. With `by` all is said by that person now; without, authors with
    a login here and times are taken from the file. `source` is what the file is called, if not
    by its path. Rows that cannot land are kept as a CSV, of which `tell` gets the place. Raises
    `Unreadable` when no row is good or the file cannot be read to its end.
    """
    with RejectsFile(ImportKind.TEXTS) as rejects:
        work = _File(rejects, drafts=drafts, by=by)
        try:
            with opened(Path(file), progress) as stream:
                for row in read_texts(stream):
                    work.take(row)
        finally:
            work.land()
            work.record(source or str(file))
            if rejects.count:
                tell(f"{rejects.count:,} rows were set aside: {rejects.path}")
        figures = work.figures()
        if figures.rows and figures.rows == figures.rejected:
            raise Unreadable("Nothing was imported: the file has no good row.")
        return figures


@dataclass(frozen=True, slots=True)
class _Past:
    """A revision that exists."""

    number: int
    text: str
    state: str


class _File:
    """One reading of a file: the rows that gather, what was said before, the figures so far."""

    def __init__(self, rejects: RejectsFile, *, drafts: bool, by: User | None) -> None:
        self._rejects, self._drafts, self._by = rejects, drafts, by
        self._started = timezone.now()
        self._categories = Category.objects.in_bulk()
        self._authors = User.objects.in_bulk(field_name="username")
        self._past: dict[Place, list[_Past]] = defaultdict(list)
        # How often the same was said in one place at one moment, here and so far in the file.
        self._kept: Counter[tuple[object, ...]] = Counter()
        self._read: Counter[tuple[object, ...]] = Counter()
        self._moments: set[tuple[Place, datetime | None]] = set()
        self._timeless: set[tuple[Place, bool]] = set()
        self._rows: list[Row] = []
        self._counts: Counter[str] = Counter()
        self._remember()

    def take(self, row: Row | Reject) -> None:
        """Take the next row, and write those that gathered when they are many."""
        self._counts["rows"] += 1
        if isinstance(row, Reject):
            self._rejects.add(row)
            return
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self.land()

    def land(self) -> None:
        """Write what has gathered, in one transaction."""
        rows, self._rows = self._rows, []
        with transaction.atomic():
            for row in rows:
                try:
                    self._counts[self._keep(parse_text(row))] += 1
                except BadRow as fault:
                    self._refuse(row, fault.field, str(fault))
                except BadText as fault:
                    self._refuse(row, "text", str(fault))
                except NotSiblings as fault:
                    self._refuse(row, "sibling_id", str(fault))
                except Collision as fault:
                    self._refuse(row, "text", str(fault))

    def figures(self) -> TextFigures:
        return TextFigures(
            rows=self._counts["rows"],
            created=self._counts["created"],
            updated=self._counts["updated"],
            unchanged=self._counts["unchanged"],
            rejected=self._rejects.count,
        )

    def record(self, source: str) -> None:
        """Keep the figures, if there was anything to read."""
        if self._counts["rows"]:
            Import.objects.create(
                kind=ImportKind.TEXTS,
                source=source_name(source),
                figures=asdict(self.figures()),
                rejects=self._rejects.name,
                started_at=self._started,
                finished_at=timezone.now(),
            )

    def _remember(self) -> None:
        place = ("discriminator__category", "discriminator__sibling")
        said = Revision.objects.order_by("discriminator", "number")
        rows = said.values_list(*place, "number", "text", "state", "made_at")
        for category, sibling, number, text, state, made_at in rows.iterator():
            self._past[category, sibling].append(_Past(number, text, state))
            self._kept[category, sibling, text, state, made_at] += 1
            self._moments.add(((category, sibling), made_at))

    def _refuse(self, row: Row, field: str, reason: str) -> None:
        self._rejects.add(Reject(row.line, reason, field, raw=row.raw))

    def _keep(self, said: Said) -> str:
        """Append what the row says if nobody has said it; return what it counts as."""
        category = self._category("category_id", said.category_id)
        sibling = self._category("sibling_id", said.sibling_id) if said.sibling_id else None
        place = (said.category_id, said.sibling_id)
        text = "\n".join(checked_lines(said.text))
        past = self._past[place]
        if self._is_known(place, said, text):
            return "unchanged"
        before = past[-1].number if past else 0
        # A time at which something else was said here is that of the words that were edited.
        from_file = self._by is None and (place, said.made_at) not in self._moments
        revision = write_revision(
            category,
            sibling,
            text,
            based_on=before,
            live=said.live and not self._drafts,
            by=self._by or (self._authors.get(said.author) if from_file else None),
            note=_note(said),
            made_at=said.made_at if from_file and not self._drafts else None,
        )
        if revision.number == before:
            return "unchanged"
        past.append(_Past(revision.number, revision.text, revision.state))
        return "updated" if before else "created"

    def _category(self, field: str, pk: int) -> Category:
        if pk not in self._categories:
            raise BadRow(field, f"The tree has no category {pk}.")
        return self._categories[pk]

    def _is_known(self, place: Place, said: Said, text: str) -> bool:
        state = RevisionState.LIVE if said.live else RevisionState.DRAFT
        if said.made_at:
            key = (*place, text, str(state), said.made_at)
            self._read[key] += 1
            return self._read[key] <= self._kept[key]
        if (place, said.live) in self._timeless:
            raise BadRow("text", "The file gives this text a second time: leave one of them.")
        self._timeless.add((place, said.live))
        past = [one for one in self._past[place] if not said.live or one.state == state]
        return bool(past) and past[-1].text == text


def _note(said: Said) -> str:
    try:
        return checked_note(said.note)
    except BadText as fault:
        raise BadRow("note", str(fault)) from fault
