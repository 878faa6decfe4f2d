"""Learn how likely odd products are wrong, and where to cut for a bound on those shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ranking.learning.blender import fit_weights, page_weights
from ranking.learning.enough import ENOUGH, FEWEST_GROUPS
from ranking.learning.folds import Split, page_groups, splits, title_keys
from ranking.learning.outliers.looks import Doubted
from ranking.learning.outliers.risk import Shown, risk_curve
from ranking.pipeline.data import Bools, Doubles, Ints, Options
from ranking.pipeline.outliers.detector import Detector, log_odds_unsure
from ranking.pipeline.outliers.names import ODDITIES
from ranking.pipeline.profile import RIGHT
from ranking.pipeline.shelf import Shelf

SCALES = np.array([2.0] + [0.25] * len(ODDITIES))  # of log-odds and of oddities, as usual
MOST = np.array([oddity.most for oddity in ODDITIES])


@dataclass(frozen=True, eq=False)
class Cases:
    """The J judged products of all pages, page by page."""

    unsure: Doubles  # (J,) log-odds that it is not right, by its confidence
    evidence: Doubles  # (J, O)
    wrong: Bools  # (J,)
    pages: Ints
    groups: Ints
    titles: Ints

    @classmethod
    def of(cls, doubted: Sequence[Doubted], shelf: Shelf) -> Cases:
        """Return what people judged of the pages' products."""
        rows = np.concatenate([one.look.rows[one.judged] for one in doubted])
        titles = title_keys([shelf.catalogue.titles[row] for row in rows.tolist()])
        pages = np.repeat(
            [one.look.page.page for one in doubted], [one.judged.sum() for one in doubted]
        ).astype(np.int64)
        return cls(
            log_odds_unsure(np.concatenate([one.confidence[one.judged] for one in doubted])),
            np.concatenate([np.nan_to_num(one.evidence[one.judged]) for one in doubted]),
            np.concatenate([one.look.grades[one.judged] < RIGHT for one in doubted]),
            pages,
            page_groups(pages, titles, shelf.tree.parent_of),
            titles,
        )

    @property
    def suffice(self) -> bool:
        """Whether they are enough to learn from, and of both kinds."""
        families = len(np.unique(self.groups))
        both = bool(self.wrong.any()) and not bool(self.wrong.all())
        return len(self.wrong) >= ENOUGH and families >= FEWEST_GROUPS and both

    def splits(self, seed: int) -> Iterator[Split]:
        return splits(self.groups, self.titles, seed)


def learn_detector(
    doubted: Sequence[Doubted], shelf: Shelf, seed: int, options: Options | None = None
) -> Detector:
    """Return the detector that the judged pages allow, with its curve of risks.

    Each page's part of the curve is by a detector that learned from other families, its confidence
    by a blend that did: that is what a page yet to be judged gets. The one returned has learned
    from all, which is a little more. Learned weights replace those by hand only if pages left out
    are foretold better with them. With too little judged, nothing is learned and no bound held.
    """
    if not doubted or not (cases := Cases.of(doubted, shelf)).suffice:
        return Detector()
    by_page = _of_others(cases, seed)
    learned = _losses(cases, by_page)
    prior = _losses(cases, dict.fromkeys(by_page, Detector()))
    kind = "learned" if learned.mean() < prior.mean() else "default"
    if kind == "default":
        by_page = dict.fromkeys(by_page, Detector())
    curve = risk_curve(_shown(doubted, by_page, options or Options()))
    about = {
        "kind": kind,
        "judgments": len(cases.wrong),
        "pages": len(doubted),
        "seed": seed,
        "log_loss": {"default": _rounded(prior), "learned": _rounded(learned)},
    }
    detector = fit(cases) if kind == "learned" else Detector()
    return replace(detector, curve=curve, about=about)


def _rounded(losses: Doubles) -> float:
    return round(float(losses.mean()), 4)


def fit(cases: Cases, kept: Bools | None = None) -> Detector:
    """Return a detector fitted to the cases (J,) kept, drawn to the weights that need none."""
    kept = np.ones(len(cases.wrong), bool) if kept is None else kept
    prior = Detector()
    offset, weights = fit_weights(
        np.column_stack([cases.unsure, cases.evidence])[kept],
        cases.wrong[kept].astype(np.float64),
        page_weights(cases.pages[kept]),
        prior.offset,
        np.array([prior.slope, *prior.weights]),
        np.ones(len(SCALES)),
        SCALES,
    )
    capped = np.minimum(weights[1:], MOST)
    return Detector(offset, float(weights[0]), tuple(capped.tolist()))


def detectors_of_others(
    doubted: Sequence[Doubted], shelf: Shelf, seed: int, detector: Detector
) -> dict[int, Detector]:
    """Return for each judged page what the detector would be, had it learned from other families
    of pages; with its curve as it is."""
    if detector.about["kind"] != "learned":
        return {one.look.page.page: detector for one in doubted}
    found = _of_others(Cases.of(doubted, shelf), seed)
    return {page: replace(other, curve=detector.curve) for page, other in found.items()}


def _of_others(cases: Cases, seed: int) -> dict[int, Detector]:
    """Each page's detector: one that learned from other families."""
    found: dict[int, Detector] = {}
    for split in cases.splits(seed):
        pages = np.unique(cases.pages[split.held]).tolist()
        found |= dict.fromkeys(pages, fit(cases, split.learn))
    return found


def _losses(cases: Cases, by_page: dict[int, Detector]) -> Doubles:
    """(pages,) the mean log loss on each page, by ascending page."""
    losses = []
    for page in np.unique(cases.pages).tolist():
        here = cases.pages == page
        sure = 1 / (1 + np.exp(cases.unsure[here]))
        chance = np.clip(by_page[page].chance_wrong(sure, cases.evidence[here]), 1e-9, 1 - 1e-9)
        losses.append(-np.log(np.where(cases.wrong[here], chance, 1 - chance)).mean())
    return np.array(losses)


def _shown(
    doubted: Sequence[Doubted], by_page: dict[int, Detector], options: Options
) -> list[Shown]:
    """Of each page what is sure enough to be shown, as it would be seen before it was judged."""
    return [_sure(one, by_page[one.look.page.page], options) for one in doubted]


def _sure(one: Doubted, detector: Detector, options: Options) -> Shown:
    kept = one.confidence >= options.minimum_confidence
    chance = detector.chance_wrong(one.confidence, one.evidence)
    wrong = one.look.grades < RIGHT
    return Shown(chance[kept], wrong[kept], one.judged[kept])
