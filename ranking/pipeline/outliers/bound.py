"""Where to cut so that no more than a chosen share of what is shown is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

GUARANTEED, ESTIMATED, ASSUMED = "guaranteed", "estimated", "assumed"
# No bound is worth the removal of what is more likely right than wrong: on Icecat, where products
# are hard to tell apart, 5 % would cost half of the right ones.
LEAST_CUT = 0.5


@dataclass(frozen=True)
class Cut:
    """The chance of being wrong above which a product goes, and what that is worth.

    `kind` says what is known of `held`, the share of wrong products among those shown. GUARANTEED:
    on average over pages like the judged ones, and over what pages might have been judged, it is at
    most that, the bound asked for, for products like the judged (conformal risk control); a smaller
    share that was measured at the cut is not promised. It is exact for models that were there
    before the judgments: each judged page is measured by models of other families, and those in
    use have learned from all, so here it holds as nearly as cross-validation foretells. Pages whose
    first places had to be filled (`rules.FIRST_PLACES`) are excepted, and say so. ESTIMATED: so the
    calibrated probabilities say; it may be more than was asked for. ASSUMED: too little is judged
    to say anything, and nothing is held: what its oddities make less likely right than the minimum
    confidence goes.
    """

    chance: float
    kind: str
    asked: float  # the bound that was asked for
    held: float | None
    pages: int  # judged ones behind it

    def figures(self) -> dict[str, str | float | int | None]:
        """Return what is said of the cut beside a run."""
        return asdict(self)


@dataclass(frozen=True)
class Curve:
    """What each of T cuts would come to on n judged pages, by rising cut from LEAST_CUT on.

    Kept beside the detector, so that the bound can be chosen without learning anew. See
    `learning.outliers.risk`, which makes it.
    """

    pages: int = 0
    cuts: tuple[float, ...] = ()
    # Mean over pages of the largest share of wrong products among the judged that any cut up to
    # this one shows. It never falls.
    losses: tuple[float, ...] = ()
    # Mean chance of being wrong of all that this cut shows on these pages. It never falls.
    estimates: tuple[float, ...] = ()

    def cut(self, bound: float, minimum_confidence: float) -> Cut:
        """Return where to cut for a bound on the share of wrong products shown, 0 to 1.

        Conformal risk control (Angelopoulos, Bates, Fisch, Lei and Schuster 2022): the largest cut
        at which (n losses + 1) / (n + 1) stays under the bound. Where none does, because the pages
        are too few or too hard, the largest whose estimate stays under it, or else LEAST_CUT. A
        smaller bound never gives a larger cut.
        """
        if not self.cuts:
            return Cut(1 - minimum_confidence, ASSUMED, bound, None, 0)
        risks = [(self.pages * loss + 1) / (self.pages + 1) for loss in self.losses]
        if risks[0] <= bound:
            at = _last(risks, bound)
            return Cut(self.cuts[at], GUARANTEED, bound, bound, self.pages)
        at = min(_last(risks, risks[0]), _last(self.estimates, bound))
        return Cut(self.cuts[at], ESTIMATED, bound, self.estimates[at], self.pages)


def _last(rising: Sequence[float], bound: float) -> int:
    """The last place at which the values are within the bound; the first where none is."""
    return max(sum(value <= bound for value in rising) - 1, 0)


UNKNOWN = Curve()  # nothing judged, or too little
