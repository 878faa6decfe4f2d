"""A page's candidates as the rows that people are shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from ranking.pipeline.blend import Blend, logistic
from ranking.pipeline.data import Catalogue, Doubles, Ints, Options, Ranked
from ranking.pipeline.names import KEYS
from ranking.pipeline.outliers.detector import Detector
from ranking.pipeline.outliers.names import KEYS as ODDITIES
from ranking.pipeline.outliers.stage import Doubts, find_outliers
from ranking.pipeline.page_stats import PageStats
from ranking.pipeline.profile import Profile
from ranking.pipeline.rules import Lineup, Offers, ages, line_up
from ranking.pipeline.shelf import Shelf
from ranking.pipeline.why import price_word, sentence

LONGEST_WHY = 300  # characters that a row has room for


@dataclass(frozen=True, eq=False)
class Scored:
    """A page's N candidates with what the signals and the blend say of each."""

    page: Profile
    rows: Ints  # in the catalogue
    signals: Doubles  # (N, F)
    beside: Doubles  # (N, T) how they stand among the page's candidates
    scores: Doubles
    confidence: Doubles
    misfiled: Doubles  # chances of belonging elsewhere; NaN for what is not filed here

    @classmethod
    def by(cls, blend: Blend, page: Profile, rows: Ints, signals: Doubles) -> Scored:
        beside = PageStats.of(signals).beside(signals)
        scores = blend.score(signals, beside)
        confidence, misfiled = blend.confidence(scores), blend.misfiled.chance(signals, beside)
        return cls(page, rows, signals, beside, scores, confidence, misfiled)

    def doubts(
        self, catalogue: Catalogue, detector: Detector | None, options: Options
    ) -> Doubts | None:
        """Return what the outliers stage says of them; None where it is left out."""
        if detector is None:
            return None
        said = (self.confidence, self.misfiled)
        return find_outliers(self.page, self.rows, *said, catalogue, detector, options)

    def lineup(self, catalogue: Catalogue, doubts: Doubts | None = None) -> Lineup:
        """Return the candidates as the rules want them."""
        unseen = catalogue.days_unseen[self.rows].astype(np.float64)
        ids, offers = catalogue.ids[self.rows], offers_at(self.rows, catalogue)
        return line_up(ids, logistic(self.scores), self.confidence, unseen, doubts, offers)


def offers_at(rows: Ints, catalogue: Catalogue) -> Offers:
    """Return what rules must know of the products at these rows of the catalogue."""
    return Offers(
        retailer=catalogue.retailer[rows],
        in_stock=catalogue.in_stock[rows],
        group=catalogue.group[rows],
        log_price=catalogue.log_price[rows],
        currency=tuple(catalogue.currencies[row] for row in rows.tolist()),
        days_silent=catalogue.days_silent[rows].astype(np.float64),
    )


def table(scored: Scored, lineup: Lineup, blend: Blend, shelf: Shelf) -> list[Ranked]:
    """Return a row per candidate: those left by position, then the removed."""
    contributions = blend.contributions(scored.signals, scored.beside)
    rows = []
    for position, place in enumerate(lineup.order.tolist(), start=1):
        removed_by = lineup.removed_by[place]
        price = price_word(int(scored.rows[place]), shelf.catalogue, scored.page.usual)
        why = sentence(contributions[place], against=bool(removed_by), price=price)
        rows.append(
            Ranked(
                product=int(lineup.products[place]),
                position=None if removed_by else position,
                removed_by=removed_by,
                why=_as_fits(lineup.reasons[place], _slip(lineup.doubts, place), why),
                score=float(scored.scores[place]),
                confidence=float(scored.confidence[place]),
                duplicate_of=int(lineup.duplicate_of[place]) or None,
                moves=_moves(lineup, place),
                misfiled=_known(scored.misfiled[place]),
                **_doubted(lineup.doubts, place),
                signals=_named(scored.signals[place]),
                contributions=dict(
                    zip((*KEYS, "base"), contributions[place].tolist(), strict=True)
                ),
            )
        )
    return rows


def _moves(lineup: Lineup, place: int) -> list[dict[str, str | int]]:
    """What moved a candidate that is left, as its row has it."""
    return [
        {"rule": rule, "reason": move.reason, "places": move.places}
        for rule, move in lineup.moves_of(place)
    ]


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _named(signals: Doubles) -> dict[str, float | None]:
    return {key: _known(value) for key, value in zip(KEYS, signals.tolist(), strict=True)}


def _doubted(doubts: Doubts | None, place: int) -> dict[str, Any]:
    """What the outliers stage knows of one candidate, as its row has it."""
    if doubts is None:
        return {"chance_wrong": None, "oddities": {}}
    odd = zip(ODDITIES, doubts.oddities[place].tolist(), strict=True)
    return {
        "chance_wrong": float(doubts.chance_wrong[place]),
        "oddities": {key: value for key, value in odd if np.isfinite(value)},
    }


def _slip(doubts: Doubts | None, place: int) -> str:
    return doubts.slips[place] if doubts else ""


def _as_fits(*sentences: str) -> str:
    """Return the sentences in this order, without those that make the whole too long."""
    said = ""
    for said_next in filter(None, sentences):
        longer = f"{said} {said_next}".strip()
        said = longer if len(longer) <= LONGEST_WHY else said
    return said


def digest(
    scored: Scored,
    blend: Blend,
    shelf: Shelf,
    options: Options,
    detector: Detector | None = None,
    doubts: Doubts | None = None,
) -> str:
    """Return 64 hexadecimal digits of all that the rows of this page follow from.

    Taken behind the signals: a change in the catalogue that alters no candidate and no signal
    of this page leaves it as it is.
    """
    catalogue, usual = shelf.catalogue, scored.page.usual
    offers = offers_at(scored.rows, catalogue)
    inputs = blake2b(digest_size=32)
    for part in (
        np.int64(scored.page.page).tobytes(),
        catalogue.ids[scored.rows].tobytes(),
        scored.signals.tobytes(),
        *_offered(offers),
        ages(catalogue.days_unseen[scored.rows], offers.days_silent, options).tobytes(),
        json.dumps({code: asdict(price) for code, price in usual.items()}).encode(),
        json.dumps(asdict(options)).encode(),
        blend.digest.encode(),
        *([detector.digest.encode()] if detector else []),
        *([doubts.oddities.tobytes()] if doubts else []),
    ):
        inputs.update(len(part).to_bytes(8, "big") + part)
    return inputs.hexdigest()


def _offered(offers: Offers) -> Iterator[bytes]:
    """What rules look at, but for ages, which depend on what they are told."""
    # Which are one product, whatever the lowest id among offers on other pages.
    _, first, which = np.unique(offers.group, return_index=True, return_inverse=True)
    for column in (offers.retailer, offers.in_stock, first[which], offers.log_price):
        yield column.tobytes()
    yield json.dumps(offers.currency).encode()
