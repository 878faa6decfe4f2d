"""Judgments as files for other programs: four formats, one order, the same fields."""

from judgments.exports.fields import FIELDS, UnknownField, chosen
from judgments.exports.qrels import judgments_as_qrels
from judgments.exports.streams import STREAMED
from judgments.exports.texts import judgments_as_csv, judgments_as_json_lines

__all__ = [
    "FIELDS",
    "STREAMED",
    "UnknownField",
    "chosen",
    "judgments_as_csv",
    "judgments_as_json_lines",
    "judgments_as_qrels",
]
