"""What was not seen for a while stands lower."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ranking.pipeline.options import Options
from ranking.pipeline.rules.lineup import Lineup, moved

AGED = "freshness"


def freshness(page: Lineup, options: Options) -> Lineup:
    """Order by chance times freshness, which halves with every half-life down to a floor.

    The confidence stays: a product does not become wrong by being old. An unknown age is none.
    """
    age = page.age(options)
    fresh = 0.5 ** (np.nan_to_num(age) / options.half_life_days)
    after = replace(page, freshness=np.maximum(fresh, options.freshness_floor))
    before = replace(page, freshness=np.ones(len(age)))
    fell = np.argsort(after.order) > np.argsort(before.order)
    return moved(before, after, AGED, fell, lambda place: f"Not seen for {age[place]:.0f} days.")
