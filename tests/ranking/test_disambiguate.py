"""What texts do to products that stand between siblings: arrays only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ranking.pipeline.data import Doubles, Floats
from ranking.pipeline.disambiguate import (
    CHANNELS,
    NO_TEXTS,
    UNTRAINED,
    Fence,
    Guide,
    Head,
    Lines,
    Siblings,
    Texts,
    disambiguate,
)
from ranking.pipeline.disambiguate.coupling import coupled
from ranking.pipeline.shelf import Shelf
from tests.ranking.shelves import (
    BAGS,
    CANDLES,
    DESK_LAMPS,
    DUFFEL_BAGS,
    LAMPS,
    NOTHING,
    WIDTH,
    judge,
    make_shelf,
    unit,
)

NOBODY = np.empty(0, np.int64)


def say(*lines: str, towards: int = 15) -> Lines:
    """Return lines whose vectors all point in one direction of the space."""
    return Lines(lines, np.tile(np.eye(WIDTH, dtype=np.float32)[towards], (len(lines), 1)))


def texts(**said: Lines) -> Texts:
    """Return texts for table lamps rather than desk lamps, and the other way round."""
    pairs = {"lamps": (LAMPS, DESK_LAMPS), "desk": (DESK_LAMPS, LAMPS)}
    names = {LAMPS: say("Table lamps"), DESK_LAMPS: say("Desk lamps"), CANDLES: say("Candles")}
    return Texts({pairs[side]: lines for side, lines in said.items()}, {}, names)


def between(*titles: str) -> Shelf:
    """Return a shelf of products whose texts lie exactly between table and desk lamps."""
    middle = np.zeros((len(titles), WIDTH), np.float32)
    middle[:, [2, 3]] = 1
    shelf = make_shelf([LAMPS] * len(titles), titles=list(titles), text=unit(middle))
    return Shelf(shelf.catalogue, replace(shelf.tree, pages=frozenset({LAMPS, DESK_LAMPS})))


def place(shelf: Shelf, said: Texts, head: Head = UNTRAINED) -> tuple[Doubles, Doubles]:
    """Return the log-odds for table rather than desk lamps, before the texts and after."""
    siblings = Siblings.of(2, shelf, NOTHING)
    placed = disambiguate(siblings, np.arange(len(shelf.catalogue)), said, head)
    assert placed.siblings.tolist() == [LAMPS, DESK_LAMPS]
    return placed.before @ np.array([1, -1]), placed.after @ np.array([1, -1])


def test_a_word_of_a_text_moves_the_product_whose_title_says_it() -> None:
    shelf = between("Glass shade", "Swivel arm", "Item 3")
    before, after = place(shelf, texts(lamps=say("with a shade"), desk=say("with a swivel arm")))
    assert before == pytest.approx([0, 0, 0], abs=1e-5)
    assert after[0] > 1
    assert after[1] < -1
    assert after[2] == pytest.approx(0, abs=1e-5)


def test_words_that_both_sides_say_move_nothing() -> None:
    shelf = between("Lamp with shade")
    _, after = place(shelf, texts(lamps=say("shade, round"), desk=say("shade, flexible")))
    assert after == pytest.approx([0], abs=1e-5)


def test_a_beginning_stands_for_all_model_numbers_that_have_it() -> None:
    shelf = between("Samsung WW80J5555 white", "Samsung DW60 white")
    _, after = place(shelf, texts(lamps=say("model numbers WW…"), desk=say("DW*")))
    assert after[0] > 1
    assert after[1] < -1


def test_lines_near_to_a_text_or_picture_move_it() -> None:
    shelf = between("Item 1", "Item 2")
    pictures = np.full((2, WIDTH), np.nan, np.float32)
    pictures[1] = np.eye(WIDTH)[9]
    shelf = Shelf(replace(shelf.catalogue, picture=pictures), shelf.tree)
    said = texts(lamps=say("bright", towards=9), desk=say("clamped", towards=10))
    _, after = place(shelf, said)
    assert after[0] == pytest.approx(0, abs=1e-5)
    assert after[1] > 1


def test_without_texts_nothing_moves() -> None:
    before, after = place(between("Item 1"), NO_TEXTS)
    assert after.tolist() == before.tolist()


def test_a_product_that_is_clear_is_not_read_again() -> None:
    shelf = between("Shade")
    clear = replace(shelf.catalogue, text=unit(np.eye(WIDTH)[[3]] + np.eye(WIDTH)[[2]] / 2))
    shelf = Shelf(clear, shelf.tree)
    before, after = place(shelf, texts(lamps=say("shade, shade, table")))
    assert before[0] < -UNTRAINED.gate
    assert after.tolist() == before.tolist()


def test_a_side_without_a_text_falls_back_to_the_lone_one_and_then_to_the_name() -> None:
    lone, name, own = say("lone"), say("name"), say("own")
    said = Texts({(1, 2): own}, {1: lone}, {1: name, 2: name})
    assert said.side(1, 2).texts == own.texts
    assert said.side(1, 3).texts == lone.texts
    assert said.side(2, 1).texts == name.texts
    assert said.tell_apart(2, 1)
    assert not said.tell_apart(2, 3)


def test_the_words_of_a_name_do_not_count_twice() -> None:
    one, other = say("Ankle Boots: zipped"), say("Hiking Boots: ankle support")
    said = Texts(
        {(1, 2): one, (2, 1): other}, names={1: say("Ankle Boots"), 2: say("Hiking Boots")}
    )
    unknown = np.full((3, WIDTH), np.nan, np.float32)
    fence = Fence(["Ankle boot", "Hiking boot", "Boot with ankle support"], unknown, unknown)
    words = fence.differences(said.side(1, 2), said.side(2, 1))[:, CHANNELS.index("words")]
    # "ankle" is the one's name; the other's text may still claim it.
    np.testing.assert_allclose(words, [-np.log(2), 0, -np.log(3)])


def test_mass_moves_only_among_the_siblings() -> None:
    shelf = make_shelf()
    shelf = Shelf(shelf.catalogue, replace(shelf.tree, pages=frozenset({3, 4, 5})))
    siblings = Siblings.of(2, shelf, NOTHING)
    said = texts(lamps=say("table"), desk=say("desk"))
    placed = disambiguate(
        siblings, np.arange(len(shelf.catalogue)), said, replace(UNTRAINED, gate=30.0)
    )
    assert placed.uncertain.all()
    assert (placed.after != placed.before).any()
    assert np.exp(placed.after).sum(axis=1) == pytest.approx(np.ones(48))


def test_an_only_child_is_certain_and_an_empty_shelf_is_none() -> None:
    shelf = make_shelf()
    shelf = Shelf(shelf.catalogue, replace(shelf.tree, pages=frozenset({DUFFEL_BAGS})))
    alone = disambiguate(Siblings.of(BAGS, shelf, NOTHING), np.arange(3), NO_TEXTS, UNTRAINED)
    assert alone.before.tolist() == [[0.0]] * 3
    assert not alone.uncertain.any()
    nobody = disambiguate(Siblings.of(99, shelf, NOTHING), np.arange(3), NO_TEXTS, UNTRAINED)
    assert nobody.before.shape == (3, 0)
    nothing = disambiguate(Siblings.of(2, shelf, NOTHING), NOBODY, texts(lamps=say("x")), UNTRAINED)
    assert len(nothing.after) == 0


def test_children_are_in_use_when_pages_or_with_known_products() -> None:
    shelf = make_shelf()
    assert len(Siblings.of(2, shelf, NOTHING)) == 0
    assert Siblings.of(2, shelf, judge(CANDLES, {100: 3})).ids.tolist() == [CANDLES]
    assert Siblings.of(2, shelf, NOTHING, also=[LAMPS, DUFFEL_BAGS]).ids.tolist() == [LAMPS]


def test_a_known_product_is_not_compared_with_itself() -> None:
    """A lone product filed under a sibling of its kind must not vote for its own filing."""
    filed = np.full(48, -1)
    filed[0] = DESK_LAMPS  # a table lamp by its text
    shelf = make_shelf(filed_under=filed, filing_confidence=np.ones(48, np.float32))
    siblings = Siblings.of(2, shelf, NOTHING, also=[LAMPS, DESK_LAMPS])
    with_others = siblings.likeness(np.arange(2))[:, 1, 0]
    plain = Siblings.of(2, make_shelf(), NOTHING, also=[LAMPS, DESK_LAMPS]).likeness(np.arange(2))
    assert with_others[0] == pytest.approx(plain[0, 1, 0], abs=1e-5)
    assert with_others[1] != pytest.approx(plain[1, 1, 0], abs=1e-3)


def test_unknown_vectors_speak_for_no_child() -> None:
    unknown = np.full((1, WIDTH), np.nan, np.float32)
    shelf = make_shelf([LAMPS], titles=["Thing"], text=unknown)
    siblings = Siblings.of(2, shelf, NOTHING, also=[LAMPS, DESK_LAMPS])
    placed = disambiguate(siblings, np.array([0]), NO_TEXTS, UNTRAINED)
    assert np.exp(placed.before[0]) == pytest.approx([0.5, 0.5])


def test_words_of_a_name_speak_for_it_and_common_ones_for_none() -> None:
    shelf = make_shelf([LAMPS, LAMPS], titles=["Desk thing", "Lamps"])
    siblings = Siblings.of(2, shelf, NOTHING, also=[LAMPS, DESK_LAMPS])
    (table, desk), (common, same) = siblings.likeness(np.arange(2))[:, :, 2]
    assert desk > 0.5 > table == 0
    assert common == same


def vectors(rows: int) -> st.SearchStrategy[Floats]:
    numbers = st.floats(-1, 1, width=32) | st.just(float("nan"))
    return arrays(np.float32, (rows, 4), elements=numbers)


WORDS = st.lists(
    st.sampled_from(["round", "shade", "arm", "clamp", "desk", "WW…", "WW80", "the", "of"]),
    max_size=4,
)


@given(
    st.lists(WORDS.map(" ".join), min_size=3, max_size=3),
    vectors(3),
    vectors(3),
    arrays(np.float64, 3, elements=st.floats(-3, 3)),
    vectors(2),
    vectors(1),
    st.tuples(WORDS, WORDS, WORDS),
)
def test_swapping_the_siblings_turns_every_sign_exactly(
    titles: list[str],
    text: Floats,
    picture: Floats,
    before: Doubles,
    one: Floats,
    other: Floats,
    said: tuple[list[str], list[str], list[str]],
) -> None:
    fence = Fence(titles, text, picture)
    first = Lines((" ".join(said[0]), " ".join(said[1])), one)
    second = Lines((" ".join(said[2]),), other)
    forth = fence.margins(before, first, second, UNTRAINED)
    back = fence.margins(-before, second, first, UNTRAINED)
    assert (forth == -back).all()
    assert np.isfinite(forth).all()


@given(
    st.permutations(range(3)),
    arrays(np.float64, 3, elements=st.floats(-2, 2)),
)
def test_a_margin_does_not_depend_on_the_company(order: list[int], before: Doubles) -> None:
    fence = Fence(["Shade", "Arm and shade", "Thing"], *(unit(np.eye(3, 4) + 1) for _ in range(2)))
    turned = Fence([fence.titles[n] for n in order], fence.text[order], fence.picture[order])
    first = Lines(("round shade",), np.eye(1, 4, dtype=np.float32))
    second = Lines(("arm",), np.eye(1, 4, 1, dtype=np.float32))
    margins = fence.margins(before, first, second, UNTRAINED)
    again = turned.margins(before[order], first, second, UNTRAINED)
    assert again == pytest.approx(margins[order], abs=1e-12)


@given(arrays(np.float64, (2, 4), elements=st.floats(-8, 8)))
def test_coupling_keeps_pairs_that_agree(logits: Doubles) -> None:
    chance = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert coupled(logits[:, :, None] - logits[:, None, :]) == pytest.approx(chance, abs=1e-6)


@given(arrays(np.float64, (1, 3, 3), elements=st.floats(-8, 8)))
def test_coupling_answers_even_where_pairs_contradict_each_other(margins: Doubles) -> None:
    chance = coupled(margins - np.swapaxes(margins, 1, 2))
    assert (chance > 0).all()
    assert chance.sum() == pytest.approx(1)


def test_a_guide_tells_how_far_texts_moved_each_product() -> None:
    shelf = between("Shade", "Swivel arm")
    said = texts(lamps=say("shade"), desk=say("swivel arm"))
    guide = Guide(shelf, NOTHING, said)
    here, beside = (
        guide.sibling_fit(LAMPS, np.arange(2)),
        guide.sibling_fit(DESK_LAMPS, np.arange(2)),
    )
    assert here[0] > 1 > -1 > here[1]
    assert beside == pytest.approx(-here)
    assert np.isnan(guide.sibling_fit(DUFFEL_BAGS, np.arange(2))).all()
    assert np.isnan(Guide(shelf, NOTHING).sibling_fit(LAMPS, np.arange(2))).all()


def test_a_head_comes_back_from_its_file(tmp_path: Path) -> None:
    head = Head(text=17.5, weights=(1.0, 2.0, 3.0), about={"kind": "learned"})
    head.save(tmp_path / "head.json")
    read = Head.load(tmp_path / "head.json")
    assert read == head
    assert read.about == head.about
    assert read.digest == head.digest != UNTRAINED.digest


def test_ten_thousand_products_are_read_within_a_tenth_of_a_second() -> None:
    """Of this process's own time, the second time: the first counts the words of the titles."""
    random = np.random.default_rng(0)
    rows = unit(random.normal(size=(10_000, 384)))
    fence = Fence([f"Lamp {n % 97} shade{n % 7} arm" for n in range(10_000)], rows, rows)
    first = Lines(("shade3, shade4 and 12", "round"), rows[:2])
    second = Lines(("shade5, clamp",), rows[2:3])
    fence.margins(np.zeros(10_000), first, second, UNTRAINED)
    begin = process_time()
    fence.margins(np.zeros(10_000), first, second, UNTRAINED)
    assert process_time() - begin < 0.1
