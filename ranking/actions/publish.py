"""Let pages show something else: a run, rules by hand, or what they showed before.

All of it moves pointers, in one transaction. A release is based on the one before it, and two
that are based on the same one collide: so one publisher at a time is past `_begin`, and what it
reads from there on nobody else changes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from ranking.actions.findings import findings, targets_of
from ranking.actions.pointers import Target, point, withdraw_others
from ranking.actions.rules_as_of import rules_as_of
from ranking.actions.tell_published import tell_published
from ranking.models import Cause, Release, Run
from ranking.queries.gate import Gate, gate
from ranking.queries.releases import shown_after
from ranking.queries.shown import newest_release, shown_publications

TRIES = 10  # of one whose base changes whenever it looks; each time somebody else was through
_LET_GO = "What this run had ranked is no longer kept."


class NothingToPublish(Exception):
    """No page would show anything else; the message says why."""


class NotFinished(Exception):
    """The run is still at work."""


class GateShut(Exception):
    """The gate does not let the run through, for these reasons."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


class NoteMissing(Exception):
    """Whoever publishes against the gate says why."""


class PublishedMeanwhile(Exception):
    """Somebody else has published since the page was loaded; `newest` is what they did."""

    def __init__(self, newest: Release | None) -> None:
        super().__init__("Somebody else has published meanwhile.")
        self.newest = newest


def publish_run(
    run: Run,
    *,
    by: User | None,
    token: uuid.UUID,
    based_on: int | None,
    note: str = "",
    against_gate: bool = False,
) -> Release:
    """Let the run's pages show what it found, with the live rules by hand laid over it.

    `based_on` is the release that its author saw last, None for none. The same `token` again
    returns the first release. Pages that failed, were cancelled or switched off, or fell empty,
    keep what they show. Raises NotFinished, GateShut, NoteMissing, NothingToPublish and
    PublishedMeanwhile.
    """
    said: dict[str, Any] = {"by": by, "token": token, "based_on": based_on, "note": note}
    return _once(token, lambda: _publish(run, **said, against_gate=against_gate))


def _publish(
    run: Run,
    *,
    by: User | None,
    token: uuid.UUID,
    based_on: int | None,
    note: str,
    against_gate: bool,
) -> Release:
    if not run.is_finished:
        raise NotFinished(f"Run {run.pk} is still at work.")
    if run.thinned_at:
        raise NothingToPublish(_LET_GO)
    said = gate(run)
    _raise_if_shut(said, note, against_gate=against_gate)
    act = {"cause": Cause.RUN, "run": run, "by": by, "note": note, "gate": _kept(said)}
    act["against_gate"] = not said.is_open
    with transaction.atomic():
        release = _begin(token, based_on, **act)
        _keep_whole(run)
        found = findings(run)
        changed = point(release, found.targets)
        if not changed:
            raise NothingToPublish(found.why_not)
        release.figures = found.figures | {"changed": len(changed)}
        release.save(update_fields=["figures"])
        tell_published(release, changed)
    return release


def publish_pages(
    pages: Iterable[int], *, cause: Cause, by: User | None, note: str = ""
) -> Release | None:
    """Let these pages follow their live rules by hand, over the ranking that they show.

    None: the shop is told nothing new, since the rules change nothing there, or the pages were
    never published. To be called in the transaction in which the rules went live or ended.
    """
    asked = set(pages)
    try:
        with transaction.atomic():
            release = _begin_next(cause=cause, by=by, note=note)
            shown = {pk: one.page_run for pk, one in shown_publications(asked).items()}
            changed = point(release, targets_of(shown.values()))
            if not changed:
                raise NothingToPublish
            release.figures = {"pages": len(asked), "changed": len(changed)}
            release.save(update_fields=["figures"])
            tell_published(release, changed)
    except NothingToPublish:
        return None
    return release


def roll_back(
    release: Release, *, by: User | None, token: uuid.UUID, based_on: int | None, note: str = ""
) -> Release:
    """Let every page show exactly what it showed after `release`; rules by hand go back with it.

    Pages that showed nothing then show nothing again. The rest is as with `publish_run`. Raises
    NothingToPublish and PublishedMeanwhile.
    """
    said: dict[str, Any] = {"by": by, "token": token, "based_on": based_on, "note": note}
    return _once(token, lambda: _roll_back(release, **said))


def _roll_back(
    release: Release, *, by: User | None, token: uuid.UUID, based_on: int | None, note: str
) -> Release:
    with transaction.atomic():
        new = _begin(token, based_on, cause=Cause.ROLL_BACK, back_to=release, by=by, note=note)
        then = shown_after(release)
        changed = point(
            new, {page: Target(one.page_run_id, one.listing_id) for page, one in then.items()}
        )
        new.withdrawn = withdraw_others(then)
        if not changed and not new.withdrawn:
            raise NothingToPublish("All pages show what they showed then.")
        new.figures = {"pages": len(then), "changed": len(changed)}
        new.save(update_fields=["figures", "withdrawn"])
        rules_as_of(release, new, {*changed, *new.withdrawn}, by)
        tell_published(new, [*changed, *new.withdrawn])
    return new


def _raise_if_shut(said: Gate, note: str, *, against_gate: bool) -> None:
    if said.is_open:
        return
    if not against_gate:
        raise GateShut(said.reasons)
    if not note.strip():
        raise NoteMissing("Who publishes against the gate says why, in a note.")


def _once(token: uuid.UUID, act: Callable[[], Release]) -> Release:
    """What the act made; of two clicks, even at the same moment, what the first one did."""
    made = Release.objects.filter(token=token)
    if again := made.first():
        return again
    try:
        return act()
    except PublishedMeanwhile:
        if again := made.first():
            return again
        raise


def _keep_whole(run: Run) -> None:
    """See that the run has its products, and that they stay until it is published: whoever thins
    it waits for this lock, and looks then whether it is shown."""
    if Run.objects.select_for_update(of=("self",)).get(pk=run.pk).thinned_at:
        raise NothingToPublish(_LET_GO)


def _begin(token: uuid.UUID, based_on: int | None, **act: Any) -> Release:
    """The new release, which nobody else can be based beside. Raises PublishedMeanwhile.

    Its moment is the clock's, not that at which the transaction began: rules that went live in
    the same transaction are older.
    """
    newest = newest_release()
    if (newest.pk if newest else None) != based_on:
        raise PublishedMeanwhile(newest)
    try:
        with transaction.atomic():
            return Release.objects.create(
                token=token, based_on_id=based_on, at=timezone.now(), **act
            )
    except IntegrityError:
        raise PublishedMeanwhile(newest_release()) from None


def _begin_next(**act: Any) -> Release:
    """The new release, after whichever is the newest when its turn comes."""
    for left in reversed(range(TRIES)):
        newest = newest_release()
        try:
            return _begin(uuid.uuid4(), newest.pk if newest else None, **act)
        except PublishedMeanwhile:
            if not left:
                raise
    raise AssertionError  # the last try returns or raises


def _kept(said: Gate) -> dict[str, Any]:
    """What the gate said, as it is kept with the release."""
    return {
        "is_open": said.is_open,
        "is_measured": said.is_measured,
        "reasons": said.reasons,
        "figures": said.figures,
    }
