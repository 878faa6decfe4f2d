"""Who may learn from whom: no family of pages and no near-duplicate is on both sides."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ranking.learning.folds import FOLDS, page_groups, splits, title_keys
from ranking.pipeline.data import NO_PARENT, Ints

examples = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 20)), max_size=60)


def columns(pairs: list[tuple[int, int]]) -> tuple[Ints, Ints]:
    both = np.array(pairs, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


@given(examples, st.integers(0, 5))
def test_each_example_is_held_out_once(pairs: list[tuple[int, int]], seed: int) -> None:
    held = [split.held for split in splits(*columns(pairs), seed)]
    assert len(held) <= FOLDS
    assert np.sum(held, axis=0).tolist() == ([1] * len(pairs) if pairs else 0)


@given(examples, st.integers(0, 5))
def test_no_group_and_no_title_is_on_both_sides(pairs: list[tuple[int, int]], seed: int) -> None:
    groups, titles = columns(pairs)
    for split in splits(groups, titles, seed):
        for of in (groups, titles):
            assert not set(of[split.held].tolist()) & set(of[split.learn].tolist())


@given(examples, st.integers(0, 5))
def test_only_what_is_like_a_held_out_one_goes_unused(
    pairs: list[tuple[int, int]], seed: int
) -> None:
    groups, titles = columns(pairs)
    for split in splits(groups, titles, seed):
        unused = ~split.held & ~split.learn
        assert np.isin(titles[unused], titles[split.held]).all()


@given(examples, st.integers(0, 5))
def test_the_same_seed_splits_the_same_way(pairs: list[tuple[int, int]], seed: int) -> None:
    one, two = (list(splits(*columns(pairs), seed)) for _ in range(2))
    for first, second in zip(one, two, strict=True):
        np.testing.assert_array_equal(first.held, second.held)
        np.testing.assert_array_equal(first.learn, second.learn)


def test_a_single_group_has_nothing_to_learn_from() -> None:
    (split,) = splits(np.zeros(4, np.int64), np.arange(4), 0)
    assert split.held.all()
    assert not split.learn.any()


def test_titles_of_the_same_words_are_near_duplicates() -> None:
    titles = ["Red Desk-Lamp", "desk lamp, RED", "Red desk lamp 2", "", "…"]
    keys = title_keys(titles)
    assert keys[0] == keys[1]
    assert len(set(keys.tolist())) == 4


def test_pages_that_share_their_products_are_one_group() -> None:
    pages, titles = np.array([1, 1, 2, 2, 3, 3, 4]), title_keys(list("abbcxyc"))
    assert page_groups(pages, titles, {}).tolist() == [1, 1, 1, 1, 3, 3, 1]


def test_pages_of_one_parent_are_one_group() -> None:
    pages = np.arange(1, 13)
    parents = {page: 100 + page // 2 for page in range(1, 13)}
    groups = page_groups(pages, pages, parents).tolist()
    assert groups == [1, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12]


def test_roots_are_no_family() -> None:
    pages = np.arange(1, 8)
    parents = dict.fromkeys(range(1, 8), NO_PARENT)
    assert page_groups(pages, pages, parents).tolist() == pages.tolist()


def test_a_shop_of_few_families_is_split_by_pages() -> None:
    pages = np.arange(1, 13)
    families = {page: 100 + page % 4 for page in range(1, 13)}
    assert page_groups(pages, pages, families).tolist() == pages.tolist()
