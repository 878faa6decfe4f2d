"""Where to cut so that no more than a chosen share of what is shown is wrong."""

from __future__ import annotations

from dataclasses import asdict, dataclass

GUARANTEED, ESTIMATED, ASSUMED = "guaranteed", "estimated", "assumed"


@dataclass(frozen=True)
class Cut:
    """The chance of being wrong above which a product goes, and what that is worth.

    `kind` says what is known of the share of wrong products among those shown. GUARANTEED: on
    average over pages like the judged ones, for products like the judged, it is at most `bound`
    (conformal risk control). ESTIMATED: so the calibrated probabilities say, no guarantee.
    ASSUMED: too little is judged to say anything; what a product's oddities make less likely than
    the minimum confidence goes.
    """

    chance: float
    kind: str
    bound: float
    pages: int  # judged ones behind it

    def figures(self) -> dict[str, str | float | int]:
        """Return what is said of the cut beside a run."""
        return asdict(self)


@dataclass(frozen=True)
class Curve:
    """What each of T cuts would come to on n judged pages, by rising cut; see `learning.outliers`.

    Kept beside the detector, so that the bound can be chosen without learning anew.
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
        at which (n losses + 1) / (n + 1) stays under the bound. Where none does, n being too small
        or the bound too strict, the largest whose estimate stays under it. A smaller bound never
        gives a larger cut.
        """
        if not self.cuts:
            return Cut(1 - minimum_confidence, ASSUMED, bound, 0)
        risks = [(self.pages * loss + 1) / (self.pages + 1) for loss in self.losses]
        if (held := _largest(self.cuts, risks, bound)) is not None:
            return Cut(held, GUARANTEED, bound, self.pages)
        strictest = _largest(self.cuts, risks, risks[0])
        estimated = _largest(self.cuts, self.estimates, bound)
        chance = 0.0 if estimated is None else estimated
        return Cut(min(chance, strictest or 0.0), ESTIMATED, bound, self.pages)


def _largest(
    cuts: tuple[float, ...], risks: list[float] | tuple[float, ...], bound: float
) -> float | None:
    """The largest cut whose risk is within the bound; risks rise with the cuts."""
    within = [cut for cut, risk in zip(cuts, risks, strict=True) if risk <= bound]
    return within[-1] if within else None


UNKNOWN = Curve()  # nothing judged, or too little
