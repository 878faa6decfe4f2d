"""All rules that touch a page, by where they come from. Loads no arrays."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count

from ranking.labels import rule_label
from ranking.models import BranchRules, HandState, PageRun
from ranking.queries.hand import DraftedPage, RuleLine, live_rules, rules_of
from ranking.queries.rules import RuleLine as AskedLine
from ranking.queries.rules import rules_of as asked_of
from taxonomy.models import Category


@dataclass(frozen=True)
class MachineRule:
    """A rule of the run, and how many of the page's candidates it touched."""

    rule: str
    label: str
    removed: int
    moved: int


@dataclass(frozen=True)
class Asked:
    """What one origin asks of the page: the page itself, a branch above it, the shop, nobody."""

    branch: Category | None  # None: the whole shop, or the defaults
    revision: BranchRules | None  # None: the defaults
    is_own: bool  # of the page itself
    lines: list[AskedLine]


class Touching:
    """The rules that touch one page. Read when asked for."""

    def __init__(self, page: Category, page_run: PageRun | None) -> None:
        self.page, self.page_run = page, page_run

    @cached_property
    def live(self) -> list[RuleLine]:
        """The rules by hand that count, the newest first, with what came of each."""
        return live_rules(self.page, self.page_run)

    @cached_property
    def drafts(self) -> list[RuleLine]:
        """The rules by hand that are drafted."""
        return DraftedPage(self.page, self.page_run).rules

    @cached_property
    def machine(self) -> list[MachineRule]:
        """The machine's rules that did something here, those that touched most first."""
        if self.page_run is None:
            return []
        rows = self.page_run.ranked.order_by()
        gone = rows.filter(position=None).values_list("removed_by")
        removed: Counter[str] = Counter(dict(gone.annotate(Count("id"))))
        moves = rows.exclude(moves=[]).values_list("moves", flat=True)
        moved = Counter(rule for one in moves for rule in {move["rule"] for move in one})
        touched = removed + moved
        return [
            MachineRule(rule, rule_label(rule), removed[rule], moved[rule])
            for rule, _ in sorted(touched.items(), key=lambda one: (-one[1], one[0]))
        ]

    @cached_property
    def asked_lines(self) -> list[AskedLine]:
        """What counts for the next run of the page, line by line."""
        return asked_of(self.page)

    @cached_property
    def asked(self) -> list[Asked]:
        """The same by who asks for it, the nearest first."""
        by_source: dict[BranchRules | None, list[AskedLine]] = defaultdict(list)
        for line in self.asked_lines:
            by_source[line.source].append(line)
        found = [
            Asked(
                source.branch if source else None,
                source,
                source is not None and source.branch_id == self.page.pk,
                lines,
            )
            for source, lines in by_source.items()
        ]
        return sorted(found, key=_nearest_first)

    @cached_property
    def over(self) -> list[RuleLine]:
        """The last rules by hand that count no more."""
        rules = rules_of(self.page, HandState.ENDED, HandState.DISCARDED)[:20]
        return [RuleLine(rule, None, None, None, None) for rule in rules]


def _nearest_first(asked: Asked) -> tuple[bool, int]:
    depth = len(asked.branch.lineage) if asked.branch else 0
    return asked.revision is None, -depth
