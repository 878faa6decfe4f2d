"""What the machine thinks, what people decide about it, and what the shop is shown."""

from ranking.models.comparisons import Comparison, RunNote
from ranking.models.confusion import (
    ConfusedPair,
    FenceProduct,
    Preview,
    PreviewState,
    Suggestion,
    SuggestionSource,
    SuggestionState,
)
from ranking.models.duplicates import ComparedOffer, OfferMatch
from ranking.models.evaluations import Evaluation
from ranking.models.jobs import Job
from ranking.models.learned import LEFT_OUT, Adoption, Kind, Training
from ranking.models.nights import Night, NightPlan
from ranking.models.notices import Delivery, DeliveryState, Event, Webhook
from ranking.models.publications import Cause, Listing, Publication, Release, Shown
from ranking.models.rules import (
    BranchRules,
    HandKind,
    HandRule,
    HandState,
    RulesPreview,
    RulesState,
    Strength,
)
from ranking.models.runs import FINISHED, PageRun, RankedProduct, Run, State
from ranking.models.why_not import WhyNot

__all__ = (
    "FINISHED",
    "LEFT_OUT",
    "Adoption",
    "BranchRules",
    "Cause",
    "ComparedOffer",
    "Comparison",
    "ConfusedPair",
    "Delivery",
    "DeliveryState",
    "Evaluation",
    "Event",
    "FenceProduct",
    "HandKind",
    "HandRule",
    "HandState",
    "Job",
    "Kind",
    "Listing",
    "Night",
    "NightPlan",
    "OfferMatch",
    "PageRun",
    "Preview",
    "PreviewState",
    "Publication",
    "RankedProduct",
    "Release",
    "RulesPreview",
    "RulesState",
    "Run",
    "RunNote",
    "Shown",
    "State",
    "Strength",
    "Suggestion",
    "SuggestionSource",
    "SuggestionState",
    "Training",
    "Webhook",
    "WhyNot",
)
