"""Versions of what is learned as people look at them. Loads no arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.db.models import QuerySet

from ranking.labels import choice_words
from ranking.models import FINISHED, Adoption, Kind, Run, Training
from ranking.queries.cards import Candidate, amounts, decisive
from ranking.queries.learned import adopted, adoption, unusable, versions


@dataclass(frozen=True)
class VersionLine:
    """A version as a line of its list."""

    training: Training
    judgments: int | None  # judged products it learned from, None where its card does not say
    pages: int | None
    figure: Candidate | None  # how what it chose did on pages it had not seen
    in_use: bool
    why_not: str  # why runs cannot use it; nothing when they can

    @property
    def chosen(self) -> str:
        """What won when it was learned, in words."""
        return choice_words(self.training.chosen) if self.training.chosen else ""


@dataclass(frozen=True)
class Panel:
    """One kind of what is learned: what runs use of it, and what is under way."""

    kind: Kind
    adoption: Adoption | None  # the newest word, None when nobody has said any
    why_not: str  # why runs cannot use what was adopted, so that they do without
    other_reader: str  # which cross-encoder its blend was learned with, when runs use another
    under_way: Training | None
    versions: int
    lines: list[VersionLine]
    token: UUID = field(default_factory=uuid4)  # of the form that asks for the next one

    @property
    def in_use(self) -> Training | None:
        """The version that was adopted."""
        return self.adoption.training if self.adoption else None

    @property
    def key(self) -> str:
        return self.kind.value


def panel(kind: Kind, shown: Iterable[Training] | None = None, first: int = 6) -> Panel:
    """Return what is to be seen of a kind, with lines for the versions shown or for the first."""
    newest = adoption(kind)
    used = newest.training if newest else None
    everything = versions(kind)
    return Panel(
        kind=kind,
        adoption=newest,
        why_not=unusable(used) if used else "",
        other_reader=_other_reader(used) if used and kind == Kind.BLEND else "",
        under_way=under_way(kind).first(),
        versions=everything.count(),
        lines=[line(one, used) for one in (everything[:first] if shown is None else shown)],
    )


def _other_reader(blend: Training) -> str:
    """What read for the blend when it was learned, where something else reads for runs now."""
    read, reads = blend.settings.get("reranker"), next_versions().reranker
    if read == (reads.pk if reads else None):
        return ""
    return f"with cross-encoder {read}" if read else "without a cross-encoder"


def line(training: Training, used: Training | None) -> VersionLine:
    """Return the version's line; `used` is the one that was adopted."""
    judged, pages = amounts({**training.made, **training.card})
    return VersionLine(
        training=training,
        judgments=judged,
        pages=pages,
        figure=decisive(card_of(training)),
        in_use=training == used,
        why_not=unusable(training),
    )


def lines_of(trainings: list[Training]) -> list[VersionLine]:
    """Return a line for each version, whatever its kind."""
    used = {kind.value: adopted(kind) for kind in Kind}
    return [line(training, used[training.kind]) for training in trainings]


def card_of(training: Training) -> dict[str, Any]:
    """Return the version's card, with what was chosen in it."""
    return {"chosen": training.chosen, **training.card}


def under_way(kind: Kind) -> QuerySet[Training]:
    """Return the trainings of a kind that have not come to their end, newest first."""
    return versions(kind).exclude(state__in=FINISHED)


@dataclass(frozen=True)
class Versions:
    """What ranks a run: None stands for no cross-encoder, and for a blend learned in the run."""

    blend: Training | None
    reranker: Training | None
    notes: list[str]  # what it was to use and could not, and why

    @property
    def named(self) -> list[Training]:
        return [one for one in (self.reranker, self.blend) if one]


def versions_of(run: Run) -> Versions:
    """Return the versions that the run ranks with; before it is prepared, those it is to use."""
    told = run.blend or run.settings
    blend = told.get("version") if run.blend else told.get("blend")
    found = Training.objects.in_bulk([pk for pk in (blend, told.get("reranker")) if pk])
    return Versions(
        blend=found.get(blend or 0),
        reranker=found.get(told.get("reranker") or 0),
        notes=told.get("notes", []),
    )


def next_versions() -> Versions:
    """Return what a run that begins now ranks with."""
    found: dict[Kind, Training | None] = {}
    notes: list[str] = []
    for kind in Kind:
        newest = adoption(kind)
        training = newest.training if newest else None
        why = unusable(training) if training else ""
        found[kind] = None if why else training
        notes += [why] if why else []
    return Versions(found[Kind.BLEND], found[Kind.RERANKER], notes)
