"""The stages one after another, on pages that nothing was learned from."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from ranking.learning.ablation import (
    Pool,
    Row,
    Seen,
    Stages,
    make_pools,
    make_stages,
    tabled,
    worth_of_signals,
)
from ranking.learning.ablation.families import families
from ranking.learning.ablation.stages import NO_READER, NO_TEXTS, by_price
from ranking.learning.ablation.table import (
    AT_LEAST,
    IN_ORDER,
    KEPT,
    metrics_of,
    unjudged_first,
)
from ranking.learning.examples import examples
from ranking.learning.outliers.looks import look_at
from ranking.pipeline.data import Doubles, Ints, Judged, Options
from ranking.pipeline.profile import Profile
from ranking.pipeline.shelf import Shelf
from tests.ranking.shelves import (
    DUFFEL_BAGS,
    LAMPS,
    judge,
    make_catalogue,
    make_shelf,
    make_tree,
)

EACH = 60  # products of a page


def silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def well_judged() -> tuple[Shelf, Judged]:
    """Return all seven categories with 60 products each, of which 70 % are right."""
    ids = make_tree().ids.tolist()
    belongs = [pk for pk in ids for _ in range(EACH)]
    shelf = Shelf(make_catalogue(belongs, noise=3.0), make_tree())
    count = len(belongs)
    grades = np.where(np.random.default_rng(0).random(count) < 0.7, 3.0, 0.0)
    ones, products = np.ones(count), np.arange(100, 100 + count)
    elsewhere = np.where(grades > 0, 0.0, 1.0)
    return shelf, Judged(np.array(belongs), products, grades, ones.astype(int), ones, elsewhere)


class Wise:
    """Knows the grades, and says them."""

    name = "wise"

    def __init__(self, shelf: Shelf, judged: Judged) -> None:
        said = zip(judged.pages.tolist(), judged.products.tolist(), strict=True)
        self._grades = dict(zip(said, judged.grades.tolist(), strict=True))
        self._shelf = shelf

    def reranked(self, page: Profile, rows: Ints) -> Doubles:
        raise AssertionError(f"what it learned from {page.page} was asked for, of {len(rows)}")

    def reranked_unseen(self, page: Profile, rows: Ints) -> Doubles:
        products = self._shelf.catalogue.ids[rows].tolist()
        grades = [self._grades.get((page.page, product), 1.0) for product in products]
        return 3.0 * (np.array(grades) - 1.5)


def staged(seen: Seen, measured: Judged, learned: Judged) -> tuple[Stages, list[Pool]]:
    pools = make_pools(seen, measured, silent)
    known = examples(seen.shelf, learned, reader=seen.reader)
    looks = look_at(seen.shelf, learned, reader=seen.reader)
    return make_stages(seen, pools, known, looks, 0, silent), pools


def rows_of(seen: Seen, measured: Judged, learned: Judged) -> dict[str, Row]:
    done, pools = staged(seen, measured, learned)
    return {row.stage.key: row for row in tabled(done.stages, pools, 0)}


def test_stages_come_in_the_order_of_the_pipeline_and_the_missing_say_why() -> None:
    shelf, judged = well_judged()
    rows = rows_of(Seen(shelf, Options()), judged, judged)
    assert list(rows) == [
        *("price", "bm25", "retrieval", "disambiguation"),
        *("signals", "reranking", "outliers", "rules"),
    ]
    assert rows["disambiguation"].stage.left_out == NO_TEXTS
    assert rows["reranking"].stage.left_out == NO_READER
    assert not rows["reranking"].metrics
    assert not rows["price"].against_before
    gained = rows["outliers"].against_before["ndcg@10"]
    after, before = rows["outliers"].metrics["ndcg@10"], rows["signals"].metrics["ndcg@10"]
    assert gained.mean == pytest.approx(after.mean - before.mean, abs=1e-9), (
        "compared with the last stage that was not left out"
    )


def test_a_cross_encoder_is_asked_as_if_it_had_not_seen_the_page_and_counted() -> None:
    shelf, judged = well_judged()
    rows = rows_of(Seen(shelf, Options(), reader=Wise(shelf, judged)), judged, judged)
    assert not rows["reranking"].stage.left_out
    assert rows["reranking"].metrics["ndcg@10"].mean > rows["signals"].metrics["ndcg@10"].mean
    assert rows["reranking"].against_before["ndcg@10"].p < 0.05


def test_a_page_s_own_grades_change_no_order_of_it() -> None:
    """Turned round, they leave its orders as they are, and change those of other families."""
    shelf, judged = well_judged()
    turned = judged.where(np.ones(len(judged), bool))
    here = judged.pages == DUFFEL_BAGS
    turned.grades[here] = 3 - judged.grades[here]
    seen = Seen(shelf, Options())
    (before, pools), (after, _) = (staged(seen, each, each) for each in (judged, turned))
    measured = [stage for stage in before.stages if not stage.left_out]
    again = [stage for stage in after.stages if not stage.left_out]
    for one, other in zip(measured, again, strict=True):
        for pool, old, new in zip(pools, one.orders, other.orders, strict=True):
            if pool.page.page == DUFFEL_BAGS:
                np.testing.assert_array_equal(old, new)
    assert before.blends[LAMPS] != after.blends[LAMPS]


def test_pages_are_learned_from_unless_a_measured_one_is_of_their_family() -> None:
    shelf, judged = well_judged()
    measured = judged.where(judged.pages == LAMPS)
    pools = make_pools(Seen(shelf, Options()), measured, silent)
    known = examples(shelf, judged)
    ((pages, kept),) = families(pools, known, shelf, 0)
    assert pages == [LAMPS]
    learned = set(known.pages[kept].tolist())
    assert DUFFEL_BAGS in learned
    assert not learned & {LAMPS}


def test_a_product_titled_like_a_measured_one_is_not_learned_from() -> None:
    shelf, judged = well_judged()
    titles = list(shelf.catalogue.titles)
    twin, original = 6 * EACH, 2 * EACH  # a duffel bag, a table lamp
    titles[twin] = titles[original] = "The very same thing"
    shelf = Shelf(replace(shelf.catalogue, titles=titles), shelf.tree)
    pools = make_pools(Seen(shelf, Options()), judged.where(judged.pages == LAMPS), silent)
    known = examples(shelf, judged)
    ((_, kept),) = families(pools, known, shelf, 0)
    assert not kept[known.products == 100 + twin].any()
    assert kept[known.products == 101 + twin].all()


def test_equal_inputs_give_equal_stages() -> None:
    shelf, judged = well_judged()
    one, other = (rows_of(Seen(shelf, Options()), judged, judged) for _ in range(2))
    for key, row in one.items():
        assert row.pages == other[key].pages or row.stage.left_out


def test_prices_sort_what_is_filed_on_the_page_the_unknown_last() -> None:
    shelf = make_shelf()
    filed = shelf.catalogue.filed_under.copy()
    filed[:4] = LAMPS
    prices = shelf.catalogue.log_price.copy()
    prices[:4] = (3.0, np.nan, 1.0, 2.0)
    changed = replace(shelf.catalogue, filed_under=filed, log_price=prices)
    shelf = Shelf(changed, shelf.tree)
    (pool,) = make_pools(Seen(shelf, Options()), judge(LAMPS, {100: 3.0}), silent)
    assert shelf.catalogue.ids[pool.rows[by_price(pool, shelf)]].tolist() == [102, 103, 100, 101]


def test_where_nothing_is_filed_all_candidates_are_sorted_by_price() -> None:
    shelf = make_shelf()
    (pool,) = make_pools(Seen(shelf, Options()), judge(LAMPS, {100: 3.0}), silent)
    sorted_ = shelf.catalogue.log_price[pool.rows[by_price(pool, shelf)]]
    assert len(sorted_) == len(pool.rows)
    assert (np.diff(sorted_) >= 0).all()


def one_pool(grades: list[float]) -> Pool:
    shelf = make_shelf()
    (pool,) = make_pools(Seen(shelf, Options()), judge(LAMPS, {100: 3.0}), silent)
    told = np.full(len(pool.rows), np.nan)
    told[: len(grades)] = grades
    return replace(pool, grades=told)


def test_a_right_product_that_is_removed_costs_and_the_order_is_told_apart() -> None:
    pool = one_pool([3.0, 0.0, 2.0])
    measured = metrics_of(pool, np.array([1, 2]), removed=np.array([0]))
    assert measured[KEPT] == 0.5
    assert measured["ndcg@10"] < measured[IN_ORDER] < 1
    whole = metrics_of(pool, np.array([0, 2, 1]))
    assert (whole["ndcg@10"], whole[IN_ORDER], whole[KEPT]) == (1, 1, 1)


def test_unjudged_products_are_never_wrong_but_worthless_in_the_lower_bound() -> None:
    pool = one_pool([3.0])
    order = np.array([5, 6, 0])
    measured = metrics_of(pool, order)
    assert measured["ndcg@10"] == measured["p@10"] == 1
    assert measured[AT_LEAST] == pytest.approx(1 / 2)
    assert measured["judged@10"] == pytest.approx(1 / 3)
    assert unjudged_first(pool, order) == [(5, 1), (6, 2)]


def test_a_list_of_nothing_judged_is_unknown_and_not_bad() -> None:
    measured = metrics_of(one_pool([3.0]), np.array([5, 6]))
    assert math.isnan(measured["ndcg@10"])
    assert (measured[AT_LEAST], measured["judged@10"]) == (0, 0)


def test_a_signal_that_says_it_all_is_worth_more_than_the_others() -> None:
    shelf, judged = well_judged()
    done, _ = staged(Seen(shelf, Options(), reader=Wise(shelf, judged)), judged, judged)
    worth = {
        one.signal: one.gain
        for one in worth_of_signals(done.pools, done.known, done.blends, shelf, 0)
    }
    assert "picture_fit" not in worth, "of no product a picture is known"
    assert max(worth, key=lambda key: worth[key].mean) == "reranked"
    assert all(gain.p_holm >= gain.p for gain in worth.values())
