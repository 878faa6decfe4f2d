"""What the commands that learn a version share: to see it through, have runs use it, tell of it."""

from __future__ import annotations

import json

from django.core.management.base import CommandError, OutputWrapper

from ranking.actions.adopt import DecidedMeanwhile, NotReady, adopt
from ranking.management.watching import follow
from ranking.models import Kind, State, Training
from ranking.queries.learned import adoption


def see_through(training: Training, *, here: bool, stderr: OutputWrapper) -> None:
    """Return when the version is ready; raises CommandError with why when it is not."""
    follow(training, here=here, stderr=stderr)
    if training.state != State.DONE:
        raise CommandError(training.error or f"{training} {training.state}.")


def adopt_now(training: Training) -> None:
    """Have runs use the version from the next one on; raises CommandError if it cannot be used."""
    kind = Kind(training.kind)
    newest = adoption(kind)
    try:
        adopt(kind, training, by=None, based_on=newest.pk if newest else None)
    except (NotReady, DecidedMeanwhile) as error:
        raise CommandError(str(error)) from error


def is_in_use(training: Training) -> bool:
    """Return whether runs use the version."""
    newest = adoption(Kind(training.kind))
    return newest is not None and newest.training == training


def figures(training: Training) -> str:
    """Return one JSON object for programs."""
    return json.dumps(
        {
            "training": training.pk,
            "chosen": training.chosen,
            "in_use": is_in_use(training),
            "card": training.card,
            "made": training.made,
        }
    )
