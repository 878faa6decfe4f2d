"""What the machine thinks: runs, page rankings, confused siblings, suggestions."""

from ranking.models.confusion import (
    ConfusedPair,
    FenceProduct,
    Preview,
    PreviewState,
    Suggestion,
    SuggestionSource,
    SuggestionState,
)
from ranking.models.runs import FINISHED, PageRun, RankedProduct, Run, State

__all__ = (
    "FINISHED",
    "ConfusedPair",
    "FenceProduct",
    "PageRun",
    "Preview",
    "PreviewState",
    "RankedProduct",
    "Run",
    "State",
    "Suggestion",
    "SuggestionSource",
    "SuggestionState",
)
