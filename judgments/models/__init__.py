"""What people think, how they were asked, and how far it can be trusted."""

from judgments.models.adjudications import Adjudication, Cause
from judgments.models.agreement import Agreement, Measurement, Scope
from judgments.models.campaigns import (
    Campaign,
    CampaignState,
    Item,
    Participation,
    ParticipationState,
    Purpose,
    Seat,
    SeatState,
)
from judgments.models.gold import Gold, GoldState
from judgments.models.guidelines import Example, Guideline, GuidelineRevision, GuidelineState
from judgments.models.judgments import BLIND, Grade, Judgment, JudgmentSource
from judgments.models.people import Annotator
from judgments.models.sittings import Answer, AnswerKind, CannotTell, Sitting, View

__all__ = [
    "BLIND",
    "Adjudication",
    "Agreement",
    "Annotator",
    "Answer",
    "AnswerKind",
    "Campaign",
    "CampaignState",
    "CannotTell",
    "Cause",
    "Example",
    "Gold",
    "GoldState",
    "Grade",
    "Guideline",
    "GuidelineRevision",
    "GuidelineState",
    "Item",
    "Judgment",
    "JudgmentSource",
    "Measurement",
    "Participation",
    "ParticipationState",
    "Purpose",
    "Scope",
    "Seat",
    "SeatState",
    "Sitting",
    "View",
]
