"""Products put where they do not belong: how many are found, and what that costs."""

from __future__ import annotations

import numpy as np
import pytest

from ranking.learning.outliers.injection import KINDS, RATES, Hosts, average_precision, inject
from ranking.pipeline.blend import Blend
from ranking.pipeline.data import Options
from ranking.pipeline.outliers.detector import Detector
from tests.ranking.shelves import CANDLES, DESK_LAMPS, DUFFEL_BAGS, LAMPS, make_shelf

PAGES = (LAMPS, DESK_LAMPS, CANDLES, DUFFEL_BAGS)


def hosts() -> Hosts:
    """Return four pages of twelve right products each."""
    shelf = make_shelf()
    right = {page: np.arange(12) + 12 * place for place, page in enumerate(PAGES)}
    everything = np.arange(len(shelf.catalogue))
    return Hosts(
        shelf,
        right,
        dict.fromkeys(PAGES, Blend()),
        dict.fromkeys(PAGES, Detector()),
        dict.fromkeys(PAGES, everything),
        Options(),
    )


def test_each_rate_and_kind_is_measured_and_strangers_stand_out() -> None:
    rows = inject(hosts(), [0, 1])
    assert [(row["rate"], row["kind"]) for row in rows] == [
        (rate, kind) for rate in RATES for kind in KINDS
    ]
    (siblings,) = [row for row in rows if (row["rate"], row["kind"]) == (0.1, "siblings")]
    chance_alone = siblings["foreign"] / siblings["products"]
    assert siblings["ap"]["chance_wrong"] > 2 * chance_alone
    assert siblings["ap"]["price"] < siblings["ap"]["text"]


def test_without_cousins_there_are_none_to_be_found() -> None:
    cousins = [row for row in inject(hosts(), [0]) if row["kind"] == "cousins"]
    lamps_and_bags = {row["foreign"] for row in cousins}
    assert lamps_and_bags != {0}  # lighting and bags are siblings, so lamps and bags are cousins
    alone = [row for row in inject(hosts(), [0]) if row["kind"] == "random"]
    assert [(row["foreign"], row["ap"]) for row in alone] == [(0, None)] * 3


def test_the_same_seed_puts_the_same_products() -> None:
    assert inject(hosts(), [3]) == inject(hosts(), [3])


def test_where_products_are_filed_the_foreign_ones_are_filed_on_the_page_too() -> None:
    here = hosts().shelf
    there = here.refiled(np.array([40]), LAMPS)
    assert there.catalogue.filed_under[40] == LAMPS
    assert here.catalogue.filed_under[40] != LAMPS
    assert there.under(int(there.tree.rows(np.array([LAMPS]))[0])).tolist() == [40]
    assert there.words is here.words


@pytest.mark.parametrize("seed", range(5))
def test_average_precision_is_precision_weighted_by_what_each_threshold_finds(seed: int) -> None:
    random = np.random.default_rng(seed)
    foreign, chances = random.random(60) < 0.2, np.round(random.random(60), 1)
    expected, found_before = 0.0, 0.0
    for least in sorted(set(chances.tolist()), reverse=True):  # ties together
        taken = chances >= least
        found = (foreign & taken).sum() / foreign.sum()
        expected += (found - found_before) * foreign[taken].mean()
        found_before = found
    assert average_precision(foreign, chances) == pytest.approx(expected, abs=1e-4)
