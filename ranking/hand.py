"""What people say of single products of a page, laid over the machine's order. Plain Python.

Laid over means: nothing is computed anew, so a draft shows at once and publishing one takes no run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

# By how much a boost raises the odds that the product's place is worth, and a bury lowers them.
STEPS: Mapping[str, float] = {"weak": log(1.5), "medium": log(3), "strong": log(10)}
_HOW = {"weak": "a little", "medium": "clearly", "strong": "strongly"}
_SIGN = {"boost": 1, "bury": -1}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product as the machine left it on a page."""

    product: int
    position: int | None  # from 1; None: not shown
    score: float | None  # log odds, finite; None: it is no candidate of the page
    removed_by: str = ""  # the rule, in plain words
    behind: int | None = None  # the product whose offer is shown in its place
    is_gone: bool = False  # its shop's feed does not have it any more


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says of one product of the page; at most one counts for each."""

    product: int
    kind: str  # pin, boost, bury or hide
    number: int  # the lower, the older
    place: int | None = None  # of a pin, from 1
    strength: str = ""  # of a boost or a bury: a key of STEPS


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a product of the page came to stand, and what the word on it came to."""

    product: int
    place: int | None  # from 1 without gaps; None: not shown
    machine_place: int | None
    word: Word | None
    said: str  # plain sentences; "" without a word
    behind: int | None  # the product whose offer is shown in its place


def lay_over(ranked: Sequence[Candidate], words: Sequence[Word]) -> list[Placed]:
    """Return the page's products with the words heeded: those shown by place, then the others.

    Pins take their places, the older first; a later one takes the next that is free. Hides go.
    Boosts and buries move what is left by a step in odds, see `STEPS`; what a rule removed, or
    what stands behind another offer, only a pin brings back. The order of what is given does not
    matter; without words the machine's order is returned.
    """
    table = _Table(ranked, words)
    places = table.places()
    placed = [table.placed(one, places) for one in table.candidates.values()]
    last = len(placed) + 1
    return sorted(
        placed, key=lambda one: (one.place or last, one.machine_place or last, one.product)
    )


