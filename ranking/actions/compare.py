"""Ask for runs and releases to be held against each other."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db.models import Max

from judgments.models import Judgment
from ranking.actions.jobs import ask_for
from ranking.models import Comparison, Run, State
from ranking.queries.sides import PUBLISHED, RUN, Side, check_sides, deciding_release


class NotRanked(Exception):
    """The run has nothing that could be measured; the message says why."""


def ask_for_comparison(
    sides: Sequence[Side],
    *,
    by: User | None = None,
    token: uuid.UUID | None = None,
    here: bool = False,
) -> Comparison:
    """Return a comparison of the sides, the first one held against, after ringing for a worker.

    What is published, and a run that is done after it, also decides that run's gate. The same
    `token` again returns the first one; `here` rings for nobody. Raises BadSides.
    """
    check_sides(sides)
    return ask_for(
        Comparison,
        by=by,
        token=token,
        here=here,
        run=_decided(sides),
        settings=_settings_now(sides),
    )


def ask_for_gate(
    run: Run, *, by: User | None = None, token: uuid.UUID | None = None, here: bool = False
) -> Comparison:
    """Return what tells whether the run may be published: what is published held against it.

    Before anything is published, the run is measured alone. Raises NotRanked.
    """
    if run.state != State.DONE:
        raise NotRanked(f"{run} has not come to its end.")
    if run.thinned_at:
        raise NotRanked(f"What run {run.pk} had ranked is no longer kept.")
    published = [Side(PUBLISHED)] if deciding_release() else []
    sides = [*published, Side(RUN, run.pk)]
    return ask_for(
        Comparison, by=by, token=token, here=here, run=run, settings=_settings_now(sides)
    )


def _decided(sides: Sequence[Side]) -> Run | None:
    """The run whose gate the comparison of these sides is."""
    if [side.kind for side in sides] != [PUBLISHED, RUN]:
        return None
    return Run.objects.filter(pk=sides[1].pk, state=State.DONE).first()


def _settings_now(sides: Sequence[Side]) -> dict[str, object]:
    newest = Judgment.objects.aggregate(newest=Max("id"))["newest"]
    return {"sides": [side.as_settings() for side in sides], "judgments_until": newest or 0}
