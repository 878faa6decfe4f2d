"""The demo's categories are Google's own, and their siblings are easily confused."""

from __future__ import annotations

from seestocks.demo.catalogue import FAMILIES, FAMILY_OF, FIRST_OWN_ID, KINDS, PATHS
from seestocks.demo.pictures import COLOURS, PATTERNS, SHAPES
from tests.commands import real

GOOGLES = "google-taxonomy/taxonomy-with-ids.en-US.2021-09-21.txt"


def test_ids_and_paths_are_googles() -> None:
    lines = real(GOOGLES).read_text(encoding="utf-8").splitlines()[1:]
    true = {int(number): path for number, _, path in (line.partition(" - ") for line in lines)}
    ours = {n: " > ".join(names) for n, names in PATHS.items() if n < FIRST_OWN_ID}
    assert ours == {number: true.get(number) for number in ours}


def test_at_least_150_categories_of_googles_sell_something() -> None:
    assert sum(number < FIRST_OWN_ID for number in KINDS) >= 150
    assert PATHS.keys() >= KINDS.keys()


def test_own_categories_hang_below_googles() -> None:
    google = {names for number, names in PATHS.items() if number < FIRST_OWN_ID}
    own = [names for number, names in PATHS.items() if number >= FIRST_OWN_ID]
    assert len(own) == 13
    assert {names[:-1] for names in own} <= google


def test_every_ancestor_of_a_category_is_there() -> None:
    assert {names[:-1] for names in PATHS.values() if len(names) > 1} <= set(PATHS.values())


def test_there_are_more_than_a_dozen_families_of_four_siblings_or_more() -> None:
    assert len(FAMILIES) > 12
    assert min(len(family.kinds) for family in FAMILIES) >= 4
    assert len(KINDS) == sum(len(family.kinds) for family in FAMILIES)


def test_twins_are_siblings() -> None:
    for family in FAMILIES:
        for pair in family.twins:
            assert len(pair) == 2
            assert {FAMILY_OF[number].name for number in pair} == {family.name}


def test_siblings_share_words_and_makers_and_each_has_words_of_its_own() -> None:
    for family in FAMILIES:
        assert len(family.words) >= 5
        assert len(family.brands) >= 4
        for kind in family.kinds:
            others = {tell for other in family.kinds if other is not kind for tell in other.tells}
            assert set(kind.tells) - others


def test_everything_that_is_sold_can_be_drawn() -> None:
    for family in FAMILIES:
        assert set(family.patterns) <= set(PATTERNS)
        for kind in family.kinds:
            assert kind.shape in SHAPES
            assert set(kind.colours or family.colours) <= set(COLOURS)


def test_prices_are_such_as_people_pay() -> None:
    for kind in KINDS.values():
        assert 1 <= kind.price <= 500
        assert 0.2 <= kind.spread <= 0.8
