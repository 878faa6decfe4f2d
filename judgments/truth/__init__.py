"""From what people say of a product on a page to the grade that is learned from.

An adjudicator's newest word decides alone. Else a stated rule does: the median, the weighted
median, or Dawid and Skene's model. Apart from the grade, a pair has a weight: how much was said,
by whom, and how far each of them is known to agree with others.
"""

from judgments.truth.rules import (
    Truth,
    Word,
    decided,
    median_of,
    settled,
    voices,
    weighted_median,
    whole_median_of,
)
from judgments.truth.weighing import DEFAULT, RULES, Rule, source_weights

__all__ = [
    "DEFAULT",
    "RULES",
    "Rule",
    "Truth",
    "Word",
    "decided",
    "median_of",
    "settled",
    "source_weights",
    "voices",
    "weighted_median",
    "whole_median_of",
]
