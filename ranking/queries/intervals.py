"""How sure a share is that was counted on few."""

from __future__ import annotations

from math import sqrt

Z_95 = 1.959964  # two-sided 95 % of the normal distribution


def wilson(right: int, judged: int) -> tuple[float, float]:
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
