"""Where ids stand in arrays, and how categories relate."""

from __future__ import annotations

import numpy as np

from ranking.pipeline.data import NO_PARENT, Tree, positions
from tests.ranking.shelves import BAGS, CANDLES, DESK_LAMPS, DUFFEL_BAGS, LAMPS, judge, make_tree


def row_of(category: int) -> int:
    return int(make_tree().rows(np.array([category]))[0])


def test_an_id_that_is_missing_stands_nowhere() -> None:
    ids = np.array([3, 5, 9])
    assert positions(ids, np.array([9, 4, 3, 10])).tolist() == [2, -1, 0, -1]
    assert positions(np.empty(0, np.int64), np.array([1])).tolist() == [-1]


def test_lineages_run_from_the_root_to_the_category() -> None:
    tree = make_tree()
    assert tree.lineages[row_of(LAMPS)].tolist() == [1, 2, 3]
    assert tree.lineages[row_of(BAGS)].tolist() == [1, 6, NO_PARENT]
    assert tree.depths.tolist() == [1, 2, 3, 3, 3, 2, 3]


def test_a_category_whose_parent_is_not_live_is_a_root() -> None:
    tree = Tree(
        np.array([8, 9]), np.array([7, 8]), ["a", "b"], ["a", "a > b"], np.eye(2, dtype="f4")
    )
    assert tree.lineages.tolist() == [[8, NO_PARENT], [8, 9]]


def test_a_tree_without_categories_has_no_lineages() -> None:
    none = np.empty(0, np.int64)
    tree = Tree(none, none, [], [], np.empty((0, 4), np.float32))
    assert len(tree) == len(tree.depths) == len(tree.lineages) == 0


def test_distances_count_the_steps_through_the_nearest_common_ancestor() -> None:
    steps = dict(zip(make_tree().ids.tolist(), make_tree().distances(row_of(LAMPS)), strict=True))
    assert steps == {1: 2, 2: 1, LAMPS: 0, DESK_LAMPS: 2, CANDLES: 2, BAGS: 3, DUFFEL_BAGS: 4}


def test_two_roots_meet_above_the_tree() -> None:
    none = np.array([NO_PARENT, NO_PARENT])
    tree = Tree(np.array([1, 2]), none, ["a", "b"], ["a", "b"], np.eye(2, dtype=np.float32))
    assert tree.distances(0).tolist() == [0, 2]
    assert tree.siblings(0).tolist() == [2]


def test_siblings_are_the_other_children_of_the_parent() -> None:
    assert make_tree().siblings(row_of(LAMPS)).tolist() == [DESK_LAMPS, CANDLES]
    assert make_tree().siblings(row_of(DUFFEL_BAGS)).tolist() == []


def test_what_is_under_and_over_a_category_includes_it() -> None:
    tree = make_tree()
    assert tree.ids[tree.is_under(row_of(BAGS))].tolist() == [BAGS, DUFFEL_BAGS]
    assert tree.ids[tree.is_over(row_of(DUFFEL_BAGS))].tolist() == [1, BAGS, DUFFEL_BAGS]


def test_judgments_are_told_apart_by_page() -> None:
    judged = judge(LAMPS, {100: 3, 101: 0})
    assert len(judged.without_pages(np.array([LAMPS]))) == 0
    assert len(judged.without_pages(np.array([CANDLES]))) == 2
