"""The candidates of a page as the rules pass them on, with what each rule said and did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ranking.pipeline.data import Bools, Doubles, Floats, Ints
from ranking.pipeline.options import Options
from ranking.pipeline.outliers.stage import Doubts

NOTHING = 0  # in `duplicate_of`: it is not hidden behind another

Rule = Callable[["Lineup", Options], "Lineup"]
Says = Callable[[int], str]  # of the candidate at a place, why


@dataclass(frozen=True)
class Move:
    """What a rule moved: by how many places, up is positive, and why."""

    places: int
    reason: str


@dataclass(frozen=True, eq=False)
class Offers:
    """What rules must know of N candidates as somebody's offers."""

    retailer: Ints  # ids
    in_stock: Bools
    group: Ints  # equal where they are offers of one product
    log_price: Doubles  # NaN when unknown
    currency: tuple[str, ...]
    days_silent: Doubles  # for which nothing was heard of the retailer

    @classmethod
    def alone(cls, products: Ints) -> Offers:
        """Return them as if each were the only one of its product and its retailer, in stock."""
        count = len(products)
        known = products, np.ones(count, bool), products
        return cls(*known, np.full(count, np.nan), ("",) * count, np.zeros(count))


@dataclass(frozen=True, eq=False)
class Lineup:
    """The N candidates of a page and what the rules have said of each so far.

    Each rule that moves has a field of its own, which it sets anew: so that applying it again
    changes nothing.
    """

    products: Ints  # ids
    chance: Doubles  # the score as a probability; of a product's offers, the best one's
    confidence: Doubles
    days_unseen: Doubles  # behind the retailer's newest crawl; NaN when unknown
    offers: Offers
    freshness: Doubles  # 0 to 1
    lowered: Doubles  # how much less than its chance it stands for, 0 and more
    turn: Ints  # places given by diversity; 0 for all where it has not spoken
    removed_by: tuple[str, ...]  # the rule's name, or ""
    reasons: tuple[str, ...]  # why removed, or ""
    duplicate_of: Ints  # the product shown in its place, or NOTHING
    # By the rule's name and the candidate's place.
    moves: Mapping[str, Mapping[int, Move]] = field(default_factory=dict)
    doubts: Doubts | None = None  # None: nobody looked for outliers

    @property
    def is_left(self) -> Bools:
        return np.array([not rule for rule in self.removed_by], bool)

    @property
    def utility(self) -> Doubles:
        """(N,) what the order follows before diversity."""
        utility: Doubles = self.chance * self.freshness - self.lowered
        return utility

    @property
    def order(self) -> Ints:
        """The places of all candidates: those left first, each part by turn, then by falling
        utility, ties by product id."""
        order: Ints = np.lexsort((self.products, -self.utility, self.turn, ~self.is_left))
        return order

    def age(self, options: Options) -> Doubles:
        """Return (N,) for how many days each was not seen; see `ages`."""
        return ages(self.days_unseen, self.offers.days_silent, options)

    def unmoved(self) -> Lineup:
        """Return the same candidates left, in the order of their chances."""
        count = len(self.products)
        ones, zeros = np.ones(count), np.zeros(count)
        return replace(self, freshness=ones, lowered=zeros, turn=np.zeros(count, np.int64))

    def moves_of(self, place: int) -> Iterator[tuple[str, Move]]:
        """Yield what moved the candidate, with the rules' names, in their order."""
        for rule, moved in self.moves.items():
            if place in moved:
                yield rule, moved[place]


def line_up(
    products: Ints,
    chance: Doubles,
    confidence: Doubles,
    days_unseen: Doubles,
    doubts: Doubts | None = None,
    offers: Offers | None = None,
) -> Lineup:
    """Return the candidates with nothing removed or moved yet."""
    count = len(products)
    return Lineup(
        products=products,
        chance=chance,
        confidence=confidence,
        days_unseen=days_unseen,
        offers=offers or Offers.alone(products),
        freshness=np.ones(count),
        lowered=np.zeros(count),
        turn=np.zeros(count, np.int64),
        removed_by=("",) * count,
        reasons=("",) * count,
        duplicate_of=np.full(count, NOTHING, np.int64),
        doubts=doubts,
    )


def ages(days_unseen: Doubles | Floats, days_silent: Doubles | Floats, options: Options) -> Doubles:
    """Return (N,) for how many days each offer was not seen; NaN when unknown.

    Counted to its own retailer's newest crawl, so that nothing grows old in a night without one;
    to the run's moment only where the whole retailer has been silent for longer than products may
    be unseen.
    """
    is_silent = days_silent > options.longest_unseen_days
    ages: Doubles = np.where(is_silent, days_unseen + days_silent, days_unseen)
    return ages


def removed(page: Lineup, rule: str, which: Bools, says: Says) -> Lineup:
    """Return the page without those `which` (N,) are still left, each with the reason.

    The first rule to remove a product keeps its word.
    """
    takes = np.flatnonzero(which & page.is_left).tolist()
    if not takes:
        return page
    rules, reasons = list(page.removed_by), list(page.reasons)
    for place in takes:
        rules[place], reasons[place] = rule, says(place)
    return replace(page, removed_by=tuple(rules), reasons=tuple(reasons))


def moved(before: Lineup, after: Lineup, rule: str, which: Bools, says: Says) -> Lineup:
    """Return `after` with the moves by this rule noted: of those `which` (N,) it is about, the
    ones whose place among those left in both is another."""
    ways = (np.argsort(line.order) for line in (before, after))
    rose = next(ways) - next(ways)
    places = np.flatnonzero((rose != 0) & which & after.is_left).tolist()
    noted = {place: Move(int(rose[place]), says(place)) for place in places}
    others = {name: moves for name, moves in after.moves.items() if name != rule}
    return replace(after, moves=others | ({rule: noted} if noted else {}))
