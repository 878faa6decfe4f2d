"""Sitting down to judge: who it is, in which view, working through which queue."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from judgments.models import Annotator, Campaign, Sitting, View
from taxonomy.models import Category


class NotYours(Exception):
    """The sitting is another person's; the message says so in a sentence."""


def annotator_of(user: User) -> Annotator:
    """Return the annotator that this person is, made when they first judge.

    A name that an annotator from a file bears already stays theirs: the person gets a number.
    """
    found = Annotator.objects.filter(user=user).first()
    number = 1
    while found is None:
        name = user.get_username() if number == 1 else f"{user.get_username()[:140]} ({number})"
        try:
            with transaction.atomic():
                found = Annotator.objects.create(name=name, user=user)
        except IntegrityError:  # the name is taken, or another request was faster
            found = Annotator.objects.filter(user=user).first()
        number += 1
    return found


def sit(
    annotator: Annotator,
    *,
    id: UUID,  # noqa: A002  the sitting's own word
    view: str = View.FOCUS,
    campaign: Campaign | None = None,
    branch: Category | None = None,
    aside: str = "",
    batch: int = 50,
) -> Sitting:
    """Return the sitting of that id, begun unless it was; raises NotYours."""
    asked = {"view": view, "campaign": campaign, "branch": branch, "aside": aside, "batch": batch}
    sitting, _ = Sitting.objects.get_or_create(id=id, defaults={"annotator": annotator, **asked})
    require_own(annotator, sitting)
    return sitting


def require_own(annotator: Annotator, sitting: Sitting) -> None:
    """Raise NotYours when the sitting is another person's."""
    if sitting.annotator_id != annotator.pk:
        raise NotYours("This sitting is somebody else's.")


def alone(sitting: Sitting) -> Sitting:
    """Return the sitting as it is now, its person doing nothing else until the end of this.

    Whatever a person's tabs ask for at once is done one after the other.
    """
    Annotator.objects.select_for_update(no_key=True).get(pk=sitting.annotator_id)
    return Sitting.objects.select_related("annotator", "campaign", "branch").get(pk=sitting.pk)
