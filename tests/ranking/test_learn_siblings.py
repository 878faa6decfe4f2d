"""What known products teach about telling siblings apart, and what is measured of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ranking.learning.controls import Said, random_words, shuffled, templates
from ranking.learning.sibling_errors import Outcome, Truth, outcome, unlearned
from ranking.learning.siblings import learn_head
from ranking.pipeline.data import UNFILED, Judged
from ranking.pipeline.disambiguate import NO_TEXTS, UNTRAINED, Lines, Texts
from ranking.pipeline.shelf import Shelf
from tests.ranking.shelves import (
    CANDLES,
    DESK_LAMPS,
    LAMPS,
    NOTHING,
    WIDTH,
    judge,
    make_shelf,
    unit,
)

LINES = np.eye(1, WIDTH, 15, dtype=np.float32)
SAID = Texts(
    {(LAMPS, DESK_LAMPS): Lines(("shade",), LINES), (DESK_LAMPS, LAMPS): Lines(("arm",), LINES)},
    {},
    {LAMPS: Lines(("Table lamps",), LINES), DESK_LAMPS: Lines(("Desk lamps",), LINES)},
)


def blurred(told: float) -> Shelf:
    """Return 80 table and 80 desk lamps that only their titles' words tell apart, all filed.

    Of each kind, the share `told` says its own side's word, the rest the other side's.
    """
    random = np.random.default_rng(3)
    vectors = 0.3 * random.normal(size=(160, WIDTH))
    vectors[:, [2, 3]] += 1
    own = np.arange(160) % 80 < 80 * told
    is_lamp = np.arange(160) < 80
    shelf = make_shelf(
        [LAMPS] * 80 + [DESK_LAMPS] * 80,
        titles=["with shade" if says else "with arm" for says in own == is_lamp],
        text=unit(vectors),
        filed_under=np.where(is_lamp, LAMPS, DESK_LAMPS),
        filing_confidence=np.ones(160, np.float32),
    )
    return Shelf(shelf.catalogue, replace(shelf.tree, pages=frozenset({LAMPS, DESK_LAMPS})))


def both_judged() -> Judged:
    """Return a person's word on each of the 160 that it is where it is filed."""
    pages, products = np.repeat([LAMPS, DESK_LAMPS], 80), np.arange(100, 260)
    ones = np.ones(160)
    return Judged(pages, products, 3 * ones, ones.astype(np.int64), ones, 0 * ones)


def test_without_anything_known_the_head_is_the_plain_average() -> None:
    head = learn_head(make_shelf(), NOTHING, SAID)
    assert head == UNTRAINED
    assert head.about["kind"] == "default"


def test_words_that_tell_products_apart_gain_weight_and_those_that_mislead_lose_it() -> None:
    judged = both_judged()
    words = [learn_head(blurred(told), judged, SAID).weights[2] for told in (0.95, 0.5, 0.1)]
    assert words[0] > UNTRAINED.weights[2] > words[1] > words[2]
    assert words[2] >= 0


def test_no_weight_turns_negative() -> None:
    head = learn_head(blurred(0.0), both_judged(), SAID)
    assert all(weight >= 0 for weight in (*head.likeness, head.before, *head.weights))


def test_equal_knowledge_gives_an_equal_head() -> None:
    assert learn_head(blurred(0.9), NOTHING, SAID) == learn_head(blurred(0.9), NOTHING, SAID)


def test_how_much_texts_count_is_taught_by_people_alone() -> None:
    """Texts mined from what is filed would seem better there than they are."""
    shelf = blurred(0.95)
    filed = learn_head(shelf, NOTHING, SAID)
    assert (filed.before, filed.weights) == (UNTRAINED.before, UNTRAINED.weights)
    assert filed.text != UNTRAINED.text  # likeness is taught by filings too


