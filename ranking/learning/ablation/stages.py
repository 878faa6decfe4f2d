"""The stages, each on top of the one before, and the orders that they come to.

Nothing that orders a page has learned from it: what is learned comes from judgments of other
families of pages, fold by fold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TypeVar

import numpy as np

from ranking.learning.ablation.families import blends_of_others
from ranking.learning.ablation.outliers import Taught, detectors_of_others
from ranking.learning.ablation.pools import Beat, Pool, Seen, plain_words
from ranking.learning.examples import Examples
from ranking.learning.outliers.looks import Look
from ranking.pipeline.blend import Blend
from ranking.pipeline.data import Doubles, Ints, Options
from ranking.pipeline.names import KEYS, SIGNALS
from ranking.pipeline.report import Scored
from ranking.pipeline.rules import Lineup, apply_rules, probably_wrong
from ranking.pipeline.shelf import Shelf
from ranking.pipeline.words import Words

READ = "reranked"  # the cross-encoder's signal
TOLD_APART = "sibling_fit"  # the signal of the texts that tell siblings apart
NO_TEXTS = "No text tells any of these products' siblings apart."
NO_READER = "No version of the cross-encoder is in use: train one and use it."
NO_OPINION = "The cross-encoder in use has read none of these products."

Made = TypeVar("Made")
Order = Ints  # places in a pool, the first one first; what a stage removes has none


@dataclass(frozen=True, eq=False)
class Stage:
    """The orders of all pools after one more stage; none where it was left out."""

    key: str
    name: str
    orders: list[Order]  # of what is listed
    removed: list[Order] = field(default_factory=list)  # what is not, in the order it would have
    seconds: float = 0.0  # of this stage alone, per page
    left_out: str = ""  # a sentence that says why
    # Of each pool's products, in its order: the probability that people find them right. None
    # before there is a blend.
    confidence: list[Doubles] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Stages:
    """All stages, and with what the signals were blended at the end."""

    stages: list[Stage]
    pools: list[Pool]  # without what no stage knew
    known: Examples
    blends: Mapping[int, Blend]


def make_stages(
    seen: Seen, pools: Sequence[Pool], known: Examples, looks: Sequence[Look], seed: int, beat: Beat
) -> Stages:
    """Return the stages from sorting by price to all that runs do.

    `known` is what may be learned from, where it is of another family of pages, and `looks` are of
    its pages.
    """
    shelf, words = seen.shelf, plain_words(seen.shelf)
    stages = [
        _ordered("price", "Sorted by price", pools, lambda pool: by_price(pool, shelf)),
        _ordered("bm25", "BM25", pools, lambda pool: by_words(pool, words, shelf)),
        _ordered("retrieval", "Retrieval only", pools, lambda pool: by_nearness(pool, shelf)),
        told_apart(seen, pools),
    ]
    beat("Learning without the cross-encoder", 0, 1)
    blind, unread = [pool.without(READ) for pool in pools], known.without(READ)
    blends = blends_of_others(blind, unread, shelf, seed)
    stages.append(blended("signals", "+ signals", blind, blends))
    if why := unreadable(seen, pools):
        pools, known = blind, unread
        stages.append(Stage("reranking", "+ cross-encoder", [], left_out=why))
    else:
        beat("Learning with the cross-encoder", 0, 1)
        blends = blends_of_others(pools, known, shelf, seed)
        stages.append(blended("reranking", "+ cross-encoder", pools, blends))
    beat("Learning what does not belong", 0, 1)
    taught = detectors_of_others(pools, known, looks, blends, seen, seed)
    stages += [
        ruled("outliers", "+ outliers", pools, taught, seen, without_outliers),
        ruled("rules", "+ rules", pools, taught, seen, without_ruled_out),
    ]
    return Stages(stages, list(pools), known, blends)


def by_price(pool: Pool, shelf: Shelf) -> Order:
    """Return what is filed on the page, the cheapest first, as shops show it today; where nothing
    is filed, all of the pool. An unknown price comes last, ties by product."""
    filed = np.isin(pool.rows, pool.page.filed)
    ranked = np.flatnonzero(filed if filed.any() else np.ones(len(filed), bool))
    prices = shelf.catalogue.log_price[pool.rows[ranked]]
    order: Order = ranked[np.lexsort((ranked, np.nan_to_num(prices, nan=np.inf)))]
    return order


def by_words(pool: Pool, words: Words, shelf: Shelf) -> Order:
    """Return the pool by the BM25 of title and description for the page's name."""
    return falling(words.score(shelf.tree.names[pool.page.row])[pool.rows])


def by_nearness(pool: Pool, shelf: Shelf) -> Order:
    """Return the pool as retrieval finds it."""
    return falling(nearness(pool, shelf))


