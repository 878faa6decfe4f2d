"""In which order a campaign asks."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from judgments.queries.pools import Candidate
from judgments.turns import BLOCK, in_turn, merged

candidates = st.builds(
    Candidate,
    page=st.integers(1, 6),
    product=st.integers(1, 40),
    pool=st.sampled_from(["top", "cut", "random"]),
    expected_change=st.floats(0, 1),
)
fences = st.builds(
    Candidate,
    page=st.integers(1, 6),
    product=st.integers(1, 40),
    pool=st.just("fence"),
    expected_change=st.floats(0, 1),
    sibling=st.integers(11, 13),
)
lists = st.lists(candidates | fences, max_size=120)


def questions(found: list[Candidate]) -> list[tuple[int, int]]:
    """Each page and product that is asked about: two for a choice between siblings."""
    pages = [(one.page, one.product) for one in found]
    return pages + [(one.sibling, one.product) for one in found if one.sibling is not None]


@given(lists)
def test_a_product_is_asked_about_once_per_page(found: list[Candidate]) -> None:
    once = questions(merged(found))
    assert max(Counter(once).values(), default=1) == 1
    singly = {(one.page, one.product) for one in found if one.sibling is None}
    assert singly <= set(once) <= set(questions(found))


@given(lists)
def test_a_choice_between_siblings_gives_way_to_the_plain_question(found: list[Candidate]) -> None:
    singly = {(one.page, one.product) for one in found if one.sibling is None}
    for one in merged(found):
        between = one.sibling is not None
        assert between == ((one.page, one.product) not in singly)
        assert not between or (one.sibling, one.product) not in singly


@given(lists)
def test_all_that_was_drawn_at_random_counts_as_drawn(found: list[Candidate]) -> None:
    drawn = {(one.page, one.product) for one in found if one.pool == "random"}
    assert {(one.page, one.product) for one in merged(found) if one.pool == "random"} == drawn


@given(lists)
def test_nothing_is_lost_or_doubled_by_the_order(found: list[Candidate]) -> None:
    once = merged(found)
    assert Counter(in_turn(once, "seed")) == Counter(once)


@given(lists)
def test_the_order_depends_on_what_is_asked_alone(found: list[Candidate]) -> None:
    once = merged(found)
    assert in_turn(once, "seed") == in_turn(list(reversed(once)), "seed")


@given(lists)
def test_blocks_are_of_one_page_and_fall_in_what_they_are_expected_to_change(
    found: list[Candidate],
) -> None:
    chosen = [one for one in in_turn(merged(found), "seed") if one.pool != "random"]
    blocks = [
        list(block) for _, block in groupby(chosen, lambda one: (one.page, one.sibling is None))
    ]
    heaviest = [
        sum(sorted((one.expected_change for one in block), reverse=True)[:BLOCK])
        for block in blocks
    ]
    first = heaviest[:1]
    assert all(weight <= first[0] + 1e-9 for weight in heaviest)


def test_a_page_of_many_products_is_cut_into_blocks_that_other_pages_may_come_between() -> None:
    long = [
        Candidate(1, number, "top", 0.9 if number <= BLOCK else 0.01) for number in range(1, 21)
    ]
    other = [Candidate(2, number, "top", 0.5) for number in range(1, 5)]
    pages = [page for page, _ in groupby(in_turn(long + other, "seed"), lambda one: one.page)]
    assert pages == [1, 2, 1]


def test_the_random_share_is_spread_evenly() -> None:
    """After any block, as much of it is asked as of all else, to one product."""
    chosen = [
        Candidate(page, number, "top", 1 / page) for page in range(1, 11) for number in range(12)
    ]
    drawn = [
        Candidate(page, 100 + number, "random", 0.0) for page in range(1, 11) for number in range(3)
    ]
    turns = in_turn(chosen + drawn, "seed")
    for place in range(15, len(turns) + 1, 15):
        assert sum(one.pool == "random" for one in turns[:place]) == 3 * place // 15
    assert len({one.page for one in turns if one.pool == "random"}) == 10


def test_another_seed_asks_the_random_share_in_another_order() -> None:
    drawn = [Candidate(page, page, "random", 0.0) for page in range(30)]
    assert in_turn(drawn, "one") != in_turn(drawn, "other")
