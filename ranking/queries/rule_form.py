"""What the form of a branch's rules shows: what is inherited, what is written, what a preview
found. Loads no arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ranking.models import BranchRules, RulesPreview, RulesState
from ranking.queries.rules import RuleLine, newest_rules, pages_under, rules_of
from ranking.rule_fields import BY_NAME, RuleField, Value
from taxonomy.models import Category, Product


@dataclass(frozen=True)
class FormLine:
    """One field of the form."""

    field: RuleField
    text: str  # as written; "" inherits
    inherited: RuleLine  # what counts where nothing is written
    fault: str = ""

    @property
    def placeholder(self) -> str:
        """What counts where nothing is written, as the form has it."""
        return self.field.written(self.inherited.value)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What a list offers: the value as the form has it, and its words."""
        return [(self.field.written(value), words) for value, words in self.field.choices]


@dataclass(frozen=True)
class RuleGroup:
    """The fields of one rule."""

    rule: str
    lines: list[FormLine]


@dataclass(frozen=True)
class Said:
    """One thing that a revision asks for, in words."""

    field: RuleField
    value: Value

    @property
    def shown(self) -> str:
        return self.field.shown(self.value)

    @property
    def written(self) -> str:
        return self.field.written(self.value)


@dataclass(frozen=True)
class PageChange:
    """What would change on one page."""

    page: Category
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class Example:
    """A product that the rules would touch, and how."""

    kind: str  # leave, enter, move
    page: Category
    product: Product
    before: int | None
    after: int | None
    why: str


@dataclass(frozen=True)
class Found:
    """What a preview found, with its pages and products."""

    figures: Mapping[str, Any]
    most: list[PageChange]
    examples: list[Example]
    relaxed: list[Category]


def rule_groups(
    branch: Category | None,
    texts: Mapping[str, str],
    faults: Mapping[str, str] | None = None,
) -> list[RuleGroup]:
    """Return the form of a branch, rule by rule, with these texts in its fields."""
    lines = [
        FormLine(
            field=line.field,
            text=texts.get(line.field.name, ""),
            inherited=line,
            fault=(faults or {}).get(line.field.name, ""),
        )
        for line in rules_of(branch, instead={})
    ]
    return [
        RuleGroup(rule, list(group)) for rule, group in groupby(lines, lambda one: one.field.rule)
    ]


def written(values: Mapping[str, Value]) -> dict[str, str]:
    """Return values as the form has them."""
    return {name: BY_NAME[name].written(value) for name, value in values.items()}


def said(rules: BranchRules) -> list[Said]:
    """Return what a revision asks for, in words."""
    return [Said(BY_NAME[name], value) for name, value in rules.values.items()]


def texts_now(branch: Category | None) -> dict[str, str]:
    """Return what stands in the form: what the newest revision says, live or draft."""
    newest = newest_rules(branch)
    return written(newest.values) if newest else {}


def draft_of(branch: Category | None) -> BranchRules | None:
    """Return the draft of the branch, if that is the newest word on it."""
    newest = newest_rules(branch)
    return newest if newest and newest.state == RulesState.DRAFT else None


def found(preview: RulesPreview) -> Found:
    """Return what an answered preview found, read with a query for pages and one for products."""
    answer = preview.answer
    examples = [(kind, one) for kind, some in answer["examples"].items() for one in some]
    ids = {one["page"] for one in answer["most"]} | {one["page"] for _, one in examples}
    pages = Category.objects.in_bulk(ids | set(answer["relaxed"]))
    wanted = {one["product"] for _, one in examples}
    products = Product.objects.select_related("retailer").in_bulk(wanted)
    return Found(
        figures=answer,
        most=[
            PageChange(pages[one["page"]], one) for one in answer["most"] if one["page"] in pages
        ],
        examples=list(_examples(examples, pages, products)),
        relaxed=[pages[pk] for pk in answer["relaxed"] if pk in pages],
    )


def pages_of(branch: Category | None) -> int:
    """Return how many pages follow from the branch's rules."""
    return pages_under(branch).count()


def _examples(
    told: Iterable[tuple[str, Mapping[str, Any]]],
    pages: Mapping[int, Category],
    products: Mapping[int, Product],
) -> Iterable[Example]:
    for kind, one in told:
        if one["page"] in pages and one["product"] in products:  # it may be gone meanwhile
            page, product = pages[one["page"]], products[one["product"]]
            yield Example(kind, page, product, one["before"], one["after"], one["why"])
