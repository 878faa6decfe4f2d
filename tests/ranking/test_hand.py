"""Rules by hand, laid over the machine's order: what people see then, and are told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.hand import Candidate, Placed, Word, lay_over

GAP = 0.6  # between two places: a boost by a little (log 1.5) passes none, clearly (log 3) one


def page(*more: Candidate) -> list[Candidate]:
    """Return products 1 to 6 in that order, and what else there is."""
    return [Candidate(place, place, -GAP * place) for place in range(1, 7)] + list(more)


def order(placed: list[Placed]) -> list[int]:
    return [one.product for one in placed if one.place is not None]


def said(placed: list[Placed], product: int) -> str:
    return next(one.said for one in placed if one.product == product)


def pin(product: int, place: int, number: int = 1) -> Word:
    return Word(product, "pin", number, place=place)


def test_a_pin_takes_its_place_and_the_others_close_up() -> None:
    placed = lay_over(page(), [pin(5, 2)])
    assert order(placed) == [1, 5, 2, 3, 4, 6]
    assert said(placed, 5) == "Pinned to 2."


def test_of_two_pins_to_one_place_the_older_has_it_and_the_other_is_told() -> None:
    placed = lay_over(page(), [pin(5, 1, number=7), pin(6, 1, number=3)])
    assert order(placed) == [6, 5, 1, 2, 3, 4]
    assert said(placed, 6) == "Pinned to 1."
    assert said(placed, 5) == "Pinned to 1, but an older pin stands there: shown at 2."


def test_the_oldest_pin_keeps_its_place_against_one_that_was_displaced() -> None:
    placed = lay_over(page(), [pin(4, 2, number=1), pin(5, 1, number=2), pin(6, 1, number=3)])
    assert order(placed)[:3] == [5, 4, 6]
    assert said(placed, 6) == "Pinned to 1, but an older pin stands there: shown at 3."


def test_a_pin_beyond_the_end_stands_at_the_end() -> None:
    placed = lay_over(page(), [pin(2, 60)])
    assert order(placed) == [1, 3, 4, 5, 6, 2]
    assert said(placed, 2) == "Pinned to 60, but the page ends at 6: shown at 6."


def test_a_pin_brings_back_what_a_rule_removed_and_says_so() -> None:
    outlier = Candidate(9, None, -5.0, removed_by="does not belong")
    placed = lay_over(page(outlier), [pin(9, 1)])
    assert order(placed) == [9, 1, 2, 3, 4, 5, 6]
    assert said(placed, 9) == "Pinned to 1. It was removed (does not belong); pinned all the same."


def test_a_pinned_offer_takes_the_place_before_the_offers_of_its_product() -> None:
    dearer, dearest = (
        Candidate(number, None, -1.0, removed_by="same product", behind=2) for number in (8, 9)
    )
    placed = lay_over(page(dearer, dearest), [pin(9, 1)])
    assert order(placed) == [9, 1, 3, 4, 5, 6]
    assert {one.product: one.behind for one in placed if one.behind} == {2: 9, 8: 9}
    assert "The offer that was shown in its place stands behind it now." in said(placed, 9)


def test_two_pinned_offers_of_one_product_both_stand() -> None:
    offer = Candidate(9, None, -1.0, removed_by="same product", behind=2)
    placed = lay_over(page(offer), [pin(9, 1, number=1), pin(2, 3, number=2)])
    assert order(placed) == [9, 1, 2, 3, 4, 5, 6]
    assert "Another offer of the same product is pinned too." in said(placed, 9)


def test_a_pinned_offer_says_that_the_one_shown_before_it_is_hidden() -> None:
    offer = Candidate(9, None, -1.0, removed_by="same product", behind=2)
    placed = lay_over(page(offer), [pin(9, 1, number=1), Word(2, "hide", 2)])
    assert order(placed) == [9, 1, 3, 4, 5, 6]
    assert "The offer that was shown in its place is hidden." in said(placed, 9)


def test_a_pin_shows_even_what_is_no_candidate_and_says_so() -> None:
    placed = lay_over(page(), [pin(99, 3)])
    assert order(placed) == [1, 2, 99, 3, 4, 5, 6]
    assert said(placed, 99).endswith("It is no candidate of this page: shown without a score.")


def test_a_pinned_product_that_left_the_shop_is_shown_and_said_to_be_gone() -> None:
    gone = Candidate(9, 7, -9.0, is_gone=True)
    assert "feed does not have it any more" in said(lay_over(page(gone), [pin(9, 1)]), 9)


def test_a_hide_takes_the_product_and_its_other_offers_away() -> None:
    offer = Candidate(9, None, -1.0, removed_by="same product", behind=2)
    placed = lay_over(page(offer), [Word(2, "hide", 1)])
    assert order(placed) == [1, 3, 4, 5, 6]
    assert said(placed, 2) == "Hidden, with 1 other offer of the same product."


def test_a_hidden_offer_stands_behind_the_shown_one_no_more() -> None:
    offer = Candidate(9, None, -1.0, removed_by="same product", behind=2)
    placed = lay_over(page(offer), [Word(9, "hide", 1)])
    assert order(placed) == [1, 2, 3, 4, 5, 6]
    assert not [one for one in placed if one.behind]


@pytest.mark.parametrize(
    ("strength", "expected", "words"),
    [
        ("weak", [1, 2, 3, 4, 5, 6], "Boosted a little, but what stands above it is too far ahead"),
        ("medium", [1, 2, 4, 3, 5, 6], "Boosted clearly: past 1 product, from 4 to 3."),
        ("strong", [4, 1, 2, 3, 5, 6], "Boosted strongly: past 3 products, from 4 to 1."),
    ],
)
def test_a_boost_passes_what_its_step_in_odds_is_worth(
    strength: str, expected: list[int], words: str
) -> None:
    placed = lay_over(page(), [Word(4, "boost", 1, strength=strength)])
    assert order(placed) == expected
    assert said(placed, 4).startswith(words)


def test_a_bury_is_a_boost_downwards() -> None:
    placed = lay_over(page(), [Word(3, "bury", 1, strength="strong")])
    assert order(placed) == [1, 2, 4, 5, 6, 3]
    assert said(placed, 3) == "Buried strongly: past 3 products, from 3 to 6."


def test_a_boost_starts_from_where_another_rule_has_put_the_product() -> None:
    """Product 3 scores best and was moved to the end for its age: a little does not undo that."""
    candidates = [Candidate(1, 1, 3.0), Candidate(2, 2, 1.0), Candidate(3, 3, 4.0)]
    assert order(lay_over(candidates, [])) == [1, 2, 3]
    placed = lay_over(candidates, [Word(3, "boost", 1, strength="weak")])
    assert order(placed) == [1, 3, 2]


@pytest.mark.parametrize("kind", ["boost", "bury"])
def test_only_a_pin_brings_back_what_is_not_shown(kind: str) -> None:
    unsure = Candidate(8, None, -5.0, removed_by="too unsure")
    offer = Candidate(9, None, -1.0, removed_by="same product", behind=2)
    words = [Word(product, kind, product, strength="strong") for product in (8, 9, 99)]
    placed = lay_over(page(unsure, offer), words)
    assert order(placed) == [1, 2, 3, 4, 5, 6]
    assert "it was removed (too unsure): only a pin" in said(placed, 8)
    assert "stands behind another offer" in said(placed, 9)
    assert "no candidate of this page: only a pin" in said(placed, 99)


def test_an_empty_page_stays_empty_unless_something_is_pinned() -> None:
    assert lay_over([], []) == []
    assert order(lay_over([], [pin(3, 5)])) == [3]


# Any page: some shown, some removed, some behind those shown; and any words on some of them.


@st.composite
def pages(draw: st.DrawFn) -> list[Candidate]:
    shown = draw(st.integers(0, 12))
    scores = st.floats(-20, 20, allow_nan=False)
    line = [Candidate(number, number, draw(scores)) for number in range(1, shown + 1)]
    for number in range(shown + 1, shown + 1 + draw(st.integers(0, 6))):
        front = draw(st.none() | st.sampled_from(range(1, shown + 1))) if shown else None
        line.append(Candidate(number, None, draw(scores), removed_by="a rule", behind=front))
    return line


@st.composite
def words(draw: st.DrawFn) -> list[Word]:
    products = draw(st.lists(st.integers(1, 20), unique=True, max_size=10))
    numbers = draw(st.permutations(range(len(products))))
    return [draw(word(product, number)) for product, number in zip(products, numbers, strict=True)]


def word(product: int, number: int) -> st.SearchStrategy[Word]:
    strengths = st.sampled_from(("weak", "medium", "strong"))
    return st.one_of(
        st.integers(1, 30).map(lambda place: Word(product, "pin", number, place=place)),
        st.builds(
            Word,
            st.just(product),
            st.sampled_from(("boost", "bury")),
            st.just(number),
            st.none(),
            strengths,
        ),
        st.just(Word(product, "hide", number)),
    )


@given(pages())
def test_without_words_the_machine_is_left_alone(candidates: list[Candidate]) -> None:
    placed = lay_over(candidates, [])
    assert [(one.product, one.place) for one in placed if one.place] == [
        (one.product, one.position) for one in candidates if one.position
    ]


@given(pages(), words(), st.randoms())
def test_the_order_of_what_is_given_does_not_matter(
    candidates: list[Candidate], said: list[Word], random: object
) -> None:
    placed = lay_over(candidates, said)
    random.shuffle(candidates)  # type: ignore[attr-defined]
    random.shuffle(said)  # type: ignore[attr-defined]
    assert lay_over(candidates, said) == placed


@given(pages(), words())
def test_places_have_no_gaps_and_nothing_is_lost(
    candidates: list[Candidate], said: list[Word]
) -> None:
    placed = lay_over(candidates, said)
    shown = [one.place for one in placed if one.place is not None]
    assert shown == list(range(1, len(shown) + 1))
    assert {one.product for one in placed} == {one.product for one in candidates} | {
        one.product for one in said
    }
    assert len({one.product for one in placed}) == len(placed)


@given(pages(), words())
def test_pins_are_shown_hides_are_not_and_each_word_is_answered(
    candidates: list[Candidate], said: list[Word]
) -> None:
    by_product = {one.product: one for one in lay_over(candidates, said)}
    for one in said:
        placed = by_product[one.product]
        assert placed.said.endswith(".")
        if one.kind == "pin":
            assert placed.place is not None
        if one.kind == "hide":
            assert placed.place is None
    assert all(one.said == "" for one in by_product.values() if one.word is None)


@given(pages(), words())
def test_an_offer_behind_another_is_not_shown_itself_and_that_one_stands_in_nobodys_shadow(
    candidates: list[Candidate], said: list[Word]
) -> None:
    by_product = {one.product: one for one in lay_over(candidates, said)}
    for one in by_product.values():
        if one.behind is not None:
            assert one.place is None
            assert by_product[one.behind].behind is None


@given(pages(), words(), st.sampled_from(("weak", "medium", "strong")))
def test_a_boost_never_lowers_and_a_bury_never_raises(
    candidates: list[Candidate], said: list[Word], strength: str
) -> None:
    shown = [one.product for one in lay_over(candidates, said) if one.place]
    spoken = {one.product for one in said}
    for product in [one for one in shown if one not in spoken][:1]:
        before = shown.index(product)
        boost = Word(product, "boost", 99, strength=strength)
        up = lay_over(candidates, [*said, boost])
        down = lay_over(candidates, [*said, replace(boost, kind="bury")])
        assert order(up).index(product) <= before <= order(down).index(product)
