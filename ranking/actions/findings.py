"""What the pages of a run would show if it were published, and which keep what they show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ranking.actions.pointers import Target
from ranking.listings import listing_of
from ranking.models import HandRule, HandState, PageRun, Run, State
from ranking.queries.lineup import lineup
from ranking.queries.shown import shown_publications
from taxonomy.models import Category


@dataclass(frozen=True)
class Findings:
    """What each page is to show, by its id; and the ids of those that keep what they show."""

    targets: dict[int, Target]
    failed: list[int]
    cancelled: list[int]
    empty: list[int]  # nothing was found for them, and they show something
    switched_off: list[int]  # or retired

    @property
    def figures(self) -> dict[str, Any]:
        """What is kept with the release."""
        kept = (self.failed, self.cancelled, self.empty, self.switched_off)
        return {
            "pages": len(self.targets) + sum(map(len, kept)),
            "failed": self.failed,
            "cancelled": self.cancelled,
            "empty": self.empty,
            "switched_off": self.switched_off,
        }

    @property
    def why_not(self) -> str:
        """Why publishing it would change nothing."""
        if self.targets:
            return "Every page shows already what this run found."
        return "This run ranked no page that is switched on."


def findings(run: Run) -> Findings:
    """Return what the run's pages would show, with the live rules by hand laid over it."""
    parts = list(run.page_runs.order_by("page_id"))
    active = set(Category.objects.pages().values_list("id", flat=True))
    on = [part for part in parts if part.page_id in active]
    done = [part for part in on if part.state == State.DONE]
    empty = _fallen_empty(done)
    return Findings(
        targets=targets_of(part for part in done if part.page_id not in empty),
        failed=[part.page_id for part in on if part.state == State.FAILED],
        cancelled=[part.page_id for part in on if part.state == State.CANCELLED],
        empty=sorted(empty),
        switched_off=[part.page_id for part in parts if part.page_id not in active],
    )


def targets_of(page_runs: Iterable[PageRun]) -> dict[int, Target]:
    """Return by page what these rankings come to under the live rules by hand.

    Only pages that have such rules are written anew; the others have their listing from when
    they were ranked.
    """
    parts = list(page_runs)
    live = HandRule.objects.filter(page__in=[one.page_id for one in parts], state=HandState.LIVE)
    ruled = set(live.order_by().values_list("page", flat=True))
    return {part.page_id: _target(part, ruled=part.page_id in ruled) for part in parts}


def _target(part: PageRun, *, ruled: bool) -> Target:
    if not ruled and part.listing_id:
        return Target(part.pk, part.listing_id)
    listing = listing_of(part, lineup(part, rules="live"))
    if not ruled:  # it was ranked before there were listings
        PageRun.objects.filter(pk=part.pk).update(listing=listing)
    return Target(part.pk, listing.pk)


def _fallen_empty(done: list[PageRun]) -> set[int]:
    """The pages for which nothing was found, and which show something."""
    nothing = [part.page_id for part in done if not part.shown]
    return {page for page, one in shown_publications(nothing).items() if one.listing.products}
