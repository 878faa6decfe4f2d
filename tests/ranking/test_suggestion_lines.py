"""What is mined from words, details and the tree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.learning.suggestions import NOBODY, Child, Family, Line, Miner, Products
from ranking.learning.suggestions.log_odds import Said, log_odds

PEPPER, MIXES, SALT = 1, 2, 3
CHILDREN = (Child(PEPPER, "Pepper"), Child(MIXES, "Seasoning Mixes"), Child(SALT, "Salt"))
SHOPS = ("Corner House", "Spice Barn")


def make_family(titles: dict[int, list[str]], **fields: list[str]) -> Family:
    """Return a family of known products with these titles by category, sold in turn by SHOPS."""
    every = [title for its in titles.values() for title in its]
    places = [place for place, pk in enumerate(titles) for _ in titles[pk]]
    details = [[detail] if detail else [] for detail in fields.get("details", [""] * len(every))]
    products = Products(
        every,
        details,
        fields.get("brands", [""] * len(every)),
        fields.get("retailers", [SHOPS[number % 2] for number in range(len(every))]),
    )
    children = [child for child in CHILDREN if child.id in titles]
    none = np.zeros(len(every), bool)
    return Family(children, products, np.array(places), ~none, none)


def spices() -> dict[int, list[str]]:
    """Return titles in which only `whole`, `peppercorns`, `garlic` and `blend` tell apart."""
    return {
        PEPPER: [f"Jar of whole peppercorns, {n} g" for n in range(20)],
        MIXES: [f"Jar of garlic blend, {n} g" for n in range(20)],
        SALT: [f"Jar of sea crystals, {n} g" for n in range(20)],
    }


def words(lines: list[Line]) -> set[str]:
    """Return the terms of the lines' evidence."""
    return {term["term"] for line in lines for term in line.evidence.get("terms", ())}


COUNTS = st.lists(st.integers(0, 500), min_size=3, max_size=3)


def said(counts: list[int], products: int) -> Said:
    return Said(np.array(counts, float), products)


@given(COUNTS, COUNTS, COUNTS)
def test_swapping_the_sides_turns_the_sign_of_the_log_odds(
    first: list[int], second: list[int], others: list[int]
) -> None:
    one, two = said(first, 500), said(second, 700)
    everything = Said(one.counts + two.counts + np.array(others), 1_700)
    there, back = log_odds(one, two, everything), log_odds(two, one, everything)
    np.testing.assert_allclose(there.z, -back.z, atol=1e-9)
    assert np.isfinite(there.z).all()


def test_a_word_said_more_often_is_surer_and_one_said_alike_is_even() -> None:
    one, other = said([40, 4, 20], 40), said([0, 0, 20], 40)
    often, seldom, alike = log_odds(one, other, said([40, 4, 40], 120)).z.tolist()
    assert often > 2 > seldom > 0
    assert alike == pytest.approx(0)


def test_planted_words_are_found_and_common_ones_are_not() -> None:
    found = words(Miner(make_family(spices())).lines(PEPPER, MIXES))
    assert {"peppercorns", "whole peppercorns"} & found
    assert not {"jar", "garlic", "blend", "sea", "g"} & found


def test_lines_of_the_other_direction_are_about_the_other_category() -> None:
    lines = Miner(make_family(spices())).lines(MIXES, PEPPER)
    assert all(line.text.startswith("Seasoning Mixes: ") for line in lines)
    assert {"garlic", "garlic blend"} & words(lines)


def test_a_line_says_how_often_each_word_stands_on_both_sides() -> None:
    first, *_ = Miner(make_family(spices())).lines(PEPPER, MIXES)
    assert first.source == "titles"
    term = first.evidence["terms"][0]
    assert (term["here"], term["there"]) == (20, 0)
    assert term["z"] > 2
    assert (first.evidence["products"], first.evidence["of_sibling"]) == (20, 20)
    assert first.evidence["looks_like"] is False


def test_names_of_retailers_and_brands_are_never_suggested() -> None:
    titles = spices() | {PEPPER: [f"Corner House Acme whole corns {n}" for n in range(20)]}
    family = make_family(titles, brands=["Acme"] * 20 + ["Other"] * 40)
    found = words(Miner(family).lines(PEPPER, MIXES))
    assert found
    assert not {"corner", "house", "acme"} & {word for term in found for word in term.split()}


