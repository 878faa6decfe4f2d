"""How sure a share is that was counted on few."""

from __future__ import annotations

from math import sqrt

Z_95 = 1.959964  # two-sided 95 % of the normal distribution


def wilson(right: float, judged: float) -> tuple[float, float]:
    """Return the 95 % interval of right / judged, both in 0 to 1; (0, 1) when none is judged.

    Wilson, "Probable inference, the law of succession, and statistical inference" (1927).
    """
    if not judged:
        return 0.0, 1.0
    share = right / judged
    scale = 1 + Z_95**2 / judged
    middle = (share + Z_95**2 / (2 * judged)) / scale
    reach = Z_95 / scale * sqrt(share * (1 - share) / judged + Z_95**2 / (4 * judged**2))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def without_replacement(judged: float, drawn: int, population: int) -> float:
    """Return how many drawn with replacement would tell as much as `judged` of a draw without.

    The finite population correction, as a size for `wilson`: infinite when all are drawn
    (Cochran, "Sampling Techniques", 1977, section 2.6).
    """
    if drawn >= population:
        return float("inf")
    return judged * (population - 1) / (population - drawn)
