"""What people would probably not call right goes."""

from __future__ import annotations

from ranking.pipeline.options import Options
from ranking.pipeline.rules.lineup import Lineup, removed

UNSURE = "minimum confidence"


def minimum_confidence(page: Lineup, options: Options) -> Lineup:
    """Remove what people would probably not call right."""
    asked = round(100 * options.minimum_confidence)

    def says(place: int) -> str:
        # Rounded as everywhere, but so that it never reads "35 % is below the 35 %".
        sure = min(round(100 * float(page.confidence[place])), asked - 1)
        return f"Confidence {sure} % is below the {asked} % asked for."

    return removed(page, UNSURE, page.confidence < options.minimum_confidence, says)
