"""Which versions of what is learned there are, and which one runs use. Loads no arrays."""

from __future__ import annotations

from django.db.models import QuerySet

from ranking.models import Adoption, Kind, State, Training


def adoption(kind: Kind) -> Adoption | None:
    """Return the newest word on which version of this kind runs use; None when nobody said any."""
    return Adoption.objects.filter(kind=kind).select_related("training", "by").first()


def adopted(kind: Kind) -> Training | None:
    """Return the version that runs use; None: do without, or learn anew in each run."""
    newest = adoption(kind)
    return newest.training if newest else None


def versions(kind: Kind) -> QuerySet[Training]:
    """Return the versions of a kind, newest first, those under way and failed among them."""
    return Training.objects.filter(kind=kind).select_related("asked_by")


def newest_version(kind: Kind) -> Training | None:
    """Return the newest version that is ready, adopted or not."""
    return versions(kind).filter(state=State.DONE).first()
