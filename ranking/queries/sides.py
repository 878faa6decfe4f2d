"""What can be compared: a run, what pages showed after a release, or what is published now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ranking.models import Cause, Release, Run, State

PUBLISHED = "published"
RUN = "run"
RELEASE = "release"
MOST = 12  # sides of one comparison
A_FEW = 30  # runs and releases that are offered
# Acts that decide more than single products: rules by hand are laid over both sides alike.
DECIDING = (Cause.RUN, Cause.ROLL_BACK)


class BadSides(ValueError):
    """What is to be compared is not there, or too little or too much; the message says what."""


@dataclass(frozen=True)
class Side:
    """One side of a comparison."""

    kind: str  # RUN, RELEASE or PUBLISHED
    pk: int = 0  # of a run or a release

    def __str__(self) -> str:
        """As it stands in an address: "run:5"."""
        return f"{self.kind}:{self.pk}" if self.pk else self.kind

    @property
    def name(self) -> str:
        """As people read it."""
        if self.kind == PUBLISHED:
            return "What is published"
        return f"{'Run' if self.kind == RUN else 'Release'} {self.pk}"

    def as_settings(self) -> dict[str, Any]:
        """As a comparison keeps it."""
        return {self.kind: self.pk or True}


@dataclass(frozen=True)
class Choice:
    """A side that people may choose, with what tells it from the others."""

    side: Side
    run: Run | None = None
    release: Release | None = None


def side_of(text: str) -> Side:
    """Return the side that an address names. Raises BadSides."""
    kind, _, number = text.partition(":")
    if text == PUBLISHED:
        return Side(PUBLISHED)
    if kind in (RUN, RELEASE) and number.isdecimal() and len(number) <= 18:
        return Side(kind, int(number))
    raise BadSides("A side is “published”, “run:” or “release:” with its number.")


def said(sides: Sequence[Side]) -> str:
    """Return what is held against what: "Run 5 and run 6 against what is published"."""
    first, *others = sides
    if not others:
        return first.name
    listed = " and ".join(_within(side) for side in others)
    return f"{listed[0].upper()}{listed[1:]} against {_within(first)}"


def _within(side: Side) -> str:
    """Its name in the middle of a sentence."""
    return f"{side.name[0].lower()}{side.name[1:]}"


def kept_side(said: Mapping[str, Any]) -> Side:
    """Return the side that a comparison's settings name."""
    ((kind, pk),) = said.items()
    return Side(kind) if kind == PUBLISHED else Side(kind, pk)


def check_sides(sides: Sequence[Side]) -> None:
    """Raise BadSides unless there are two or more, each once, and all of them exist."""
    if not 2 <= len(sides) <= MOST:
        raise BadSides(f"Choose two sides or more, {MOST} at most.")
    if len(set(sides)) < len(sides):
        raise BadSides("A side cannot be compared with itself.")
    for side in sides:
        if fault := _fault(side):
            raise BadSides(fault)


def choices() -> list[Choice]:
    """Return what may be compared, the newest first: what is published, runs, releases."""
    runs = Run.objects.filter(state=State.DONE, thinned_at=None).select_related("started_by")[
        :A_FEW
    ]
    releases = list(Release.objects.select_related("by", "run")[:A_FEW])
    published = [Choice(Side(PUBLISHED), release=releases[0])] if releases else []
    return [
        *published,
        *(Choice(Side(RUN, run.pk), run=run) for run in runs),
        *(Choice(Side(RELEASE, release.pk), release=release) for release in releases),
    ]


def usual(offered: Sequence[Choice]) -> list[Side]:
    """Return what of these is compared in the morning, the side held against first: what is
    published and the newest run; that run and what was shown before, where it is published
    already; the two newest runs before anything is."""
    runs = [one.side for one in offered if one.run]
    if Side(PUBLISHED) not in [one.side for one in offered]:
        return runs[1::-1]
    acts = [one.release for one in offered if one.side.kind == RELEASE and one.release]
    deciding = [act for act in acts if act.cause in DECIDING]
    if runs and deciding and deciding[0].run_id == runs[0].pk:
        return [*(Side(RELEASE, act.pk) for act in deciding[1:2]), Side(PUBLISHED)]
    return [Side(PUBLISHED), *runs[:1]]


def deciding_release() -> int | None:
    """Return the newest release that decided whole pages, None before anything is published."""
    newest = Release.objects.filter(cause__in=DECIDING).order_by("-id")
    return newest.values_list("pk", flat=True).first()


def _fault(side: Side) -> str:
    """Why the side cannot be compared; "" where it can."""
    if side.kind == PUBLISHED:
        return "" if Release.objects.exists() else "Nothing is published yet."
    kind = Run if side.kind == RUN else Release
    if not kind.objects.filter(pk=side.pk).exists():
        return f"There is no {_within(side)}."
    if kind is Run and Run.objects.filter(pk=side.pk, thinned_at__isnull=False).exists():
        return f"What {_within(side)} had ranked is no longer kept."
    return ""
