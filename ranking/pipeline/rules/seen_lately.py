"""What no crawl has seen for long goes."""

from __future__ import annotations

from ranking.pipeline.options import Options
from ranking.pipeline.rules.lineup import Lineup, removed

UNSEEN = "not seen lately"


def seen_lately(page: Lineup, options: Options) -> Lineup:
    """Remove what no crawl has seen for long; an unknown date is no reason.

    How age is counted, and why a night without a crawl makes nothing older: `lineup.ages`.
    """
    age = page.age(options)
    return removed(
        page,
        UNSEEN,
        age > options.longest_unseen_days,
        lambda place: f"Not seen for {age[place]:.0f} days.",
    )
