"""Prices as Merchant Center writes them: "49.95 USD"."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from babel.numbers import get_currency_precision, is_currency

PRICE = re.compile(r"([0-9]{1,11})(?:\.([0-9]+))? ([A-Z]{3})")
COLUMN_DECIMALS = 3  # as many as Product.price keeps; no currency in daily use has more
NO_CURRENCY = {"XXX", "XTS"}  # codes that ISO 4217 keeps for none and for tests
EXPECTED = "A price is written “49.95 USD”"


class BadPrice(Exception):
    """A text that is no price; the message says why."""


def parse_price(text: str) -> tuple[Decimal, str]:
    """Return the amount and its ISO 4217 code; raises `BadPrice` for all that is ambiguous."""
    match = PRICE.fullmatch(text)
    if not match:
        raise BadPrice(_why_not(text))
    decimals = _decimals(match[3])
    if decimals is None:
        raise BadPrice(f"“{match[3]}” is no currency code of ISO 4217.")
    if len(match[2] or "") > decimals:
        raise BadPrice(f"{match[3]} has {decimals} decimals, “{text}” has {len(match[2])}.")
    return Decimal(f"{match[1]}.{match[2] or 0}"), match[3]


@cache
def _decimals(code: str) -> int | None:
    if code in NO_CURRENCY or not is_currency(code):
        return None
    return min(get_currency_precision(code), COLUMN_DECIMALS)


def _why_not(text: str) -> str:
    if "," in text:
        return f"{EXPECTED}, with a point and no commas; “{text}” is not."
    if "-" in text:
        return f"A price cannot be negative; “{text}” is."
    if re.fullmatch(r"[0-9.]+", text):
        return f"{EXPECTED}; “{text}” names no currency."
    return f"{EXPECTED}; “{text}” is not."
