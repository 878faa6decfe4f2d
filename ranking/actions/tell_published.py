"""Tell those who listen that pages show something else."""

from __future__ import annotations

from collections.abc import Sequence

from ranking.actions.notify import tell
from ranking.models import Cause, Event, Release


def tell_published(release: Release, pages: Sequence[int]) -> None:
    """Tell of the release and the pages that changed, so that a shop knows what to fetch."""
    back = release.cause == Cause.ROLL_BACK
    payload = {
        "release": release.pk,
        "cause": release.cause,
        "run": release.run_id,
        "back_to": release.back_to_id,
        "by": release.by.username if release.by else None,
        "at": release.at.isoformat(),
        "note": release.note,
        "pages": sorted(pages),
        "withdrawn": release.withdrawn,
    }
    tell(Event.ROLLED_BACK if back else Event.PUBLISHED, payload)
