"""Writes of runs: what people do to them, and the ledger that workers keep."""

from ranking.actions.runs import (
    AlreadyFinished,
    NotABranch,
    NotAPage,
    NothingToRank,
    cancel_run,
    resume_run,
    start_run,
)

__all__ = (
    "AlreadyFinished",
    "NotABranch",
    "NotAPage",
    "NothingToRank",
    "cancel_run",
    "resume_run",
    "start_run",
)
