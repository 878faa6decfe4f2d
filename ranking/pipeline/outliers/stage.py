"""What is odd about a page's candidates, how likely each is wrong, and which go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ranking.pipeline.data import Bools, Catalogue, Doubles, Ints, Options
from ranking.pipeline.outliers.bound import Cut
from ranking.pipeline.outliers.core import away_from_core, core_of
from ranking.pipeline.outliers.detector import Detector
from ranking.pipeline.outliers.names import KEYS, ODDITIES
from ranking.pipeline.outliers.prices import FAR, away_from_usual, slip
from ranking.pipeline.profile import Profile

PLAUSIBLE = (
    0.2  # confidence from which a price is held against the page's: not that of any stranger
)
HALF = 3.0  # spreads from the core at which a picture or a text is half as odd as can be


@dataclass(frozen=True, eq=False)
class Doubts:
    """What speaks against N candidates of a page as things that do not belong there."""

    oddities: Doubles  # (N, O), 0 to 1, in the order of ODDITIES; NaN where unknown
    chance_wrong: Doubles  # (N,)
    were_it_usual: Doubles  # (N,) the chance of being wrong if nothing were odd about it
    oddest: tuple[str, ...]  # the oddity that raises the chance most, as a clause; "" for none
    slips: tuple[str, ...]  # what is said of a price that is wrong by its unit; "" for others
    cut: Cut

    @property
    def is_over(self) -> Bools:
        """(N,) whether the chance of being wrong is more than is put up with."""
        return self.chance_wrong > self.cut.chance

    @property
    def is_odd(self) -> Bools:
        """(N,) whether it is over the cut for being odd, and would not be otherwise."""
        return self.is_over & (self.were_it_usual <= self.cut.chance)


def find_outliers(
    page: Profile,
    rows: Ints,
    confidence: Doubles,
    misfiled: Doubles | None,
    catalogue: Catalogue,
    detector: Detector,
    options: Options,
) -> Doubts:
    """Return the doubts about the N candidates at these rows of the catalogue.

    `confidence` (N,) and `misfiled` (N,) are the blend's; None where it does not know whether
    products are misfiled. The order of the candidates does not matter.
    """
    slips = price_slips(page, rows, confidence, catalogue)
    oddities = measure_oddities(page, rows, confidence, misfiled, catalogue)
    evidence = evidence_of(oddities, slips)
    chance_wrong = detector.chance_wrong(confidence, evidence)
    return Doubts(
        oddities=oddities,
        chance_wrong=chance_wrong,
        were_it_usual=detector.chance_wrong(confidence, np.zeros_like(evidence)),
        oddest=tuple(map(_oddest, detector.parts(evidence))),
        slips=slips,
        cut=detector.cut(options.wrong_shown, options.minimum_confidence),
    )


def measure_oddities(
    page: Profile, rows: Ints, confidence: Doubles, misfiled: Doubles | None, catalogue: Catalogue
) -> Doubles:
    """Return (N, O) how odd each candidate is, 0 to 1, in the order of ODDITIES; NaN: unknown."""
    core = core_of(confidence, rows)
    prices = catalogue.log_price[rows]
    currencies = [catalogue.currencies[row] for row in rows.tolist()]
    columns = {
        "price": how_odd(away_from_usual(prices, currencies, page.usual), FAR),
        "picture": how_odd(away_from_core(catalogue.picture[rows], core), HALF),
        "text": how_odd(away_from_core(catalogue.text[rows], core), HALF),
        "misfiled": np.full(len(rows), np.nan) if misfiled is None else misfiled,
    }
    table: Doubles = np.stack([columns[key] for key in KEYS], axis=1)
    return np.round(table, 4)


def price_slips(
    page: Profile, rows: Ints, confidence: Doubles, catalogue: Catalogue
) -> tuple[str, ...]:
    """Return for each of N rows what is said of a slip of its price's unit; "" without one, and
    for what hardly belongs on the page."""
    return tuple(
        slip(float(catalogue.log_price[row]), catalogue.currencies[row], page.usual)
        if sure >= PLAUSIBLE
        else ""
        for row, sure in zip(rows.tolist(), confidence.tolist(), strict=True)
    )


def evidence_of(oddities: Doubles, slips: tuple[str, ...]) -> Doubles:
    """Return the oddities (N, O) as they count against the product: a slip of the price's unit
    explains its price and says nothing of the product."""
    evidence = oddities.copy()
    evidence[np.array([bool(said) for said in slips], bool), KEYS.index("price")] = 0.0
    return evidence


def how_odd(away: Doubles, half: float) -> Doubles:
    """Return 0 for what lies no farther than usual, 0.5 at `half` spreads, towards 1 beyond."""
    squared = np.maximum(away, 0) ** 2
    odd: Doubles = squared / (squared + half**2)
    return odd


def _oddest(parts: Doubles) -> str:
    """The clause of what adds most; the first where equal."""
    return ODDITIES[int(parts.argmax())].reason if parts.max() > 0 else ""
