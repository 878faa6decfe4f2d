"""Files of judgments: what came in, row by row, before anything is kept."""

from judgments.imports.formats import FORMATS, judgment_rows
from judgments.imports.opinions import BadOpinion, Opinion, parse_opinion
from judgments.imports.products import Products

__all__ = ["FORMATS", "BadOpinion", "Opinion", "Products", "judgment_rows", "parse_opinion"]
