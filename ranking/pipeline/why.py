"""One plain sentence per product: why it is here, or why not."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ranking.pipeline.data import Catalogue, Doubles
from ranking.pipeline.names import KEYS
from ranking.pipeline.prices import Usual, amount

SPEAKS = 0.25  # log-odds from which a signal is worth a word
MENTIONED = 3  # reasons in one sentence

# Short, since they stand on a tile.
FOR = {
    "text_fit": "text fits",
    "picture_fit": "picture fits",
    "words": "has the page's words",
    "own_category": "nearest to this page",
    "known_fit": "like known products",
    "filing_distance": "filed here",
    "sibling_fit": "fits here rather than beside",
    "reranked": "reads as right here",
    "price_fit": "price usual",
}
AGAINST = {
    "text_fit": "text hardly fits",
    "picture_fit": "picture hardly fits",
    "words": "lacks the page's words",
    "own_category": "nearer to another category",
    "known_fit": "unlike known products",
    "filing_distance": "filed elsewhere",
    "sibling_fit": "fits a sibling better",
    "reranked": "reads as wrong here",
    "price_fit": "price unusual",
}


def sentence(contributions: Doubles, *, against: bool, price: str = "") -> str:
    """Return the strongest reasons for the product, or against it, strongest first.

    `contributions` are (F + 1,) as the blend gives them; `price` says what is unusual about the
    price, where something is. A reason of the other side is named only if there is none.
    """
    parts = dict(zip(KEYS, contributions[:-1].tolist(), strict=True))
    said = _reasons(parts, against, price) or _reasons(parts, not against, price)
    text = ", ".join(said[:MENTIONED]) or "nothing speaks clearly for or against it"
    return f"{text[0].upper()}{text[1:]}."


def _reasons(parts: Mapping[str, float], against: bool, price: str) -> list[str]:
    words = {**AGAINST, "price_fit": price or AGAINST["price_fit"]} if against else FOR
    strength = {key: -value if against else value for key, value in parts.items()}
    speaking = [key for key in KEYS if strength[key] >= SPEAKS]
    return [words[key] for key in sorted(speaking, key=lambda key: -strength[key])]


def price_word(row: int, catalogue: Catalogue, usual: Mapping[str, Usual]) -> str:
    """Return "price far above the usual 12 EUR", or "" when the price is unknown or near it."""
    currency = catalogue.currencies[row]
    log_price = catalogue.log_price[row]
    if currency not in usual or not np.isfinite(log_price):
        return ""
    away = (log_price - usual[currency].middle) / usual[currency].spread
    if abs(away) < 1:
        return ""
    far = "far " if abs(away) > 3 else ""
    side = "above" if away > 0 else "below"
    return f"price {far}{side} the usual {amount(math.exp(usual[currency].middle))} {currency}"
