"""What each cut would come to on judged pages: the curve from which a bound's cut is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ranking.pipeline.data import Bools, Doubles
from ranking.pipeline.outliers.bound import LEAST_CUT, UNKNOWN, Curve

POINTS = 200  # of the curve that are kept


@dataclass(frozen=True, eq=False)
class Shown:
    """Of one page the N products that are sure enough to be shown, but for outliers."""

    chance_wrong: Doubles  # (N,) by a detector that did not learn from the page
    wrong: Bools  # (N,) whether people judged it wrong
    judged: Bools  # (N,)


def risk_curve(pages: Sequence[Shown]) -> Curve:
    """Return what each cut would come to on these pages, which stand for those to come.

    A page's loss at a cut is the share of wrong ones among the judged products that it shows. It is
    made to rise with the cut, as conformal risk control wants it: the largest share that any
    smaller cut would show.
    """
    if not any(page.judged.any() for page in pages):
        return UNKNOWN
    ascending = np.sort(np.concatenate([page.chance_wrong for page in pages]))
    cuts = _points(ascending)
    losses = np.mean([largest_share(page, cuts) for page in pages], axis=0)
    shown = np.searchsorted(ascending, cuts, side="right")
    estimates = np.append(0.0, np.cumsum(ascending))[shown] / np.maximum(shown, 1)
    points = (tuple(column.tolist()) for column in (cuts, losses, estimates))
    return Curve(len(pages), *points)


def _points(chances: Doubles) -> Doubles:
    """(T,) the cuts at which something changes, or as many of them as are kept, evenly drawn."""
    cuts = np.unique(np.append(chances[chances > LEAST_CUT], LEAST_CUT))
    kept = np.unique(np.linspace(0, len(cuts) - 1, POINTS).round().astype(np.int64))
    points: Doubles = cuts[kept]
    return points


def largest_share(page: Shown, cuts: Doubles) -> Doubles:
    """Return (T,) the largest share of wrong ones among the judged products that any cut up to
    each of the rising cuts shows; 0 where it shows none."""
    chances, wrong = page.chance_wrong[page.judged], page.wrong[page.judged]
    order = np.argsort(chances, kind="stable")
    chances = chances[order]
    shares = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
    # Equal chances are shown together: the share counts behind the last of them.
    ends = np.append(chances[1:] > chances[:-1], True)[: len(chances)]
    worst = np.maximum.accumulate(np.append(0.0, shares[ends]))
    largest: Doubles = worst[np.searchsorted(chances[ends], cuts, side="right")]
    return largest
