"""Writes of the judgments app that span rows."""

from judgments.actions.importing import JudgmentFigures, import_judgments

__all__ = ["JudgmentFigures", "import_judgments"]
