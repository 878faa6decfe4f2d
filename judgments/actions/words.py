"""Keeping what a file says: each word once, a later one beside the earlier."""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils import timezone

from judgments.imports.opinions import Opinion, Reference
from judgments.models import GuidelineRevision, Judgment, JudgmentSource
from taxonomy.models import Revision

NAMESPACE = uuid.UUID("6f1b3c52-58a9-4d0e-9a43-0b7a6f6f2f5e")  # of the tokens made from rows
# What a file may say of where a judgment came from; "annotator" is who judged here.
KEPT_SOURCES = {JudgmentSource.SIMULATED, JudgmentSource.MERCHANDISER}
Key = tuple[int, int, int]  # page, product, annotator
Said = tuple[int, int | None, bool]  # grade, belongs elsewhere, withdrawn


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file is read: all as simulated; with its own word on sources, as a copy of ours."""

    simulated: bool = False
    as_written: bool = False

    def is_simulated(self, opinion: Opinion) -> bool:
        return self.simulated or opinion.simulated

    def source(self, opinion: Opinion) -> str:
        """Return what is kept as the source: ours only if the file is known as a copy of ours."""
        if opinion.source in KEPT_SOURCES or (self.as_written and opinion.source):
            return opinion.source
        simulated = self.is_simulated(opinion)
        return JudgmentSource.SIMULATED if simulated else JudgmentSource.IMPORTED


class Basis:
    """The revisions that judgments of a file were based on, where they are the same here."""

    def __init__(self) -> None:
        rows = GuidelineRevision.objects.values_list(
            "guideline__category", "number", "id", "made_at"
        )
        self._guidelines: dict[Reference, tuple[int, datetime]] = {
            (place, number): (pk, at) for place, number, pk, at in rows
        }
        self._texts = list(Revision.objects.order_by("id").values_list("id", "made_at"))

    def guideline(self, reference: Reference | None, made_at: datetime) -> int | None:
        """Return the revision's id here, unless it was written after the judgment."""
        known = self._guidelines.get(reference) if reference else None
        return known[0] if known and known[1] <= made_at else None

    def revisions_until(self, number: int | None, made_at: datetime) -> int | None:
        """Return the number unless it is of another installation: no such text was here then."""
        if not number:
            return number
        place = bisect_right(self._texts, number, key=lambda row: row[0]) - 1
        known = place >= 0 and self._texts[place][0] == number
        return number if known and self._texts[place][1] <= made_at else None


@dataclass(frozen=True, slots=True)
class _Word:
    """What somebody says now of a product on a page."""

    said: Said
    token: uuid.UUID
    made_at: datetime


def known_tokens(opinions: Iterable[Opinion]) -> set[uuid.UUID]:
    """Return those of the rows' tokens that judgments here have."""
    tokens = {opinion.token for opinion in opinions if opinion.token}
    return set(Judgment.objects.filter(token__in=tokens).values_list("token", flat=True))


class Words:
    """What counts already of what a batch speaks of, and what the batch adds."""

    def __init__(
        self,
        found: list[tuple[Opinion, Key]],
        known: set[uuid.UUID],
        manner: Manner,
        basis: Basis,
    ) -> None:
        self._found, self._manner, self._basis = found, manner, basis
        self._now = timezone.now()
        self._current = _current_words([key for _, key in found])
        self._tokens = set(known)

    def keep(self) -> Counter[str]:
        """Write what is new; return how many rows are created, updated, unchanged."""
        counts, rows = Counter[str](), []
        for opinion, key in self._found:
            before = self._current.get(key)
            word = self._new_word(opinion, key, before)
            if word is None:
                counts["unchanged"] += 1
                continue
            rows.append(self._judgment(opinion, key, word))
            self._tokens.add(word.token)
            self._current[key] = word
            counts["updated" if before else "created"] += 1
        Judgment.objects.bulk_create(rows, ignore_conflicts=True)
        return counts

    def _new_word(self, opinion: Opinion, key: Key, before: _Word | None) -> _Word | None:
        """Return the word that the row adds, or None: known by its token, or else by what it says.

        A word that is older than the one that counts adds nothing either.
        """
        said = (opinion.grade, opinion.belongs_to, opinion.withdrawn)
        made_at = opinion.made_at or self._now
        if opinion.token in self._tokens or (before and made_at < before.made_at):
            return None
        repeats = before.said == said if before else opinion.withdrawn
        if repeats and not opinion.token:
            return None
        return _Word(said, opinion.token or _token(key, said, before), made_at)

    def _judgment(self, opinion: Opinion, key: Key, word: _Word) -> Judgment:
        page, product, annotator = key
        grade, belongs_to, withdrawn = word.said
        return Judgment(
            page_id=page,
            product_id=product,
            annotator_id=annotator,
            grade=grade,
            belongs_to_id=belongs_to,
            withdrawn=withdrawn,
            source=self._manner.source(opinion),
            seconds=opinion.seconds,
            guideline_id=self._basis.guideline(opinion.guideline, word.made_at),
            revisions_until=self._basis.revisions_until(opinion.revisions_until, word.made_at),
            token=word.token,
            made_at=word.made_at,
        )


def _current_words(keys: list[Key]) -> dict[Key, _Word]:
    """The newest words, what takes back among them: a file's older words stand below it."""
    later = Judgment.objects.filter(
        page=OuterRef("page"),
        product=OuterRef("product"),
        annotator=OuterRef("annotator"),
        id__gt=OuterRef("id"),
    )
    current = Judgment.objects.filter(
        ~Exists(later),
        page__in={page for page, _, _ in keys},
        product__in={product for _, product, _ in keys},
        annotator__in={annotator for _, _, annotator in keys},
    )
    return {
        (row.page_id, row.product_id, row.annotator_id): _Word(
            (row.grade, row.belongs_to_id, row.withdrawn), row.token, row.made_at
        )
        for row in current
    }


def _token(key: Key, said: Said, before: _Word | None) -> uuid.UUID:
    """Return a token that two imports of the same words at the same time have in common."""
    return uuid.uuid5(NAMESPACE, f"{key} {said} after {before.token if before else None}")
