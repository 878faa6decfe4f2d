"""What branches ask of their pages, and what each inherits. Loads no arrays.

A branch's newest live revision counts; what it does not name comes from the nearest branch above
that does, then from the shop's own, then from the defaults.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import CharField, ExpressionWrapper, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ranking.models import BranchRules, Run
from ranking.models.rules import RulesState
from ranking.pipeline.options import Options
from ranking.rule_fields import FIELDS, RuleField, Value
from taxonomy.models import Category

# What a run is told for all of its pages.
OF_RUN = ("candidates", "wrong_shown", "page_size")


@dataclass(frozen=True)
class RuleLine:
    """One thing that a branch may ask for: what counts there, and where that comes from."""

    field: RuleField
    value: Value
    source: BranchRules | None  # None: the default
    is_own: bool

    @property
    def shown(self) -> str:
        return self.field.shown(self.value)

    @property
    def origin(self) -> str:
        """Where the value comes from, for people."""
        if self.source is None:
            return "the default"
        return str(self.source.branch) if self.source.branch else "the whole shop"


@dataclass(frozen=True)
class BranchLine:
    """A branch that asks for something of its own, or has a draft that does."""

    branch: Category | None
    own: list[RuleLine]  # what it overrides
    live: BranchRules | None
    draft: BranchRules | None
    pages: int  # below it


def live_rules() -> dict[int | None, BranchRules]:
    """Return the revision that counts of each branch that has one, None for the whole shop."""
    return _by_branch(BranchRules.objects.filter(state=RulesState.LIVE))


def newest_rules(branch: Category | None) -> BranchRules | None:
    """Return the newest revision of the branch, live or draft."""
    return revisions(branch).first()


def revisions(branch: Category | None) -> QuerySet[BranchRules]:
    """Return all revisions of the branch, newest first."""
    found = BranchRules.objects.filter(branch=branch).select_related("author", "branch")
    return found.order_by("-id")


def rules_of(branch: Category | None, instead: Mapping[str, Value] | None = None) -> list[RuleLine]:
    """Return what counts for a branch or a page, line by line; None for the whole shop.

    `instead` takes the place of what the branch itself says.
    """
    live = live_rules()
    above = _lineage(branch, live)
    own = live.get(branch.pk if branch else None)
    if instead is not None:
        own = BranchRules(branch=branch, values=dict(instead))
    return [_line(field, own, above) for field in FIELDS]


def own_values(branch: Category | None) -> dict[str, Value]:
    """Return what the branch itself asks for now."""
    live = live_rules().get(branch.pk if branch else None)
    return dict(live.values) if live else {}


def branch_lines() -> list[BranchLine]:
    """Return the whole shop, then every branch with rules or a draft, in the order of the tree."""
    live, newest = live_rules(), _by_branch(BranchRules.objects.all())
    found = [one.branch for one in newest.values() if one.branch]
    branches = sorted(found, key=lambda branch: (branch.path, branch.pk))
    pages = _pages_below()
    return [_branch_line(branch, live, newest, pages) for branch in (None, *branches)]


def rules_now() -> dict[str, Any]:
    """Return what counts for all pages now, resolved, as a run keeps it.

    `sets` are values by name, the first the whole shop's; `pages` says which of them goes for a
    page, where it is another than the first; `until` is the newest live revision.
    """
    live = live_rules()
    sets: list[dict[str, Value]] = [_values([live.get(None)])]
    of_page: dict[str, int] = {}
    if len(live) > (None in live):
        for page in Category.objects.pages().order_by("id"):
            values = values_for(page, live)
            if values not in sets:
                sets.append(values)
            if at := sets.index(values):
                of_page[str(page.pk)] = at
    until = max((rules.pk for rules in live.values()), default=0)
    return {"until": until, "sets": sets, "pages": of_page}


def values_for(page: Category, live: Mapping[int | None, BranchRules]) -> dict[str, Any]:
    """Return what a page comes to ask for, given the revision that counts of each branch."""
    return _values([live.get(pk) for pk in (None, *page.lineage_ids)])


def told_by_settings(run: Run) -> Options:
    """Return what the run was told apart from rules; runs of old were told less."""
    return Options(**{name: run.settings[name] for name in OF_RUN if name in run.settings})


def options_of(run: Run) -> Options:
    """Return what the run was told of all pages whose branches ask for nothing else."""
    return replace(told_by_settings(run), **_sets(run)[0])


def options_by_page(run: Run) -> dict[int, Options]:
    """Return what the run was told of pages that ask for something else than the shop, by page."""
    sets = _sets(run)
    options = [replace(options_of(run), **values) for values in sets]
    own = run.settings.get("rules", {}).get("pages", {})
    return {int(page): options[at] for page, at in own.items()}


def shop_values() -> dict[str, Any]:
    """Return what the whole shop asks for now, as options have it."""
    return {**own_values(None)}


def newest_rules_over(lineage: OuterRef) -> Subquery:
    """Return, for a query of categories, the id of the newest live revision that a page with this
    lineage follows from; null where there is none."""
    over = Q(branch=None) | Q(below__startswith=F("branch__lineage"))
    below = ExpressionWrapper(lineage, output_field=CharField())
    found = BranchRules.objects.annotate(below=below).filter(over, state=RulesState.LIVE)
    newest = found.order_by().values("state").annotate(newest=Max("id"))
    return Subquery(newest.values("newest"))


def pages_under(branch: Category | None) -> QuerySet[Category]:
    """Return the pages that a branch's rules are about."""
    pages = Category.objects.pages()
    return pages.filter(lineage__startswith=branch.lineage) if branch else pages


