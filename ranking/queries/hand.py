"""A page's rules by hand, and what its drafts would change. Loads no arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from ranking.models import HandKind, HandRule, HandState, PageRun
from ranking.queries.browse import shown_page_run
from ranking.queries.checks import Check, checks_of
from ranking.queries.lineup import Line, lineup, lineups
from ranking.queries.shown import shown_publication
from taxonomy.models import Category


@dataclass(frozen=True)
class RuleLine:
    """A rule by hand: what came of it, or would, and what people said of what it hides."""

    rule: HandRule
    after: Line | None  # with it; None: the page was never ranked
    before: Line | None  # without it, for a draft; None: it is no candidate of the page
    replaces: HandRule | None  # the live rule that a draft would end
    check: Check | None


@dataclass(frozen=True)
class Pair:
    """A place of the page: what stands there, and what would with the drafts."""

    place: int
    live: Line | None
    draft: Line | None
    moved: int  # what would stand there comes up by so many places; negative: down
    is_new: bool  # what would stand there is not shown now
    goes: bool  # what stands there would not be shown


class DraftedPage:
    """A page as it is and as its drafts would make it. Read when asked for."""

    def __init__(self, page: Category, page_run: PageRun | None) -> None:
        self.page, self.page_run = page, page_run

    @property
    def live(self) -> list[Line]:
        """The products with the live rules laid over, those shown first."""
        return self._both[0]

    @property
    def draft(self) -> list[Line]:
        """The products with the drafts laid over, too."""
        return self._both[1]

    @cached_property
    def _both(self) -> list[list[Line]]:
        return lineups(self.page_run, "live", "draft") if self.page_run else [[], []]

    @cached_property
    def rules(self) -> list[RuleLine]:
        """The drafts, the oldest first."""
        drafts = list(rules_of(self.page, HandState.DRAFT).order_by("id"))
        if not drafts:
            return []
        after, before = by_product(self.draft), by_product(self.live)
        checks = checks_of(self.page, hidden(drafts))
        return [
            RuleLine(
                rule,
                after.get(rule.product_id),
                line,
                line.hand if line else None,
                checks.get(rule.product_id),
            )
            for rule in drafts
            for line in [before.get(rule.product_id)]
        ]

    @cached_property
    def moved(self) -> int:
        """How many of the products would stand elsewhere, come, or go."""
        if not self.rules:
            return 0
        before = {line.product.pk: line.place for line in self.live}
        after = {line.product.pk: line.place for line in self.draft}
        return sum(before.get(pk) != after.get(pk) for pk in before | after)

    def pairs(self, first: int) -> list[Pair]:
        """The first places side by side."""
        live, draft = shown(self.live)[:first], shown(self.draft)[:first]
        was = {line.product.pk: line.place for line in shown(self.live)}
        stays = {line.product.pk for line in shown(self.draft)}
        return [
            _pair(place, _at(live, place), _at(draft, place), was, stays)
            for place in range(1, max(len(live), len(draft)) + 1)
        ]


def ruled_page_run(page: Category) -> PageRun | None:
    """Return the ranking that rules by hand are laid over: the published one; before any
    publication, the newest."""
    publication = shown_publication(page)
    return publication.page_run if publication else shown_page_run(page)


def rules_of(page: Category, *states: HandState) -> QuerySet[HandRule]:
    """Return the page's rules by hand in these states, the newest first."""
    found = HandRule.objects.filter(page=page, state__in=states).order_by("-id")
    return found.select_related("page", "product__retailer", "author", "closed_by")


def live_rules(page: Category, page_run: PageRun | None) -> list[RuleLine]:
    """Return the page's live rules by hand, the newest first, with what came of them."""
    rules = list(rules_of(page, HandState.LIVE))
    lines = by_product(lineup(page_run, "live")) if page_run and rules else {}
    checks = checks_of(page, hidden(rules))
    return [
        RuleLine(rule, lines.get(rule.product_id), None, None, checks.get(rule.product_id))
        for rule in rules
    ]


def shown(lines: Sequence[Line]) -> list[Line]:
    """Return the lines that people are shown."""
    return [line for line in lines if line.place is not None]


def by_product(lines: Sequence[Line]) -> dict[int, Line]:
    """Return the lines by the id of their product."""
    return {line.product.pk: line for line in lines}


def hidden(rules: Sequence[HandRule]) -> list[int]:
    """Return the ids of the products that these rules hide."""
    return [rule.product_id for rule in rules if rule.kind == HandKind.HIDE]


def _at(lines: Sequence[Line], place: int) -> Line | None:
    return lines[place - 1] if place <= len(lines) else None


def _pair(
    place: int, live: Line | None, draft: Line | None, was: dict[int, int | None], stays: set[int]
) -> Pair:
    before = was.get(draft.product.pk) if draft else None
    return Pair(
        place=place,
        live=live,
        draft=draft,
        moved=before - place if before else 0,
        is_new=draft is not None and before is None,
        goes=live is not None and live.product.pk not in stays,
    )
