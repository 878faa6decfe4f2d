"""What is taken off a page or moved on it, each time by a named rule and for a plain reason.

Every rule is a pure function that may be applied again without changing more; their order is that
of RULES. First goes what must not be shown, so that the cheapest of a product's offers is one that
may be; then what is left is ordered. When nothing would be left, rules are relaxed rung by rung: a
page is never empty, and says what was relaxed.
"""

from __future__ import annotations

from ranking.pipeline.options import FIRST_PLACES, Options
from ranking.pipeline.rules.diversity import retailer_diversity
from ranking.pipeline.rules.freshness import freshness
from ranking.pipeline.rules.ladder import ladder
from ranking.pipeline.rules.lineup import Lineup, Move, Offers, Rule, ages, line_up
from ranking.pipeline.rules.minimum_confidence import UNSURE, minimum_confidence
from ranking.pipeline.rules.near_duplicates import near_duplicates
from ranking.pipeline.rules.probably_wrong import (
    OUTLIER,
    fills_first_places,
    more_wrong,
    probably_wrong,
)
from ranking.pipeline.rules.seen_lately import seen_lately
from ranking.pipeline.rules.stock import in_stock_first, sold_out

__all__ = (
    "FIRST_PLACES",
    "OUTLIER",
    "RULES",
    "UNSURE",
    "Lineup",
    "Move",
    "Offers",
    "Rule",
    "ages",
    "apply_rules",
    "fills_first_places",
    "freshness",
    "in_stock_first",
    "ladder",
    "line_up",
    "minimum_confidence",
    "near_duplicates",
    "probably_wrong",
    "retailer_diversity",
    "seen_lately",
    "sold_out",
)

RULES: tuple[Rule, ...] = (
    seen_lately,
    minimum_confidence,
    probably_wrong,
    sold_out,
    near_duplicates,
    freshness,
    in_stock_first,
    retailer_diversity,
)


def apply_rules(page: Lineup, options: Options) -> tuple[Lineup, str]:
    """Return the page after all rules, and a sentence on what was relaxed to fill it, or ""."""
    after = page
    for relaxed, sentence in ladder(options):
        after = page.unmoved()
        for rule in RULES:
            after = rule(after, relaxed)
        if after.is_left.any() or not len(page.products):
            return after, sentence or more_wrong(after, options)
    return after, ""
