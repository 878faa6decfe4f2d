"""Rules are relaxed rung by rung where nothing would be left: a page is never empty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ranking.pipeline.options import LOWER, REMOVE, Options

LIFTED = float("inf")


def ladder(options: Options) -> Iterator[tuple[Options, str]]:
    """Yield the options from as asked to lifted, each with what to tell people.

    What is out of stock comes back first: it may be in stock tomorrow.
    """
    yield options, ""
    also = ""
    if options.out_of_stock == REMOVE:
        options = replace(options, out_of_stock=LOWER)
        yield options, "Nothing is in stock: what is sold out is shown."
        also = " What is out of stock counts too."
    for relaxed, sentence in _rungs(options):
        yield relaxed, sentence + also


def _rungs(options: Options) -> Iterator[tuple[Options, str]]:
    least = options.minimum_confidence
    yield (
        replace(options, minimum_confidence=least / 2),
        f"No product reached {100 * least:.0f} % confidence, so {50 * least:.0f} % was enough.",
    )
    yield (
        replace(options, longest_unseen_days=LIFTED),
        "No product was seen lately: older ones are shown.",
    )
    yield (
        replace(options, minimum_confidence=0.0),
        "No product is likely to belong here: the nearest are shown.",
    )
    yield (
        replace(options, minimum_confidence=0.0, longest_unseen_days=LIFTED),
        "No product was seen lately or is likely to belong here: the nearest are shown.",
    )