def told_apart(seen: Seen, pools: Sequence[Pool]) -> Stage:
    """Move what retrieval finds by what the texts say of it: log-odds, at their default weight."""
    fits = KEYS.index(TOLD_APART)
    if not any(np.isfinite(pool.signals[:, fits]).any() for pool in pools):
        return Stage("disambiguation", "+ disambiguation", [], left_out=NO_TEXTS)
    weight = SIGNALS[fits].weight

    def order(pool: Pool) -> Order:
        moved = weight * np.nan_to_num(pool.signals[:, fits])
        return falling(nearness(pool, seen.shelf) + moved)

    return _ordered("disambiguation", "+ disambiguation", pools, order)


def unreadable(seen: Seen, pools: Sequence[Pool]) -> str:
    """Return why there is nothing to learn from a cross-encoder, in a sentence, or ""."""
    if seen.reader is None:
        return NO_READER
    column = KEYS.index(READ)
    return "" if any(np.isfinite(p.signals[:, column]).any() for p in pools) else NO_OPINION


def blended(key: str, name: str, pools: Sequence[Pool], blends: Mapping[int, Blend]) -> Stage:
    """Order by what the blend makes of all signals that the pools have."""

    def order(pool: Pool) -> Order:
        return falling(scored(pool, blends[pool.page.page]).scores)

    return _ordered(key, name, pools, order)


def ruled(
    key: str,
    name: str,
    pools: Sequence[Pool],
    taught: Mapping[int, Taught],
    seen: Seen,
    rules: Callable[[Lineup, Options], Lineup],
) -> Stage:
    """Take off the page, and move on it, what the rules do."""

    def order(pool: Pool) -> tuple[Order, Order]:
        lineup = rules(_lineup(pool, taught[pool.page.page], seen), seen.options)
        listed, removed = np.split(lineup.order, [int(lineup.is_left.sum())])
        return listed, removed

    both, seconds = _timed(key, pools, order)
    sure = [scored(pool, taught[pool.page.page].blend).confidence for pool in pools]
    listed, removed = [one for one, _ in both], [other for _, other in both]
    return Stage(key, name, listed, removed, seconds, confidence=sure)


def without_outliers(lineup: Lineup, options: Options) -> Lineup:
    """Return the page without what is probably wrong."""
    return probably_wrong(lineup, options)


def without_ruled_out(lineup: Lineup, options: Options) -> Lineup:
    """Return the page as runs show it."""
    return apply_rules(lineup, options)[0]


def scored(pool: Pool, blend: Blend) -> Scored:
    """Return the pool as the blend scores a run's page."""
    return Scored.by(blend, pool.page, pool.rows, pool.signals)


def _lineup(pool: Pool, taught: Taught, seen: Seen) -> Lineup:
    catalogue, page = seen.shelf.catalogue, scored(pool, taught.blend)
    return page.lineup(catalogue, page.doubts(catalogue, taught.detector, seen.options))


def falling(scores: Doubles) -> Order:
    """Return the places by falling score, ties by place; NaN is not ranked."""
    ranked = np.flatnonzero(np.isfinite(scores))
    order: Order = ranked[np.argsort(-scores[ranked], kind="stable")]
    return order


def nearness(pool: Pool, shelf: Shelf) -> Doubles:
    """Return (N,) log-odds that fall with the place that retrieval gives each product.

    Its place is the better of that by text and that by picture, as in `retrieve`.
    """
    sides = ((shelf.text, pool.page.text), (shelf.picture, pool.page.picture))
    places = [_places(vectors.cosines(query, pool.rows)) for vectors, query in sides]
    place = np.argsort(np.lexsort((pool.rows, np.minimum(*places))), kind="stable")
    share = (place + 0.5) / max(len(place), 1)
    odds: Doubles = np.log(1 - share) - np.log(share)
    return odds


def _places(cosines: Doubles) -> Ints:
    """(N,) from 0 for the nearest; what has no vector comes last."""
    falling_first = np.argsort(-np.nan_to_num(cosines, nan=-2.0), kind="stable")
    return np.argsort(falling_first, kind="stable")


def _ordered(key: str, name: str, pools: Sequence[Pool], order: Callable[[Pool], Order]) -> Stage:
    """Order all pools, with nothing removed."""
    orders, seconds = _timed(key, pools, order)
    return Stage(key, name, orders, seconds=seconds)


def _timed(
    key: str, pools: Sequence[Pool], order: Callable[[Pool], Made]
) -> tuple[list[Made], float]:
    """What is made of each pool, and the seconds a page that it took, with what it needs."""
    start = perf_counter()
    made = [order(pool) for pool in pools]
    took = perf_counter() - start + sum(pool.seconds.get(key, 0.0) for pool in pools)
    return made, took / max(len(pools), 1)