def test_a_word_that_is_only_sometimes_a_brand_may_be_suggested() -> None:
    titles = {PEPPER: [f"orange corns {n}" for n in range(20)], MIXES: spices()[MIXES]}
    family = make_family(titles, brands=["Orange"] * 4 + [""] * 36)
    assert "orange" in " ".join(words(Miner(family).lines(PEPPER, MIXES)))


def test_a_word_of_one_seller_alone_is_not_suggested() -> None:
    titles = spices()
    titles[PEPPER] = [t + (" superdeal" if n % 2 else "") for n, t in enumerate(titles[PEPPER])]
    family = make_family(titles)
    assert "superdeal" not in " ".join(words(Miner(family).lines(PEPPER, MIXES)))
    alone = replace(family.products, retailers=["Spice Barn"] * 60)
    found = words(Miner(replace(family, products=alone)).lines(PEPPER, MIXES))
    assert "superdeal" in " ".join(found)


def test_sizes_and_their_units_are_not_suggested() -> None:
    titles = {
        PEPPER: [f"corns 500 ml 40mm {n} x" for n in range(20)],
        MIXES: [f"blend {n}" for n in range(20)],
    }
    assert words(Miner(make_family(titles)).lines(PEPPER, MIXES)) == {"corns"}


def test_what_model_numbers_begin_with_stands_for_them_all() -> None:
    titles = {
        PEPPER: [f"Grinder PG{n}00" for n in range(20)],
        MIXES: [f"Grinder MX{n}00" for n in range(20)],
    }
    (line,) = Miner(make_family(titles)).lines(PEPPER, MIXES)
    assert line.text == "Pepper: PG…"


def test_details_name_what_they_say_yes_to_and_their_values() -> None:
    details = ["grinder: true"] * 10 + ["origin: Kerala coast"] * 10
    details += ["grinder: false"] * 10 + ["weight: 20 g"] * 10
    titles = {pk: its for pk, its in spices().items() if pk != SALT}
    lines = Miner(make_family(titles, details=details)).lines(PEPPER, MIXES)
    said = [line for line in lines if line.source == "attributes"]
    assert words(said) == {"grinder", "kerala coast"}


def test_what_lies_below_in_the_tree_is_a_line_of_its_own() -> None:
    family = make_family(spices())
    below = Child(PEPPER, "Pepper", below=("Black Pepper", "White Pepper"))
    lines = Miner(replace(family, children=[below, *family.children[1:]])).lines(PEPPER, MIXES)
    assert [line.text for line in lines if line.source == "tree"] == [
        "Pepper: Black Pepper, White Pepper"
    ]


def test_terms_that_are_known_already_make_room_for_others() -> None:
    miner = Miner(make_family(spices()))
    found = words(miner.lines(PEPPER, MIXES))
    assert not words(miner.lines(PEPPER, MIXES, found)) & found


def test_words_that_products_on_the_fence_say_come_first() -> None:
    titles = {
        PEPPER: [f"{'kampot' if n % 2 else 'tellicherry'} corns {n}" for n in range(20)],
        MIXES: [f"rub {n}" for n in range(20)],
    }
    family = make_family(
        {**titles, SALT: ["tellicherry"] * 3}, retailers=[SHOPS[n // 2 % 2] for n in range(43)]
    )
    standing = np.zeros(43, bool)
    standing[40:] = True
    fence = replace(family, belongs=np.where(standing, NOBODY, family.belongs), fence=standing)
    first, *_ = Miner(fence).lines(PEPPER, MIXES)
    assert first.evidence["terms"][0]["term"] == "tellicherry"


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_is_said_of_too_few_products(count: int) -> None:
    titles = {PEPPER: ["whole corns"] * count, MIXES: ["garlic blend"] * 20}
    assert Miner(make_family(titles)).lines(PEPPER, MIXES) == []


def test_a_line_fits_a_text_however_long_the_name_is() -> None:
    family = make_family(spices())
    long = Child(PEPPER, "Pepper " * 36, below=("Black Pepper",) * 8)
    lines = Miner(replace(family, children=[long, *family.children[1:]])).lines(PEPPER, MIXES)
    assert lines
    assert max(len(line.text) for line in lines) <= 300