def test_some_misfiled_products_change_little() -> None:
    """Likeness is worth as much with 5 % of the filings wrong as with none, give or take."""
    shelf = make_shelf([LAMPS] * 60 + [CANDLES] * 60)
    right = np.repeat([LAMPS, CANDLES], 60)
    wrong = np.where(np.isin(np.arange(120), [0, 1, 2, 60, 61, 62]), LAMPS + CANDLES - right, right)
    heads = [
        learn_head(
            Shelf(
                replace(
                    shelf.catalogue, filed_under=filed, filing_confidence=np.ones(120, np.float32)
                ),
                shelf.tree,
            ),
            NOTHING,
            NO_TEXTS,
        )
        for filed in (right, wrong)
    ]
    assert heads[1].text > 0.75 * heads[0].text


def test_nothing_is_learned_from_the_truths_products() -> None:
    shelf = blurred(0.9)
    truth = Truth(np.arange(40, dtype=np.int64), np.full(40, LAMPS))
    judged = judge(LAMPS, {100: 3.0, 150: 3.0})
    plain, left = unlearned(shelf, judged, truth)
    assert (plain.catalogue.filed_under[:40] == UNFILED).all()
    assert (plain.catalogue.filed_under[40:] == shelf.catalogue.filed_under[40:]).all()
    assert left.products.tolist() == [150]
    assert shelf.catalogue.filed_under[0] == LAMPS  # the shelf itself stays


def test_texts_cut_the_errors_and_controls_do_not() -> None:
    half = np.concatenate([np.arange(0, 160, 2), np.arange(1, 160, 2)])[:80]
    shelf = blurred(0.95)
    truth = Truth(half, shelf.catalogue.filed_under[half])
    plain, judged = unlearned(shelf, NOTHING, truth)
    found = outcome(plain, judged, SAID, truth)
    assert found.uncertain.sum() > 20
    assert found.error_after() < 0.3 * found.error_before()
    assert found.helped > found.harmed
    assert found.mcnemar() < 0.01
    crossed = Texts({pair: SAID.of_pairs[pair[::-1]] for pair in SAID.of_pairs}, {}, SAID.names)
    assert outcome(plain, judged, crossed, truth).error_after() > found.error_before() - 0.1


def test_without_texts_nothing_changes() -> None:
    shelf = blurred(0.9)
    truth = Truth(np.arange(40, dtype=np.int64), np.full(40, LAMPS))
    found = outcome(*unlearned(shelf, NOTHING, truth), NO_TEXTS, truth)
    assert (found.helped, found.harmed, found.mcnemar()) == (0, 0, 1.0)


def test_mcnemar_is_the_exact_test() -> None:
    """Ten helped and one harmed: 2 * (1 + 11) / 2^11."""
    before = np.array([True] * 10 + [False])
    found = Outcome(np.ones(11, bool), before, ~before)
    assert (found.helped, found.harmed) == (10, 1)
    assert found.mcnemar() == pytest.approx(24 / 2048)
    assert found.error_before() == pytest.approx(10 / 11)


def test_random_words_stand_in_for_as_many_words() -> None:
    said = {(3, 4): ("Lamps with shade", "round")}
    babble = random_words(said, {3: "Lamps"}, ["oak desk", "red vase"], seed=1)
    assert [line.split(": ")[0] for line in babble[3, 4]] == ["Lamps", "Lamps"]
    assert [len(line.split(": ")[1].split()) for line in babble[3, 4]] == [2, 1]
    assert set(" ".join(babble[3, 4]).split()) <= {"Lamps:", "oak", "desk", "red", "vase"}
    assert babble == random_words(said, {3: "Lamps"}, ["oak desk", "red vase"], seed=1)


def test_shuffled_texts_stay_in_their_family() -> None:
    said: Said = {(n, n + 1): (f"text {n}",) for n in (2, 3, 4, 20, 21)}
    parents = {n: 1 if n < 10 else 10 for n in range(30)}
    dealt = shuffled(said, parents, seed=2)
    assert dealt.keys() == said.keys()
    assert {dealt[2, 3], dealt[3, 4], dealt[4, 5]} == {("text 2",), ("text 3",), ("text 4",)}
    assert dealt != said


def test_templates_say_the_name_and_nothing_else() -> None:
    (lines,) = templates({(3, 4): ("with shade",)}, {3: "Lamps"}).values()
    assert len(lines) > 5
    assert all("Lamps" in line and "shade" not in line for line in lines)
