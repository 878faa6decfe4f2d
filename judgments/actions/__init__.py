"""Writes of the judgments app that span rows."""

from judgments.actions.importing import JudgmentFigures, Products, import_judgments

__all__ = ["JudgmentFigures", "Products", "import_judgments"]
