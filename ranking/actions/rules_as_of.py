"""Put the rules by hand back with the pages that they made."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from ranking.models import HandRule, HandState, Release


def rules_as_of(release: Release, pages: Collection[int], by: User | None) -> None:
    """Let those rules by hand be live on the pages that were so at the release.

    What went live since is ended; what ended since is live again, unless its time is over. Else
    the next release would lay today's rules over what was rolled back to.
    """
    now, rules = timezone.now(), HandRule.objects.filter(page__in=list(pages))
    since = rules.filter(state=HandState.LIVE, live_at__gt=release.at)
    since.update(state=HandState.ENDED, closed_at=now, closed_by=by)
    ended_since = rules.filter(
        Q(until=None) | Q(until__gt=now),
        state=HandState.ENDED,
        live_at__lte=release.at,
        closed_at__gt=release.at,
    )
    ended_since.update(state=HandState.LIVE, closed_at=None, closed_by=None)
