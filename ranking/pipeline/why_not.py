"""Why a product is not on a page: how near it came, and which options would let it in.

Nothing is guessed. Whoever asks ranks the page again with each change, until the product stands
on it or no option is left that could help.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ranking.pipeline.data import Catalogue, Doubles, Floats, PageRanking, Ranked
from ranking.pipeline.nearest import Nearest
from ranking.pipeline.options import LOWER, Options
from ranking.pipeline.outliers.detector import Detector
from ranking.pipeline.profile import Profile
from ranking.pipeline.rules import OUTLIER, UNSURE, ages
from ranking.pipeline.rules.near_duplicates import DUPLICATE
from ranking.pipeline.rules.seen_lately import UNSEEN
from ranking.pipeline.rules.stock import SOLD_OUT
from ranking.pipeline.shelf import Shelf

MOST_STEPS = 6  # rules relaxed one after another: more is no small change
FINEST = 0.01  # shares are changed by whole hundredths, as people write them
MOST_WRONG = 0.5  # a bound on wrong products beyond which nobody would go

Again = Callable[[Options], PageRanking]


@dataclass(frozen=True)
class Nearness:
    """How near a product is to what a page is about, by one way of comparing."""

    way: str  # "text" or "picture"
    place: int  # among all products, nearest first, from 1
    cosine: float
    last: float  # the cosine of the last that is near enough by this way alone


@dataclass(frozen=True)
class WayIn:
    """Options with which a page shows a product, and where it then stands."""

    options: Options
    row: Ranked
    ranking: PageRanking


def nearness(page: Profile, row: int, shelf: Shelf, options: Options) -> list[Nearness]:
    """Return how near the product at this row of the catalogue is, for each way it is known."""
    ways = (("text", shelf.text, page.text), ("picture", shelf.picture, page.picture))
    found = []
    for way, vectors, query in ways:
        cosines = _cosines(vectors, query)
        if not np.isfinite(cosines[row]):
            continue
        ranked = np.sort(cosines[np.isfinite(cosines)])[::-1]
        last = ranked[min(options.candidates, len(ranked)) - 1]
        place = int(_places(cosines)[row]) + 1
        found.append(Nearness(way, place, float(cosines[row]), float(last)))
    return found


def candidates_needed(page: Profile, row: int, shelf: Shelf) -> int | None:
    """Return the least number of candidates among which the product is; None when nothing is
    known of it.

    As `retrieve` has it: the nearer of the two ways counts, ties by row.
    """
    ways = ((shelf.text, page.text), (shelf.picture, page.picture))
    nearest = np.fmin(*(_places(_cosines(vectors, query)) for vectors, query in ways))
    if not np.isfinite(nearest[row]):
        return None
    ties_before = nearest[:row] == nearest[row]
    return int((nearest < nearest[row]).sum() + ties_before.sum()) + 1


def way_in(
    row: int, catalogue: Catalogue, options: Options, again: Again, detector: Detector | None
) -> WayIn | None:
    """Return the least that the options must give way, rule after rule, for the page to show the
    product at this row of the catalogue; None where options alone do not bring it in."""
    product = int(catalogue.ids[row])
    for _ in range(MOST_STEPS):
        ranking = again(options)
        found = next((one for one in ranking.rows if one.product == product), None)
        if found is None:
            return None
        if found.position is not None:
            return WayIn(options, found, ranking)
        wider = loosened(found, _age(row, catalogue, options), options, detector)
        if wider is None:
            return None
        options = wider
    return None


def loosened(
    row: Ranked, age: float, options: Options, detector: Detector | None
) -> Options | None:
    """Return the options with the bound that the row was removed by just wide enough for it; None
    where its rule has none, or none that anybody would set. `age` is in days."""
    match row.removed_by:
        case rule if rule == UNSEEN:
            return replace(options, longest_unseen_days=float(math.ceil(age)))
        case rule if rule == SOLD_OUT:
            return replace(options, out_of_stock=LOWER)
        case rule if rule == DUPLICATE:
            return replace(options, merge_duplicates=False)
        case rule if rule == UNSURE and row.confidence < options.minimum_confidence:
            enough = math.floor(row.confidence / FINEST + 1e-9) * FINEST
            return replace(options, minimum_confidence=round(enough, 2))
        case rule if rule in (UNSURE, OUTLIER) and detector is not None:
            return _more_wrong_shown(row, options, detector)
    return None


def _age(row: int, catalogue: Catalogue, options: Options) -> float:
    silent = catalogue.days_silent[row : row + 1]
    return float(ages(catalogue.days_unseen[row : row + 1], silent, options)[0])


def _more_wrong_shown(row: Ranked, options: Options, detector: Detector) -> Options | None:
    """The smallest bound on wrong products, in whole hundredths, whose cut lets the row pass."""
    first = math.floor(options.wrong_shown / FINEST + 1e-9) + 1
    for hundredths in range(first, round(MOST_WRONG / FINEST) + 1):
        bound = round(hundredths * FINEST, 2)
        cut = detector.cut(bound, options.minimum_confidence)
        if row.chance_wrong is not None and row.chance_wrong <= cut.chance:
            return replace(options, wrong_shown=bound)
    return None


def _cosines(vectors: Nearest, query: Floats) -> Doubles:
    """(P,) the cosines of all products; NaN for those of which nothing is known."""
    return vectors.cosines(query, np.arange(len(vectors.vectors)))


def _places(cosines: Doubles) -> Doubles:
    """(P,) from 0 for the nearest, ties by row; NaN where unknown."""
    order = np.lexsort((np.arange(len(cosines)), -np.nan_to_num(cosines, nan=-2.0)))
    places = np.empty(len(cosines))
    places[order] = np.arange(len(cosines))
    places[~np.isfinite(cosines)] = np.nan
    return places
