"""Reads of what people think."""

from judgments.queries.judgments import (
    JudgedFigures,
    blind_judgments,
    counting,
    current_judgments,
    guideline_now,
    judged_figures,
    pages_by_judgments,
    unbiased_for,
)

__all__ = [
    "JudgedFigures",
    "blind_judgments",
    "counting",
    "current_judgments",
    "guideline_now",
    "judged_figures",
    "pages_by_judgments",
    "unbiased_for",
]
