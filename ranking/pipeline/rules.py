"""What is taken off a page or moved on it, each time by a named rule and for a plain reason.

Every rule is a pure function that may be applied again without changing more. When nothing
would be left, rules are relaxed rung by rung: a page is never empty, and says what was relaxed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ranking.pipeline.data import Bools, Doubles, Ints, Options
from ranking.pipeline.outliers.stage import Doubts

FIRST_PLACES = 10  # are filled with what is sure enough to be shown, even if the bound suffers


@dataclass(frozen=True, eq=False)
class Lineup:
    """The N candidates of a page and what the rules have said of each so far."""

    products: Ints  # ids
    chance: Doubles  # the score as a probability: what the order follows before the rules
    confidence: Doubles
    days_unseen: Doubles  # NaN when unknown
    utility: Doubles  # what the order follows now
    removed_by: tuple[str, ...]  # the rule's name, or ""
    reasons: tuple[str, ...]  # why removed or moved, or ""
    doubts: Doubts | None = None  # None: nobody looked for outliers

    @property
    def is_left(self) -> Bools:
        return np.array([not rule for rule in self.removed_by], bool)

    @property
    def order(self) -> Ints:
        """The places of all candidates: those left first, each part by falling utility, ties
        by product id."""
        order: Ints = np.lexsort((self.products, -self.utility, ~self.is_left))
        return order


UNSURE, OUTLIER = "minimum confidence", "outlier"  # rules that several places know

Rule = Callable[[Lineup, Options], Lineup]


def line_up(
    products: Ints,
    chance: Doubles,
    confidence: Doubles,
    days_unseen: Doubles,
    doubts: Doubts | None = None,
) -> Lineup:
    """Return the candidates with nothing removed or moved yet."""
    nothing = ("",) * len(products)
    return Lineup(products, chance, confidence, days_unseen, chance, nothing, nothing, doubts)


def seen_lately(page: Lineup, options: Options) -> Lineup:
    """Remove what no crawl has seen for long; an unknown date is no reason."""
    longest = options.longest_unseen_days
    reasons = [f"Not seen for {days:.0f} days." for days in page.days_unseen]
    return _removed(page, "not seen lately", page.days_unseen > longest, reasons)


def minimum_confidence(page: Lineup, options: Options) -> Lineup:
    """Remove what people would probably not call right."""
    least = options.minimum_confidence
    asked = round(100 * least)
    reasons = [
        # Rounded as everywhere, but so that it never reads "35 % is below the 35 %".
        f"Confidence {min(round(100 * sure), asked - 1)} % is below the {asked} % asked for."
        for sure in page.confidence.tolist()
    ]
    return _removed(page, UNSURE, page.confidence < least, reasons)


def probably_wrong(page: Lineup, options: Options) -> Lineup:
    """Remove what is more likely wrong than the bound on wrong products shown allows.

    For being odd, where it would stay if nothing were odd about it; for want of confidence
    otherwise. The least doubtful fill the first places whatever the bound.
    """
    if page.doubts is None:
        return page
    doubts, goes = page.doubts, page.doubts.is_over & ~fills_first_places(page)
    put_up_with = f"{100 * options.wrong_shown:.3g} %"
    odd = [
        f"{clause}, and {100 * chance:.0f} % of such products are wrong."
        for clause, chance in zip(doubts.oddest, doubts.chance_wrong, strict=True)
    ]
    unsure = [
        f"Confidence {100 * sure:.0f} % is too little for at most {put_up_with} wrong."
        for sure in page.confidence
    ]
    without_odd = _removed(page, OUTLIER, goes & doubts.is_odd, odd)
    return _removed(without_odd, UNSURE, goes, unsure)


def fills_first_places(page: Lineup) -> Bools:
    """Return (N,) which of those left are the least likely wrong, as many as first places."""
    fills = np.zeros(len(page.products), bool)
    if page.doubts is not None:
        order = np.lexsort((page.products, page.doubts.chance_wrong, ~page.is_left))
        fills[order[:FIRST_PLACES]] = True
    filled: Bools = fills & page.is_left
    return filled


def freshness(page: Lineup, options: Options) -> Lineup:
    """Order by chance times freshness, which halves with every half-life down to a floor.

    The confidence stays: a product does not become wrong by being old.
    """
    age = np.nan_to_num(page.days_unseen) / options.half_life_days
    utility = page.chance * np.maximum(0.5**age, options.freshness_floor)
    fresh = replace(page, utility=utility)
    before, after = (np.argsort(line.order) for line in (replace(page, utility=page.chance), fresh))
    fell = (after > before) & fresh.is_left
    reasons = tuple(
        f"Moved down: not seen for {days:.0f} days." if moved else reason
        for moved, days, reason in zip(fell, page.days_unseen, page.reasons, strict=True)
    )
    return replace(fresh, reasons=reasons)


RULES: tuple[Rule, ...] = (seen_lately, minimum_confidence, probably_wrong, freshness)


def apply_rules(page: Lineup, options: Options) -> tuple[Lineup, str]:
    """Return the page after all rules, and a sentence on what was relaxed to fill it, or ""."""
    after = page
    for relaxed, sentence in ladder(options):
        after = page
        for rule in RULES:
            after = rule(after, relaxed)
        if after.is_left.any() or not len(page.products):
            return after, sentence or _more_wrong(after, options)
    return after, ""


def _more_wrong(page: Lineup, options: Options) -> str:
    """What is said of a page whose first places are filled at the cost of the bound, or ""."""
    if page.doubts is None or not (page.doubts.is_over & page.is_left).any():
        return ""
    return (
        f"Too few products are sure enough for at most {100 * options.wrong_shown:.3g} % wrong: "
        f"the least doubtful fill the first {FIRST_PLACES} places."
    )


def ladder(options: Options) -> Iterator[tuple[Options, str]]:
    """Yield the options from as asked to lifted, each with what to tell people."""
    least, lifted = options.minimum_confidence, float("inf")
    yield options, ""
    yield (
        replace(options, minimum_confidence=least / 2),
        f"No product reached {100 * least:.0f} % confidence, so {50 * least:.0f} % was enough.",
    )
    yield (
        replace(options, longest_unseen_days=lifted),
        "No product was seen lately: older ones are shown.",
    )
    yield (
        replace(options, minimum_confidence=0.0),
        "No product is likely to belong here: the nearest are shown.",
    )
    yield (
        replace(options, minimum_confidence=0.0, longest_unseen_days=lifted),
        "No product was seen lately or is likely to belong here: the nearest are shown.",
    )


def _removed(page: Lineup, rule: str, which: Bools, reasons: list[str]) -> Lineup:
    """The page without those `which` are still left; the first rule to remove keeps its word."""
    takes = which & page.is_left
    return replace(
        page,
        removed_by=tuple(rule if t else old for t, old in zip(takes, page.removed_by, strict=True)),
        reasons=tuple(
            new if t else old for t, new, old in zip(takes, reasons, page.reasons, strict=True)
        ),
    )
