"""What is likely wrong goes, for being odd or for want of confidence."""

from __future__ import annotations

import numpy as np

from ranking.pipeline.data import Bools
from ranking.pipeline.options import FIRST_PLACES, Options
from ranking.pipeline.rules.lineup import Lineup, removed
from ranking.pipeline.rules.minimum_confidence import UNSURE

OUTLIER = "outlier"


def probably_wrong(page: Lineup, options: Options) -> Lineup:
    """Remove what is more likely wrong than the bound on wrong products shown allows.

    For being odd, where it would stay if nothing were odd about it; for want of confidence
    otherwise. The least doubtful fill the first places whatever the bound.
    """
    if page.doubts is None:
        return page
    doubts, goes = page.doubts, page.doubts.is_over & ~fills_first_places(page)
    put_up_with = f"{100 * options.wrong_shown:.3g} %"

    def odd(place: int) -> str:
        wrong = f"{100 * doubts.chance_wrong[place]:.0f} % of such products are wrong."
        return f"{doubts.oddest[place]}, and {wrong}"

    def unsure(place: int) -> str:
        sure = f"Confidence {100 * page.confidence[place]:.0f} %"
        return f"{sure} is too little for at most {put_up_with} wrong."

    return removed(removed(page, OUTLIER, goes & doubts.is_odd, odd), UNSURE, goes, unsure)


def fills_first_places(page: Lineup) -> Bools:
    """Return (N,) which of those left are the least likely wrong, as many as first places."""
    fills = np.zeros(len(page.products), bool)
    if page.doubts is not None:
        order = np.lexsort((page.products, page.doubts.chance_wrong, ~page.is_left))
        fills[order[:FIRST_PLACES]] = True
    filled: Bools = fills & page.is_left
    return filled


def more_wrong(page: Lineup, options: Options) -> str:
    """Return what is said of a page whose first places are filled at the cost of the bound, or
    "" of others."""
    if page.doubts is None or not (page.doubts.is_over & page.is_left).any():
        return ""
    return (
        f"Too few products are sure enough for at most {100 * options.wrong_shown:.3g} % wrong: "
        f"the least doubtful fill the first {FIRST_PLACES} places."
    )
