"""Writes of judgments: reading files of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from judgments.actions.words import Basis, Key, Manner, Words, known_tokens
from judgments.imports import BadOpinion, Opinion, Products, judgment_rows, parse_opinion
from judgments.imports.formats import QRELS
from judgments.models import Annotator
from taxonomy.imports.lines import Progress, source_name, unwatched
from taxonomy.imports.rejects import Reject, RejectsFile, Unreadable
from taxonomy.imports.rows import Row
from taxonomy.models import Category, Import, ImportKind

BATCH = 1_000
Tell = Callable[[str], object]


@dataclass(frozen=True)
class JudgmentFigures:
    """What an import did: rows = created + updated + unchanged + rejected.

    An updated one is a new judgment that supersedes the same annotator's earlier one.
    """

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int


def import_judgments(
    file: str | Path,
    *,
    form: str = "",
    source: str = "",
    annotator: str = QRELS,
    simulated: bool = False,
    as_written: bool = False,
    tell: Tell = unwatched,
    progress: Progress = unwatched,
) -> JudgmentFigures:
    """Read a file of judgments (category_id, offer_id, annotator, grade, …) and keep each.

    `form` is one of FORMATS, by default what the name tells; qrels name nobody: `annotator` said
    it all. `source` is what the file is called, if not by its path. A row with a token is known by
    it; without one, what an annotator says already counts for nothing new. Another grade
    supersedes. A file's judgments are "imported", unless it calls them simulated or a
    merchandiser's, and it does not speak for who judges here; `as_written` takes it for a copy of
    this installation's own instead. Rows that cannot land are kept as a CSV, of which `tell` gets
    the place. Raises `Unreadable` when no row is good or the file cannot be read to its end.
    """
    with RejectsFile(ImportKind.JUDGMENTS) as rejects:
        work = _File(rejects, Manner(simulated, as_written))
        try:
            with judgment_rows(
                Path(file), form=form, annotator=annotator, progress=progress
            ) as rows:
                for row in rows:
                    work.take(row)
        finally:
            work.land()
            work.record(source or str(file))
            if rejects.count:
                tell(f"{rejects.count:,} rows were set aside: {rejects.path}")
        if work.figures().rows == rejects.count:
            raise Unreadable("Nothing was imported: the file has no good row.")
        return work.figures()


class _File:
    """One reading of a file: the batch that gathers, and the figures so far."""

    def __init__(self, rejects: RejectsFile, manner: Manner) -> None:
        self._rejects, self._manner = rejects, manner
        self._started = timezone.now()
        self._categories = set(Category.objects.values_list("id", flat=True))
        self._basis = Basis()
        self._opinions: list[Opinion] = []
        self._counts: Counter[str] = Counter()

    def take(self, row: Row | Reject) -> None:
        """Take the next row, and write the batch when it is full."""
        self._counts["rows"] += 1
        if isinstance(row, Reject):
            self._rejects.add(row)
            return
        try:
            opinion = parse_opinion(row)
            for field, identity in (
                ("category_id", opinion.category_id),
                ("belongs_to", opinion.belongs_to),
            ):
                if identity is not None and identity not in self._categories:
                    raise BadOpinion(field, f"The tree has no category {identity}.")
        except BadOpinion as fault:
            self._refuse(row, fault)
            return
        self._opinions.append(opinion)
        if len(self._opinions) >= BATCH:
            self.land()

    def _refuse(self, row: Row, fault: BadOpinion) -> None:
        self._rejects.add(Reject(row.line, str(fault), fault.field, raw=row.raw))

    def land(self) -> None:
        """Write what has gathered, in one transaction."""
        opinions, self._opinions = self._opinions, []
        with transaction.atomic():
            known = known_tokens(opinions)
            products = Products(opinions)
            annotators = _Annotators(opinions, known, self._manner)
            found: list[tuple[Opinion, Key]] = []
            for opinion in opinions:
                try:
                    product, annotator = products.find(opinion), annotators.find(opinion)
                    found.append((opinion, (opinion.category_id, product, annotator.pk)))
                except BadOpinion as fault:
                    self._refuse(opinion.row, fault)
            self._counts += Words(found, known, self._manner, self._basis).keep()

    def figures(self) -> JudgmentFigures:
        return JudgmentFigures(
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
                kind=ImportKind.JUDGMENTS,
                source=source_name(source),
                figures=asdict(self.figures()),
                rejects=self._rejects.name,
                started_at=self._started,
                finished_at=timezone.now(),
            )


class _Annotators:
    """The annotators of a batch; those not known yet are made when a good row needs them."""

    def __init__(self, opinions: list[Opinion], tokens: set[UUID], manner: Manner) -> None:
        names = {opinion.annotator for opinion in opinions}
        self._known = {row.name: row for row in Annotator.objects.filter(name__in=names)}
        self._tokens, self._manner = tokens, manner

    def find(self, opinion: Opinion) -> Annotator:
        """Return the annotator; raises `BadOpinion` rather than mix people up."""
        name, simulated = opinion.annotator, self._manner.is_simulated(opinion)
        if name not in self._known:
            self._known[name], _ = Annotator.objects.get_or_create(
                name=name, defaults={"simulated": simulated}
            )
        annotator = self._known[name]
        if annotator.simulated != simulated:
            kind = "simulated" if annotator.simulated else "a real person"
            raise BadOpinion("annotator", f"“{name}” is {kind} here, and not so in the file.")
        if annotator.user_id and not self._manner.as_written and opinion.token not in self._tokens:
            raise BadOpinion("annotator", f"“{name}” judges here: no file speaks for them.")
        return annotator
