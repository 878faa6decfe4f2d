"""A page's products in the order in which people are shown them. Loads no arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ranking.hand import Candidate, Placed, Word, lay_over
from ranking.labels import rule_label
from ranking.models import HandRule, HandState, PageRun, RankedProduct
from taxonomy.models import Product

Rules = Literal["live", "draft", "none"]
NO_CANDIDATE = "no candidate"  # in `removed_by` of what only a rule by hand brings to the page
_DEAREST = Decimal("Infinity")


@dataclass(frozen=True, eq=False)
class Line:
    """A product of a page: where it stands, and which rule by hand touched it."""

    # Not saved, and without score and confidence, for what is no candidate of the page.
    ranked: RankedProduct
    place: int | None  # None: not shown
    machine_place: int | None
    hand: HandRule | None
    said: str  # what came of the rule, in plain sentences
    offers: tuple[Line, ...] = ()  # of the same product, behind this one: the cheapest first
    draft: HandRule | None = None  # what somebody has drafted for it, whether or not it is heeded

    @property
    def product(self) -> Product:
        return self.ranked.product

    @property
    def is_candidate(self) -> bool:
        """Whether the machine has looked at it on this page."""
        return self.ranked.pk is not None

    @property
    def is_pinned(self) -> bool:
        return self.hand is not None and self.hand.kind == "pin"

    @property
    def is_touched(self) -> bool:
        """Whether a rule, the machine's or somebody's, has moved it."""
        return self.hand is not None or bool(self.ranked.moves)


def lineup(page_run: PageRun, rules: Rules = "live") -> list[Line]:
    """Return the page's products: those shown by place, then all others, the surest first.

    `rules` says which rules by hand are laid over the machine's order: those that are live, these
    with the drafts in their places, or none. Three queries at most.
    """
    [lines] = lineups(page_run, rules)
    return lines


def lineups(page_run: PageRun, *wanted: Rules) -> list[list[Line]]:
    """Return the page's products under each of these, see `lineup`, reading them only once."""
    words, ranked = _words(page_run.page_id), {one.product_id: one for one in _ranked(page_run)}
    strangers = Product.objects.filter(pk__in=[one.product_id for one in words]).exclude(
        pk__in=page_run.ranked.values("product")
    )
    brought = {
        product.pk: RankedProduct(page_run=page_run, product=product, removed_by=NO_CANDIDATE)
        for product in (strangers.select_related("retailer") if words else ())
    }
    return [_laid(ranked, brought, words, rules) for rules in wanted]


def _laid(
    ranked: Mapping[int, RankedProduct],
    brought: Mapping[int, RankedProduct],
    words: Sequence[HandRule],
    rules: Rules,
) -> list[Line]:
    heeded = {one.product_id: one for one in words if _counts(one, rules)}
    known = {**ranked, **{pk: one for pk, one in brought.items() if pk in heeded}}
    placed = lay_over([candidate(one) for one in known.values()], words_of(heeded.values()))
    drafts = {one.product_id: one for one in words if one.state == HandState.DRAFT}
    return _lines(placed, known, heeded, drafts)


def unruled(page_run: PageRun) -> list[Line]:
    """Return all candidates in the order of their scores: the page as if there were no rule.

    Each has in `place` where it would stand; what a rule removed has no `machine_place`.
    """
    ranked = sorted(_ranked(page_run), key=lambda one: (-one.score, one.product_id))
    return [Line(one, place, one.position, None, "") for place, one in enumerate(ranked, start=1)]


def _words(page: int) -> list[HandRule]:
    """The page's live rules by hand, then its drafts: of a product, the draft comes last."""
    found = HandRule.objects.filter(page=page, state__in=(HandState.LIVE, HandState.DRAFT))
    return sorted(found.select_related("author"), key=lambda one: (one.state == "draft", one.pk))


def _counts(rule: HandRule, rules: Rules) -> bool:
    return rules == "draft" or (rules == "live" and rule.state == HandState.LIVE)


def _ranked(page_run: PageRun) -> Iterable[RankedProduct]:
    tiles = page_run.ranked.select_related("product__retailer")
    return tiles.defer("signals", "contributions", "product__description", "product__attributes")


def candidate(ranked: RankedProduct) -> Candidate:
    """Return the product as rules by hand want it."""
    known = ranked.pk is not None
    return Candidate(
        product=ranked.product_id,
        position=ranked.position,
        score=ranked.score if known else None,
        removed_by=rule_label(ranked.removed_by).lower(),
        behind=ranked.duplicate_of_id if ranked.position is None else None,
        is_gone=ranked.product.unseen_since is not None,
    )


def words_of(rules: Iterable[HandRule]) -> list[Word]:
    """Return the rules as words to be heeded, numbered from 1 by age."""
    by_age = sorted(rules, key=lambda one: (one.made_at, one.pk))
    return [
        Word(rule.product_id, rule.kind, number, rule.place, rule.strength)
        for number, rule in enumerate(by_age, start=1)
    ]


def _lines(
    placed: Sequence[Placed],
    ranked: Mapping[int, RankedProduct],
    heeded: Mapping[int, HandRule],
    drafts: Mapping[int, HandRule],
) -> list[Line]:
    behind: dict[int, list[Line]] = defaultdict(list)
    lines: dict[int, Line] = {}
    for one in sorted(placed, key=lambda one: one.behind is None):  # offers first: fronts name them
        offers = tuple(sorted(behind[one.product], key=cheapest_first))
        rule, draft = heeded.get(one.product), drafts.get(one.product)
        line = Line(
            ranked[one.product], one.place, one.machine_place, rule, one.said, offers, draft
        )
        lines[one.product] = line
        if one.behind is not None:
            behind[one.behind].append(line)
    return sorted(lines.values(), key=_shown_first)


def cheapest_first(line: Line) -> tuple[Decimal, int]:
    """Return what offers of one product are sorted by; those without a price come last."""
    price = line.product.price
    return (_DEAREST if price is None else price, line.product.pk)


def _shown_first(line: Line) -> tuple[bool, int, float, int]:
    sure = line.ranked.confidence if line.is_candidate else 0.0
    return (line.place is None, line.place or 0, -sure, line.product.pk)
