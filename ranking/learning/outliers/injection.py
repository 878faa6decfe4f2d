"""How well outliers are found: products of other pages are put among a page's right ones.

Where products are filed, the foreign ones are filed on the page too, as a wrong feed would do it.
Blend and detector are those of other families of pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from ranking.pipeline.blend import Blend
from ranking.pipeline.data import NO_PARENT, NOTHING_JUDGED, Bools, Doubles, Ints, Options
from ranking.pipeline.outliers.detector import Detector
from ranking.pipeline.outliers.names import KEYS
from ranking.pipeline.profile import profile
from ranking.pipeline.report import Scored
from ranking.pipeline.rules import apply_rules
from ranking.pipeline.shelf import Shelf
from ranking.pipeline.signals import measure

RATES = (0.01, 0.05, 0.10)  # of a page's products
KINDS = ("siblings", "cousins", "random")
FEWEST = 10  # right products that make a page


@dataclass(frozen=True, eq=False)
class Hosts:
    """Pages that foreign products are put on, with what judges them there."""

    shelf: Shelf
    right: Mapping[int, Ints]  # page → rows of its right products, ascending
    blends: Mapping[int, Blend]
    detectors: Mapping[int, Detector]
    candidates: Mapping[int, Ints]  # page → rows that stand on it beside what is put there
    options: Options

    @property
    def pages(self) -> list[int]:
        """Those with right products enough, ascending."""
        return sorted(page for page, rows in self.right.items() if len(rows) >= FEWEST)


@dataclass(frozen=True, eq=False)
class Found:
    """What became of the N products of one page."""

    foreign: Bools
    columns: dict[str, Doubles]  # by name, (N,): the more, the likelier foreign
    unsure: Bools  # removed for want of confidence, were nobody to look for outliers
    removed: Bools  # removed by all rules


def inject(hosts: Hosts, seeds: Sequence[int]) -> list[dict[str, Any]]:
    """Return the figures for each rate and kind of foreign products, over all pages and seeds.

    Foreign products of KINDS are right ones of pages under the same parent, under the parent's
    siblings, and of any other page. `ap` is the average precision of the chance of being wrong, of
    what confidence leaves, and of each oddity alone; None where there is none to be found.
    """
    return [
        {"rate": rate, "kind": kind, **_figures(list(_draws(hosts, rate, kind, seeds)))}
        for rate, kind in product(RATES, KINDS)
    ]


def _draws(hosts: Hosts, rate: float, kind: str, seeds: Sequence[int]) -> Iterator[Found]:
    sources = {page: _sources(page, hosts, kind) for page in hosts.pages}
    for seed, page in product(seeds, hosts.pages):
        random = np.random.default_rng([seed, page])
        right, source = hosts.right[page], sources[page]
        share = len(right) * rate / (1 - rate)
        count = int(share) + int(random.random() < share % 1)
        if len(source) >= max(count, 1):
            yield _found(page, right, random.choice(source, count, replace=False), hosts)


def _sources(page: int, hosts: Hosts, kind: str) -> Ints:
    """The rows that may be put on the page: right elsewhere, and not right here."""
    others = [other for other in hosts.pages if other != page]
    rows = [hosts.right[other] for other in others if _kin(page, other, hosts.shelf) == kind]
    return np.setdiff1d(np.concatenate([*rows, hosts.right[page][:0]]), hosts.right[page])


def _kin(page: int, other: int, shelf: Shelf) -> str:
    parent_of = shelf.tree.parent_of
    mine, its = parent_of[page], parent_of[other]
    if mine == its:
        return "siblings"
    above = parent_of.get(mine, NO_PARENT)
    is_cousin = above != NO_PARENT and above == parent_of.get(its, NO_PARENT)
    return "cousins" if is_cousin else "random"


def _found(page: int, right: Ints, foreign: Ints, hosts: Hosts) -> Found:
    is_filed = bool((hosts.shelf.catalogue.filed_under[right] == page).any())
    shelf = hosts.shelf.refiled(foreign, page) if is_filed else hosts.shelf
    rows, about = _all_of(page, right, foreign, hosts), profile(page, shelf, NOTHING_JUDGED)
    scored = Scored.by(hosts.blends[page], about, rows, measure(about, rows, shelf))
    doubts = scored.doubts(shelf.catalogue, hosts.detectors[page], hosts.options)
    assert doubts is not None  # there is a detector
    before, _ = apply_rules(scored.lineup(shelf.catalogue), hosts.options)
    after, _ = apply_rules(scored.lineup(shelf.catalogue, doubts), hosts.options)
    odd = dict(zip(KEYS, np.nan_to_num(doubts.oddities).T, strict=True))
    columns = {"chance_wrong": doubts.chance_wrong, "unsure": 1 - scored.confidence} | odd
    known = np.isin(rows, np.union1d(right, foreign))
    return Found(
        np.isin(rows, foreign)[known],
        {name: column[known] for name, column in columns.items()},
        ~before.is_left[known],
        ~after.is_left[known],
    )


def _all_of(page: int, right: Ints, foreign: Ints, hosts: Hosts) -> Ints:
    """All that the page's products stand beside: its other candidates too, right or wrong."""
    strangers = np.setdiff1d(hosts.candidates[page], right)
    return np.unique(np.concatenate([strangers, right, foreign]))


def _figures(draws: Sequence[Found]) -> dict[str, Any]:
    if not any(found.foreign.any() for found in draws):
        return {"products": sum(len(found.foreign) for found in draws), "foreign": 0, "ap": None}
    foreign = np.concatenate([found.foreign for found in draws])
    names = draws[0].columns
    precision = {
        name: average_precision(foreign, np.concatenate([found.columns[name] for found in draws]))
        for name in names
    }
    unsure = np.concatenate([found.unsure for found in draws])
    removed = np.concatenate([found.removed for found in draws])
    return {
        "products": len(foreign),
        "foreign": int(foreign.sum()),
        "ap": precision,
        "right_lost": _share(removed[~foreign]),
        "foreign_kept": _share(~removed[foreign]),
        "right_lost_by_confidence": _share(unsure[~foreign]),
        "foreign_kept_by_confidence": _share(~unsure[foreign]),
    }


def average_precision(is_foreign: Bools, chances: Doubles) -> float:
    """Return the average precision of (N,) chances, ties together, 0 to 1."""
    return round(float(average_precision_score(is_foreign, chances)), 4)


def _share(which: Bools) -> float:
    return round(float(which.mean()), 4) if len(which) else 0.0