class _Table:
    """One page's candidates and words, and what follows from them."""

    def __init__(self, ranked: Sequence[Candidate], words: Sequence[Word]) -> None:
        self.words = {word.product: word for word in sorted(words, key=lambda one: one.number)}
        known = {one.product: one for one in sorted(ranked, key=lambda one: one.product)}
        self.candidates = known | {
            product: Candidate(product, None, None)
            for product in sorted(self.words)
            if product not in known
        }
        self.pins = sorted(
            (word for word in self.words.values() if word.kind == "pin"),
            key=lambda one: one.number,
        )
        self.fronts = self._fronts()
        self.offers = Counter(
            front for one in self.candidates.values() if (front := self.behind(one)) is not None
        )
        self.rest = self._rest()

    def behind(self, one: Candidate) -> int | None:
        """The product that it stands behind, now that pinned offers have come forward."""
        if self._kind(one.product) in ("pin", "hide"):
            return None
        front = one.product if one.behind is None else one.behind
        now = self.fronts.get(front, front)
        return None if now == one.product else now

    def places(self) -> dict[int, int]:
        """The place of each product that is shown."""
        asked = sorted((place, product) for product, place in self._asked().items())
        order: list[int] = []
        rest = list(reversed(self.rest))
        while asked or rest:
            takes = asked and (not rest or asked[0][0] == len(order) + 1)
            order.append(asked.pop(0)[1] if takes else rest.pop())
        return {product: place for place, product in enumerate(order, start=1)}

    def placed(self, one: Candidate, places: Mapping[int, int]) -> Placed:
        word, place = self.words.get(one.product), places.get(one.product)
        said = self._said(one, word, place, len(places)) if word else ""
        return Placed(one.product, place, one.position, word, said, self.behind(one))

    def _kind(self, product: int) -> str:
        word = self.words.get(product)
        return word.kind if word else ""

    def _fronts(self) -> dict[int, int]:
        """Whose place before a product's offers a pinned one of them takes: the oldest pin's."""
        fronts: dict[int, int] = {}
        for pin in self.pins:
            front = self.candidates[pin.product].behind
            if front is not None and self._kind(front) != "pin":
                fronts.setdefault(front, pin.product)
        return fronts

    def _rest(self) -> list[int]:
        """What is shown besides the pins, in its order."""
        shown = [one for one in self.candidates.values() if one.position is not None]
        shown.sort(key=lambda one: one.position or 0)
        worth = _worth([one.score or 0.0 for one in shown])
        left = [
            (-(value + self._step(one.product)), place, one.product)
            for place, (one, value) in enumerate(zip(shown, worth, strict=True))
            if self._kind(one.product) not in ("pin", "hide") and self.behind(one) is None
        ]
        return [product for _, _, product in sorted(left)]

    def _step(self, product: int) -> float:
        word = self.words.get(product)
        return _SIGN[word.kind] * STEPS[word.strength] if word and word.kind in _SIGN else 0.0

    def _asked(self) -> dict[int, int]:
        """The place that each pin gets if the page is long enough."""
        taken: dict[int, int] = {}
        for pin in self.pins:
            place = pin.place or 1
            while place in taken:
                place += 1
            taken[place] = pin.product
        return {product: place for place, product in taken.items()}

    def _said(self, one: Candidate, word: Word, place: int | None, end: int) -> str:
        if word.kind == "pin":
            return " ".join(filter(None, (_pinned(word, place, end), self._brought_back(one))))
        if word.kind == "hide":
            return self._hidden(one)
        return self._moved(one, word, place)

    def _brought_back(self, one: Candidate) -> str:
        """What the pin overrules."""
        gone = " Its shop’s feed does not have it any more." if one.is_gone else ""
        if one.score is None:
            return f"It is no candidate of this page: shown without a score.{gone}"
        if one.behind is not None:
            return f"{self._of_its_front(one)}{gone}"
        if one.removed_by:
            return f"It was removed ({one.removed_by}); pinned all the same.{gone}"
        return gone.strip()

    def _of_its_front(self, one: Candidate) -> str:
        if self.fronts.get(one.behind or 0) != one.product:
            return "Another offer of the same product is pinned too."
        now = "is hidden" if self._kind(one.behind or 0) == "hide" else "stands behind it now"
        return f"The offer that was shown in its place {now}."

    def _hidden(self, one: Candidate) -> str:
        if one.score is None:
            return "Hidden. It is no candidate of this page anyway."
        if one.behind is not None:
            return "Hidden, also from the offers behind the one that is shown."
        if one.position is None:
            return f"Hidden. It was removed anyway ({one.removed_by})."
        offers = self.offers[one.product]
        if offers:
            return f"Hidden, with {offers} other offer{'s' * (offers > 1)} of the same product."
        return "Hidden."

    def _moved(self, one: Candidate, word: Word, place: int | None) -> str:
        done = f"{'Boosted' if word.kind == 'boost' else 'Buried'} {_HOW[word.strength]}"
        if one.score is None:
            return f"{done}, but it is no candidate of this page: only a pin would show it."
        if self.behind(one) is not None:
            return f"{done}, but it stands behind another offer of the same product."
        if one.position is None or place is None:
            return f"{done}, but it was removed ({one.removed_by}): only a pin would show it."
        passed = self._passed(one)
        if not passed:
            side = "above it is too far ahead" if word.kind == "boost" else "below it is too far"
            return f"{done}, but what stands {side}: nothing changes."
        products = f"{passed} product{'s' * (passed > 1)}"
        return f"{done}: past {products}, from {one.position} to {place}."

    def _passed(self, one: Candidate) -> int:
        """How many of the rest stand on its other side now."""
        here, position = self.rest.index(one.product), one.position or 0
        return sum(
            (place < here) != ((self.candidates[product].position or 0) < position)
            for place, product in enumerate(self.rest)
            if product != one.product
        )


def _pinned(pin: Word, place: int | None, end: int) -> str:
    if place == pin.place:
        return f"Pinned to {pin.place}."
    if place is not None and place < (pin.place or 1):
        return f"Pinned to {pin.place}, but the page ends at {end}: shown at {place}."
    return f"Pinned to {pin.place}, but an older pin stands there: shown at {place}."


def _worth(scores: Sequence[float]) -> list[float]:
    """Return what each place is worth: the nearest to the scores that never rises down the page.

    Rules other than the score, such as freshness, have had their say in the order: whoever is
    boosted starts from where the product stands. Isotonic regression by pooling adjacent
    violators (Ayer et al., 1955).
    """
    pools: list[tuple[float, int]] = []  # mean, how many
    for score in scores:
        mean, size = score, 1
        while pools and pools[-1][0] <= mean:
            before, number = pools.pop()
            mean = (before * number + mean * size) / (number + size)
            size += number
        pools.append((mean, size))
    return [mean for mean, size in pools for _ in range(size)]
