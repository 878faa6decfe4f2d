"""What rankings give campaigns to judge."""

from __future__ import annotations

from judgments.queries.pools import Pool, add_pool
from judgments.queries.shown import Rankings, add_rankings
from ranking.queries import pools


def add_to_campaigns() -> None:
    """Have campaigns offer these pools, and know what pages show."""
    add_rankings(Rankings(pools.rankings, pools.sizes))
    for pool in POOLS:
        add_pool(pool)


POOLS = (
    Pool(pools.TOP, "Top of the page", "What people see first.", 10, pools.top_of_page),
    Pool(
        pools.CUT,
        "Near the cut",
        "What is just sure enough to be shown, and what is just not.",
        8,
        pools.near_the_cut,
    ),
    Pool(
        pools.REMOVED,
        "Removed otherwise",
        "What a rule other than low confidence took off the page.",
        3,
        pools.removed_otherwise,
    ),
    Pool(
        pools.FENCE,
        "Between siblings",
        "What stands between the page and a sibling: this one, that one or neither?",
        4,
        pools.on_the_fence,
    ),
)
