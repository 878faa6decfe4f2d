"""What signals and rules are called on screen. A name that is not listed is shown as it is.

The signals' words stand beside their formulas in `ranking.pipeline.signals`, which loads numpy;
the web reads them here, and a test holds the two tables together.
"""

from __future__ import annotations

BASE = "base"  # the part of a score that no signal adds

# Key → label and meaning.
SIGNALS = {
    "text_fit": (
        "Title and description fit the page",
        "Standing of the text beside the page's name",
    ),
    "picture_fit": (
        "Picture fits the page",
        "Standing of the picture beside the page's name",
    ),
    "words": (
        "The page's words are in the text",
        "Share of the page's name that title and description say, rare words counting more",
    ),
    "own_category": (
        "Nearer to this page than to other categories",
        "Standing of the text here less its standing beside the nearest category of another branch",
    ),
    "known_fit": (
        "Like the products known to belong here",
        "Standing of text and picture beside the middle of the products known to be right",
    ),
    "filing_distance": (
        "Steps to where it is filed",
        "Steps through the tree from the page to the product's category; 0 on the page or below it",
    ),
    "price_fit": (
        "Price is usual for the page",
        "1 for the page's usual price, 0.5 two robust standard deviations away, near 0 far away",
    ),
}

RULES = {
    "minimum confidence": "Too unsure",
    "freshness": "Not seen lately",
    "page size": "Beyond the page's end",
}


def signal_words(key: str) -> tuple[str, str]:
    """Return what the signal is called, and what its value means."""
    if key == BASE:
        return "Where every product starts", ""
    return SIGNALS.get(key, (key, ""))


def rule_label(key: str) -> str:
    """Return what the rule is called."""
    return RULES.get(key, key)
