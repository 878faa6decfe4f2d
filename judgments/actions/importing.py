"""Writes of judgments: reading files of them."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from judgments.models import Annotator, Judgment, JudgmentSource
from judgments.opinions import COLUMNS, BadOpinion, Opinion, parse_opinion
from judgments.queries import current_judgments
from taxonomy.imports.lines import Lines, Progress, opened, source_name, unwatched
from taxonomy.imports.rejects import Reject, RejectsFile, Unreadable
from taxonomy.imports.rows import Row
from taxonomy.imports.tables import read_table
from taxonomy.models import Category, Import, ImportKind, Product

BATCH = 1_000
NAMESPACE = uuid.UUID("6f1b3c52-58a9-4d0e-9a43-0b7a6f6f2f5e")  # of the tokens made from rows
Tell = Callable[[str], object]
Key = tuple[int, int, int]  # page, product, annotator


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
    simulated: bool = False,
    tell: Tell = unwatched,
    progress: Progress = unwatched,
) -> JudgmentFigures:
    """Read a CSV of judgments (category_id, offer_id, annotator, grade) and keep each.

    What an annotator says already counts for nothing new; another grade supersedes it. Rows
    that cannot land are kept as a CSV, of which `tell` gets the place. Raises `Unreadable`
    when no row is good or the file cannot be read to its end.
    """
    with RejectsFile(ImportKind.JUDGMENTS) as rejects:
        work = _File(rejects, simulated=simulated)
        try:
            with opened(Path(file), progress) as stream:
                for row in read_table(Lines(stream), required=COLUMNS):
                    work.take(row)
        finally:
            work.land()
            work.record(file)
            if rejects.count:
                tell(f"{rejects.count:,} rows were set aside: {rejects.path}")
        if work.figures().rows == rejects.count:
            raise Unreadable("Nothing was imported: the file has no good row.")
        return work.figures()


class _File:
    """One reading of a file: the batch that gathers, and the figures so far."""

    def __init__(self, rejects: RejectsFile, *, simulated: bool) -> None:
        self._rejects, self._simulated = rejects, simulated
        self._started = timezone.now()
        self._categories = set(Category.objects.values_list("id", flat=True))
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
            products = Products(opinions)
            annotators = _Annotators(opinions, simulated=self._simulated)
            found: list[tuple[Opinion, Key]] = []
            for opinion in opinions:
                try:
                    product, annotator = products.find(opinion), annotators.find(opinion)
                    found.append((opinion, (opinion.category_id, product, annotator.pk)))
                except BadOpinion as fault:
                    self._refuse(opinion.row, fault)
            self._counts += _write(found, simulated=self._simulated)

    def figures(self) -> JudgmentFigures:
        return JudgmentFigures(
            rows=self._counts["rows"],
            created=self._counts["created"],
            updated=self._counts["updated"],
            unchanged=self._counts["unchanged"],
            rejected=self._rejects.count,
        )

    def record(self, file: str | Path) -> None:
        """Keep the figures, if there was anything to read."""
        if self._counts["rows"]:
            Import.objects.create(
                kind=ImportKind.JUDGMENTS,
                source=source_name(file),
                figures=asdict(self.figures()),
                rejects=self._rejects.name,
                started_at=self._started,
                finished_at=timezone.now(),
            )


class Offered(Protocol):
    """A row that speaks of a product by its offer id and, where it says so, its retailer."""

    @property
    def offer_id(self) -> str: ...
    @property
    def retailer(self) -> str: ...


class Products:
    """The products that a batch speaks of, by offer id and retailer."""

    def __init__(self, opinions: Sequence[Offered]) -> None:
        self._found: dict[str, dict[str, int]] = defaultdict(dict)
        rows = Product.objects.filter(offer_id__in={opinion.offer_id for opinion in opinions})
        for pk, offer_id, retailer in rows.values_list("id", "offer_id", "retailer__name"):
            self._found[offer_id][retailer] = pk

    def find(self, opinion: Offered) -> int:
        """Return the product's id; raises `BadOpinion` if none or several could be meant."""
        by_retailer = self._found.get(opinion.offer_id, {})
        if opinion.retailer:
            if opinion.retailer not in by_retailer:
                reason = f"“{opinion.retailer}” has no offer “{opinion.offer_id}”."
                raise BadOpinion("offer_id", reason)
            return by_retailer[opinion.retailer]
        if len(by_retailer) > 1:
            names = ", ".join(sorted(by_retailer)[:5])
            reason = f"Several retailers have an offer “{opinion.offer_id}” ({names}): name one."
            raise BadOpinion("retailer", reason)
        if not by_retailer:
            raise BadOpinion("offer_id", f"No product has the offer id “{opinion.offer_id}”.")
        return next(iter(by_retailer.values()))


