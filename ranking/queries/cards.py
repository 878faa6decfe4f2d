"""A version's card, for people: what the figures in it come to on screen. Asks no database.

Cards are written where models are learned, and older ones stay as they are: every key may be
missing. What is drawn, and how it is written there:

    kinds        what was compared: name → {"mean", "low", "high"} of NDCG@10, or with these below
                 "ndcg@10", and a "brier" beside them
    chosen, why  which of them, and a sentence; of a cross-encoder `loss` says which
    blend_with, blend_without, uses
                 of a cross-encoder, how the blend does with each kind of it and without
    data         {"hash", "judged_products", "pages"}
    reliability  said against true: [{"confidence", "share", "low", "high", "count"}]
    ece, brier   numbers
    misfiled     {"reliability", "ece", "brier"} of the second output
    weights      what a usual difference in each signal adds to the score
    curves       name → numbers, one per epoch or step; or a list of such

Everything else is listed by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ranking.labels import choice_words, signal_words

Card = Mapping[str, Any]

METRIC = "ndcg@10"
WITHOUT = "without"
HONESTY = {"reliability", "ece", "brier", "weights", "kinds"}
READING = {"blend_with", "blend_without", "uses", "loss", "earns_its_place"}
DRAWN = {*HONESTY, *READING, METRIC, "chosen", "why", "curves", "seed", "seconds", "minutes"}
LEAST = 0.005  # log-odds that would be shown as 0.00
DATA = {"hash", "judged_products", "pages"}  # what stands among the facts


@dataclass(frozen=True)
class Candidate:
    """One of those that were compared, by NDCG@10 on pages it had not seen."""

    name: str
    label: str
    mean: float
    low: float | None
    high: float | None
    brier: float | None
    chosen: bool


@dataclass(frozen=True)
class Bin:
    """Products of about the same confidence: how many, and the share of which it was true."""

    confidence: float
    share: float
    low: float | None
    high: float | None
    count: int


@dataclass(frozen=True)
class Calibration:
    """How far a probability can be taken at its word."""

    bins: list[Bin]
    ece: float | None  # mean distance between what was said and what was true
    brier: float | None

    @property
    def count(self) -> int:
        return sum(one.count for one in self.bins)

    @property
    def usual(self) -> float:
        """Of how many products it is true, as a share."""
        return sum(one.share * one.count for one in self.bins) / max(self.count, 1)

    @property
    def blind(self) -> float:
        """The Brier score of who says the usual share of every product."""
        return self.usual * (1 - self.usual)


@dataclass(frozen=True)
class Curve:
    """How one figure went while a model learned."""

    name: str
    values: list[float]


def candidates(card: Card) -> list[Candidate]:
    """Return what was compared, best first."""
    chosen = card.get("loss", card.get("chosen"))
    return _ranked(card.get("kinds"), chosen)


def with_and_without(card: Card) -> list[Candidate]:
    """Return how the blend does with each kind of cross-encoder and without one, best first."""
    told = card.get("blend_with")
    compared = {**told, WITHOUT: card.get("blend_without")} if isinstance(told, dict) else {}
    return _ranked(compared, card.get("uses") or WITHOUT)


def decisive(card: Card) -> Candidate | None:
    """Return what was chosen of what was compared: in the blend, where that is known."""
    compared = with_and_without(card) or candidates(card)
    return next((one for one in compared if one.chosen), None)


def calibration(card: Card) -> Calibration | None:
    """Return how far the probabilities that a card (or a part of it) tells of can be trusted."""
    told = card.get("reliability")
    rows = told if isinstance(told, list) else []
    bins = [_bin(row) for row in rows]
    ece, brier = _mean(card.get("ece")), _mean(card.get("brier"))
    return Calibration(bins, ece, brier) if bins or ece is not None or brier is not None else None


def misfiled_calibration(card: Card) -> Calibration | None:
    """Return the same of the second output, that a product is misfiled."""
    told = card.get("misfiled")
    return calibration(told) if isinstance(told, dict) else None


def curves(card: Card) -> list[Curve]:
    """Return how figures went while the model learned, curve by curve."""
    told = card.get("curves")
    parts = enumerate(told, 1) if isinstance(told, list) else (told or {}).items()
    return [curve for name, part in parts for curve in _curves(str(name), part)]


def weights(card: Card) -> list[tuple[str, float]]:
    """Return by name how much each signal counts, the strongest first; none that counts next to
    nothing."""
    told = card.get("weights")
    found = told.items() if isinstance(told, dict) else ()
    strongest = sorted(found, key=lambda item: (-abs(item[1]), item[0]))
    return [(signal_words(key)[0], weight) for key, weight in strongest if abs(weight) >= LEAST]


def amounts(card: Card) -> tuple[int | None, int | None]:
    """Return how many judged products, of how many pages, it was learned from."""
    told = card.get("data")
    data = {**card, **told} if isinstance(told, dict) else card
    return data.get("judged_products", data.get("judgments")), data.get("pages")


def data_hash(card: Card) -> str:
    """Return the hash of all it was learned from, or nothing."""
    told = card.get("data")
    return str(told.get("hash", "")) if isinstance(told, dict) else str(card.get("data_hash", ""))


def rest(card: Card) -> list[tuple[str, str]]:
    """Return what a card says besides, by name, in words."""
    left = {key: value for key, value in card.items() if key not in DRAWN}
    for key, drawn in (("data", DATA), ("misfiled", HONESTY)):
        if isinstance(left.get(key), dict):
            left[key] = {name: told for name, told in left[key].items() if name not in drawn}
    return [line for key, told in left.items() for line in _told(key, told)]


def _ranked(compared: Any, chosen: Any) -> list[Candidate]:
    told = compared.items() if isinstance(compared, dict) else ()
    found = [one for name, part in told if (one := _candidate(str(name), part, chosen))]
    return sorted(found, key=lambda one: (-one.mean, one.name))


def _candidate(name: str, told: Any, chosen: Any) -> Candidate | None:
    figure = told.get(METRIC, told) if isinstance(told, dict) else told
    mean = _mean(figure)
    if mean is None:
        return None
    low, high = (figure.get(end) if isinstance(figure, dict) else None for end in ("low", "high"))
    brier = _mean(told.get("brier")) if isinstance(told, dict) else None
    return Candidate(name, choice_words(name), mean, low, high, brier, name == chosen)


def _bin(row: Mapping[str, Any]) -> Bin:
    return Bin(row["confidence"], row["share"], row.get("low"), row.get("high"), row["count"])


def _mean(told: Any) -> float | None:
    value = told.get("mean") if isinstance(told, dict) else told
    return float(value) if isinstance(value, int | float) else None


def _curves(name: str, part: Any) -> Iterator[Curve]:
    if isinstance(part, dict):
        for key, values in part.items():
            yield from _curves(f"{name}, {key}", values)
    elif isinstance(part, list) and part and all(isinstance(one, int | float) for one in part):
        yield Curve(name, [float(one) for one in part])


def _told(name: str, value: Any) -> Iterator[tuple[str, str]]:
    words = name.replace("_", " ")
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _told(f"{words}: {key}", part)
    else:
        several = value if isinstance(value, list) else [value]
        yield words, ", ".join(map(_plain, several))


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
    return str(value)
