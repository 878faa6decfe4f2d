"""Whether what visitors saw while a shop was published anew can have been true."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; times are of the machine's steady clock."""

    page: int
    sent: float
    got: float
    status: int
    etag: str
    content: str  # the digest of what the body tells; "" without a body, "mixed" when torn
    known: str  # the ETag that was named

    @property
    def listing(self) -> str:
        """The listing that the answer says it is."""
        return self.etag.strip('"').partition(".")[0]


@dataclass(frozen=True)
class Change:
    """The shop shows other listings, from some moment between these two on."""

    began: float
    ended: float
    listings: Mapping[int, str]  # page → digest


def telling(body: bytes) -> str:
    """Return the digest of what the body tells; "mixed" when it is not the listing it names."""
    answer = json.loads(body)
    content = {name: answer[name] for name in ("page", "products", "facets")}
    written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = blake2b(written.encode(), digest_size=32).hexdigest()
    return digest if digest == answer["listing"] else "mixed"


def faults(replies: Sequence[Reply], before: Mapping[int, str], changes: list[Change]) -> list[str]:
    """Return what was wrong with which answers: errors, mixtures, and what was stale.

    An answer may tell what was shown at any moment between request and reply. Once anybody has
    seen a change on one page, everybody who asks later sees it on all.
    """
    changes = [_as_seen(change, replies) for change in changes]
    wrong = ((reply, _fault(reply, before, changes)) for reply in replies)
    return [f"page {reply.page} at {reply.sent:.6f}: {fault}" for reply, fault in wrong if fault]


def _fault(reply: Reply, before: Mapping[int, str], changes: list[Change]) -> str:
    if reply.status not in (200, 304):
        return f"answered {reply.status}"
    if reply.status == 304 and reply.known != reply.etag:
        return "304 for what was not named"
    if reply.status == 200 and reply.content != reply.listing:
        return f"a mixture: {reply.content} under {reply.listing}"
    if reply.status == 200 and reply.known == reply.etag:
        return "a whole answer for what was known"
    if reply.listing not in _possible(reply, before, changes):
        return "stale, or not yet published"
    return ""


def _possible(reply: Reply, before: Mapping[int, str], changes: list[Change]) -> set[str]:
    shown = before[reply.page]
    possible = {shown}
    for change in changes:
        if change.ended <= reply.sent:
            possible = {change.listings[reply.page]}
        elif change.began <= reply.got:
            possible.add(change.listings[reply.page])
    return possible


def _as_seen(change: Change, replies: Sequence[Reply]) -> Change:
    """The change, over no later than when somebody first saw it."""
    seen = (
        reply.got
        for reply in replies
        if reply.listing == change.listings[reply.page] and change.began <= reply.sent
    )
    return Change(change.began, min([change.ended, *seen]), change.listings)