class _Annotators:
    """The annotators of a batch; those not known yet are made when a good row needs them."""

    def __init__(self, opinions: list[Opinion], *, simulated: bool) -> None:
        names = {opinion.annotator for opinion in opinions}
        self._known = {row.name: row for row in Annotator.objects.filter(name__in=names)}
        self._simulated = simulated

    def find(self, opinion: Opinion) -> Annotator:
        """Return the annotator; raises `BadOpinion` rather than mix real and simulated ones."""
        name, simulated = opinion.annotator, self._simulated or opinion.simulated
        if name not in self._known:
            self._known[name], _ = Annotator.objects.get_or_create(
                name=name, defaults={"simulated": simulated}
            )
        annotator = self._known[name]
        if annotator.simulated != simulated:
            kind = "simulated" if annotator.simulated else "a real person"
            raise BadOpinion("annotator", f"“{name}” is {kind} here, and not so in the file.")
        return annotator


@dataclass(frozen=True, slots=True)
class _Word:
    """What somebody says now of a product on a page."""

    said: tuple[int, int | None]  # grade, belongs elsewhere
    token: uuid.UUID
    made_at: datetime


def _write(found: list[tuple[Opinion, Key]], *, simulated: bool) -> Counter[str]:
    """Keep what is new; return how many rows are created, updated, unchanged."""
    words = _current_words([key for _, key in found])
    now, counts, rows = timezone.now(), Counter[str](), []
    for opinion, key in found:
        before, said = words.get(key), (opinion.grade, opinion.belongs_to)
        made_at = opinion.made_at or now
        # A word that is older than the one that counts changes nothing.
        if before and (before.said == said or made_at < before.made_at):
            counts["unchanged"] += 1
            continue
        word = _Word(said, _token(key, said, before), made_at)
        rows.append(_judgment(key, word, simulated=simulated or opinion.simulated))
        words[key] = word
        counts["updated" if before else "created"] += 1
    Judgment.objects.bulk_create(rows, ignore_conflicts=True)
    return counts


def _current_words(keys: list[Key]) -> dict[Key, _Word]:
    current = current_judgments().filter(
        page__in={page for page, _, _ in keys},
        product__in={product for _, product, _ in keys},
        annotator__in={annotator for _, _, annotator in keys},
    )
    return {
        (row.page_id, row.product_id, row.annotator_id): _Word(
            (row.grade, row.belongs_to_id), row.token, row.made_at
        )
        for row in current
    }


def _token(key: Key, said: tuple[int, int | None], before: _Word | None) -> uuid.UUID:
    """Return a token that two imports of the same words at the same time have in common."""
    return uuid.uuid5(NAMESPACE, f"{key} {said} after {before.token if before else None}")


def _judgment(key: Key, word: _Word, *, simulated: bool) -> Judgment:
    page, product, annotator = key
    grade, belongs_to = word.said
    return Judgment(
        page_id=page,
        product_id=product,
        annotator_id=annotator,
        grade=grade,
        belongs_to_id=belongs_to,
        source=JudgmentSource.SIMULATED if simulated else JudgmentSource.IMPORTED,
        token=word.token,
        made_at=word.made_at,
    )
