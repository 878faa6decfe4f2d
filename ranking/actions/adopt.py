"""Say which version of what is learned runs use from now on."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from ranking.models import LEFT_OUT, Adoption, Kind, State, Training
from ranking.queries.learned import adoption


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
    if training and (training.kind != kind or training.state != State.DONE):
        raise NotReady(f"{training} is not ready to be used.")
    if training and training.chosen == LEFT_OUT and kind == Kind.RERANKER:
        raise NotReady(f"{training} was not better than doing without, so there is nothing to use.")
    newest = adoption(kind)
    if newest and newest.training == training:
        return newest
    if (newest.pk if newest else None) != based_on:
        raise DecidedMeanwhile(newest)
    try:
        with transaction.atomic():
            return Adoption.objects.create(kind=kind, training=training, based_on=newest, by=by)
    except IntegrityError:
        raise DecidedMeanwhile(adoption(kind)) from None
