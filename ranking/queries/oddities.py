"""What people are told of outliers: how odd a product is, and what is promised. Loads no arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ranking.models import RankedProduct
from ranking.pipeline.outliers.bound import ESTIMATED, GUARANTEED
from ranking.pipeline.outliers.names import ODDITIES

FAINT = 0.05  # below, an oddity is not worth a word


@dataclass(frozen=True)
class OddityLine:
    """One oddity of one product, 0 to 1."""

    label: str
    meaning: str
    odd: float


def oddity_lines(ranked: RankedProduct) -> list[OddityLine]:
    """Return what is odd about the product among the page's, the oddest first."""
    known = ((oddity, ranked.oddities.get(oddity.key, 0.0)) for oddity in ODDITIES)
    lines = [OddityLine(odd.label, odd.meaning, value) for odd, value in known if value >= FAINT]
    return sorted(lines, key=lambda line: -line.odd)


def risk_words(blend: Mapping[str, Any]) -> str:
    """Return what a run says of the wrong products that it shows, as sentences; "" in runs of old.

    `blend` is the run's.
    """
    risk = blend.get("risk")
    if not risk:
        return ""
    gone = f"What is more than {_percent(risk['chance'])} likely to be wrong is removed."
    if risk["kind"] == GUARANTEED:
        return (
            f"{gone} So at most {_percent(risk['asked'])} of the products shown are wrong, on "
            f"average over pages like the {risk['pages']:,} judged ones, for products like those "
            "judged."
        )
    if risk["kind"] == ESTIMATED:
        return f"{gone} {_estimate(risk)}"
    return f"{gone} Too little is judged to say what share of the products shown that leaves wrong."


def _estimate(risk: Mapping[str, Any]) -> str:
    said = (
        f"An estimated {_percent(risk['held'])} of the products shown are wrong, by "
        f"{risk['pages']:,} judged pages"
    )
    if risk["held"] <= risk["asked"]:
        return f"{said}: too few to guarantee the {_percent(risk['asked'])} that is put up with."
    return (
        f"{said}; the {_percent(risk['asked'])} that is put up with would cost products that are "
        "more likely right than wrong."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2g}\N{NO-BREAK SPACE}%"
