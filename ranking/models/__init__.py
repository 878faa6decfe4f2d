"""What the machine thinks: runs, page rankings, what it learned, confused siblings."""

from ranking.models.confusion import (
    ConfusedPair,
    FenceProduct,
    Preview,
    PreviewState,
    Suggestion,
    SuggestionSource,
    SuggestionState,
)
from ranking.models.evaluations import Evaluation
from ranking.models.jobs import Job
from ranking.models.learned import LEFT_OUT, Adoption, Kind, Training
from ranking.models.runs import FINISHED, PageRun, RankedProduct, Run, State

__all__ = (
    "FINISHED",
    "LEFT_OUT",
    "Adoption",
    "ConfusedPair",
    "Evaluation",
    "FenceProduct",
    "Job",
    "Kind",
    "PageRun",
    "Preview",
    "PreviewState",
    "RankedProduct",
    "Run",
    "State",
    "Suggestion",
    "SuggestionSource",
    "SuggestionState",
    "Training",
)
