"""Which versions of what is learned there are, and which one runs use. Loads no arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery

from ranking.models import LEFT_OUT, Adoption, Kind, Run, State, Training
from ranking.pipeline.names import FEATURES

# In `made`: names below SEESTOCKS_DATA/models. Nothing can be used without the first of them.
FILES = {Kind.BLEND: ("file", "siblings", "outliers"), Kind.RERANKER: ("folder",)}
ENCODER = ("encoder", "encoder_weights")  # in the settings of trainings and runs


def adoption(kind: Kind) -> Adoption | None:
    """Return the newest word on which version of this kind runs use; None when nobody said any."""
    return adoptions(kind).first()


def adoptions(kind: Kind) -> QuerySet[Adoption]:
    """Return all that was said on which version of this kind runs use, newest first.

    Each has `until`, when something else was said, None while it counts.
    """
    after = Adoption.objects.filter(based_on=OuterRef("pk")).values("at")
    said = Adoption.objects.filter(kind=kind).select_related("training", "by")
    return said.annotate(until=Subquery(after))


def adopted(kind: Kind) -> Training | None:
    """Return the version that runs use; None: do without, or learn anew in each run."""
    newest = adoption(kind)
    return newest.training if newest else None


def versions(kind: Kind) -> QuerySet[Training]:
    """Return the versions of a kind, newest first, those under way and failed among them."""
    return Training.objects.filter(kind=kind).select_related("asked_by")


def unusable(training: Training, of_run: Mapping[str, object] | None = None) -> str:
    """Return in a sentence why runs cannot use the version, and nothing when they can.

    `of_run` are the settings of the run that would; without, those of a run that began now.
    """
    name = str(training).capitalize()
    if training.state != State.DONE:
        return f"{name} is not ready: its training has not come to its end."
    if training.chosen == LEFT_OUT:
        return f"{name} was not better than doing without it, so there is nothing to use."
    if gone := _files_gone(training):
        return f"The files of {training} are gone: {', '.join(gone)}."
    if tuple(training.made.get("signals", FEATURES)) != FEATURES:
        return f"{name} blends other signals than are measured now."
    if _sees(training) and _encoder(training.settings) != _encoder(of_run or _today()):
        return f"{name} was learned with another encoder than runs use now."
    return ""


@dataclass(frozen=True)
class ToUse:
    """What a run uses of what was adopted when it began; `notes` say what it cannot, and why."""

    blend: Training | None
    reranker: Training | None
    notes: list[str]


def to_use(run: Run) -> ToUse:
    """Return the versions that the run uses; None where it does without, or learns its own."""
    found: dict[str, Training | None] = {}
    notes: list[str] = []
    for kind in Kind:
        training = Training.objects.filter(pk=run.settings.get(kind)).first()
        why = unusable(training, run.settings) if training else ""
        found[kind] = None if why else training
        notes += [why] if why else []
    return ToUse(found[Kind.BLEND], found[Kind.RERANKER], notes)


def _files_gone(training: Training) -> list[str]:
    """The names of files that the version cannot be used without and that are not there."""
    first, *others = FILES[Kind(training.kind)]
    names = [training.made[key] for key in (first, *others) if key in training.made]
    gone = [name for name in names if not (settings.DATA / "models" / name).exists()]
    return gone if first in training.made else [f"it names no {first}"]


def _sees(training: Training) -> bool:
    """Whether the encoder's vectors are among what the version was learned from."""
    return training.kind == Kind.BLEND or training.card.get("picture", "none") != "none"


def _encoder(told: Mapping[str, object]) -> list[object]:
    return [told.get(key) for key in ENCODER]


def _today() -> dict[str, object]:
    return {
        "encoder": settings.SEESTOCKS_ENCODER,
        "encoder_weights": settings.SEESTOCKS_ENCODER_WEIGHTS,
    }