def _sets(run: Run) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = run.settings.get("rules", {}).get("sets", [{}])
    return kept


def _by_branch(rules: QuerySet[BranchRules]) -> dict[int | None, BranchRules]:
    """The newest of each branch."""
    newest = rules.order_by().values(of=Coalesce("branch", 0)).annotate(newest=Max("id"))
    found = BranchRules.objects.filter(pk__in=newest.values("newest"))
    return {one.branch_id: one for one in found.select_related("branch", "author")}


def _lineage(branch: Category | None, live: Mapping[int | None, BranchRules]) -> list[BranchRules]:
    """The revisions that the branch inherits from, the nearest first."""
    ids = (None, *branch.lineage_ids[:-1]) if branch else ()
    return [live[pk] for pk in reversed(ids) if pk in live]


def _values(rules: Iterable[BranchRules | None]) -> dict[str, Value]:
    """What revisions come to, given from the top down, in the order of FIELDS."""
    told: dict[str, Value] = {}
    for one in rules:
        told |= one.values if one else {}
    return {field.name: told[field.name] for field in FIELDS if field.name in told}


def _line(field: RuleField, own: BranchRules | None, above: list[BranchRules]) -> RuleLine:
    for rules in (own, *above):
        if rules and field.name in rules.values:
            return RuleLine(field, rules.values[field.name], rules, is_own=rules is own)
    return RuleLine(field, field.default, None, is_own=False)


def _pages_below() -> Counter[int | None]:
    """How many pages there are at and below each category, and of all, under None."""
    pages = Category.objects.pages()
    return Counter(pk for page in pages.iterator() for pk in (None, *page.lineage_ids))


def _branch_line(
    branch: Category | None,
    live: Mapping[int | None, BranchRules],
    newest: Mapping[int | None, BranchRules],
    pages: Mapping[int | None, int],
) -> BranchLine:
    pk = branch.pk if branch else None
    own, last = live.get(pk), newest.get(pk)
    lines = [_line(field, own, []) for field in FIELDS] if own else []
    return BranchLine(
        branch=branch,
        own=[line for line in lines if line.is_own],
        live=own,
        draft=last if last and last.state == RulesState.DRAFT else None,
        pages=pages.get(pk, 0),
    )
