"""Judging: sitting down, getting what comes next, and saying what it is."""

from judgments.actions.judge.leasing import LEASE, MOST, Leased, lease
from judgments.actions.judge.sitting import NotYours, annotator_of, require_own, sit
from judgments.actions.judge.submissions import (
    MAX_NOTE,
    Gap,
    Outcome,
    Submission,
    SubmissionFault,
    Submitted,
    Told,
)
from judgments.actions.judge.submitting import submit

__all__ = [
    "LEASE",
    "MAX_NOTE",
    "MOST",
    "Gap",
    "Leased",
    "NotYours",
    "Outcome",
    "Submission",
    "SubmissionFault",
    "Submitted",
    "Told",
    "annotator_of",
    "lease",
    "require_own",
    "sit",
    "submit",
]
