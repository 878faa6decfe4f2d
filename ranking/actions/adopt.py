"""Say which version of what is learned runs use from now on."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from ranking.models import Adoption, Kind, Training
from ranking.queries.learned import adoption, unusable


class NotReady(Exception):
    """The version cannot be used; the message says why."""


class DecidedMeanwhile(Exception):
    """Somebody else has switched since the page was loaded; `newest` is what they said."""

    def __init__(self, newest: Adoption | None) -> None:
        super().__init__("Somebody else has switched meanwhile.")
        self.newest = newest


def adopt(
    kind: Kind, training: Training | None, *, by: User | None, based_on: int | None
) -> Adoption:
    """Return the new word on what runs use; None goes back to no version.

    `based_on` is the adoption that its author saw, None for none. The same word again is the word
    that stands. Raises NotReady and DecidedMeanwhile.
    """
    if training and training.kind != kind:
        raise NotReady(f"{training} is no {kind.label}.")
    if training and (why := unusable(training)):
        raise NotReady(why)
    newest = adoption(kind)
    if newest and newest.training == training:
        return newest
    if (newest.pk if newest else None) != based_on:
        raise DecidedMeanwhile(newest)
    try:
        with transaction.atomic():
            return Adoption.objects.create(kind=kind, training=training, based_on=newest, by=by)
    except IntegrityError:
        return _said_at_the_same_moment(kind, training)


def _said_at_the_same_moment(kind: Kind, training: Training | None) -> Adoption:
    """The word that came first, if it is the same."""
    newest = adoption(kind)
    if newest and newest.training == training:
        return newest
    raise DecidedMeanwhile(newest)
