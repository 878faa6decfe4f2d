"""Put the rules by hand back with the pages that they made."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.contrib.auth.models import User
from django.db.models import Q

from ranking.models import HandRule, HandState, Release


def rules_as_of(then: Release, now: Release, pages: Collection[int], by: User | None) -> None:
    """Let those rules by hand be live on the pages from the release `now` on that were so at
    `then`.

    What went live since is ended; what ended since is live again, as a rule of its own, unless its
    time is over. Else the next release would lay today's rules over what was rolled back to. All of
    it counts from the moment of `now`, and what a rule went through stays written: so a later
    roll-back to any release, this one too, finds what was live at it.
    """
    rules = HandRule.objects.filter(page__in=list(pages))
    since = rules.filter(state=HandState.LIVE, live_at__gt=then.at)
    since.update(state=HandState.ENDED, closed_at=now.at, closed_by=by)
    ended_since = rules.filter(
        Q(until=None) | Q(until__gt=now.at),
        state=HandState.ENDED,
        live_at__lte=then.at,
        closed_at__gt=then.at,
    )
    HandRule.objects.bulk_create([_again(rule, now) for rule in ended_since.order_by("pk")])


def _again(rule: HandRule, release: Release) -> HandRule:
    """The ended rule, live from the release on; it is as old as it was, which pins go by."""
    rule.pk, rule.token = None, uuid.uuid4()
    rule.state, rule.live_at = HandState.LIVE, release.at
    rule.closed_at = rule.closed_by = None
    return rule
