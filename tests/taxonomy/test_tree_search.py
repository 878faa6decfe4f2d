"""Searching the tree: what comes first, and words that are misspelt."""

from __future__ import annotations

import pytest

from taxonomy.models import Category, CategoryName
from taxonomy.queries import alike, meant, search
from tests.factories import make_category

pytestmark = pytest.mark.django_db


def found(text: str, **options: object) -> list[str]:
    return [one.category.name for one in search(text, **options)]  # type: ignore[arg-type]  # of each test


@pytest.fixture(autouse=True)
def tree() -> None:
    """Some of Google's names, two of them near each other."""
    food = make_category("Food", id=1)
    for pk, name in enumerate(
        ("Pepper", "Paper Towels", "Washing Machines", "Washing Machine Cleaners", "Shampoo"), 2
    ):
        make_category(name, parent=food, id=pk)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("peper", "Pepper"),  # a letter is missing
        ("peppper", "Pepper"),  # one too many
        ("pepepr", "Pepper"),  # two the wrong way round
        ("shanpoo", "Shampoo"),  # another letter
        ("washing mashine", "Washing Machines"),  # one word of two
        ("mashines wahsing", "Washing Machines"),  # in another order
        ("wahsing", "Washing Machines"),
        ("clenaers", "Washing Machine Cleaners"),
        ("shamppo", "Shampoo"),
    ],
)
def test_a_misspelt_word_finds_what_was_meant(typed: str, first: str) -> None:
    results = search(typed)
    assert results[0].category.name == first
    assert results[0].misspelt


def test_a_word_that_is_not_finished_may_be_misspelt_too() -> None:
    assert found("wahsin")[0].startswith("Washing")


@pytest.mark.parametrize("typed", ["xyz", "pap", "qqqqqqqq", "mashed potatoes", "%_", "(", "…"])
def test_what_is_not_near_any_name_finds_nothing_else(typed: str) -> None:
    assert found(typed) in ([], ["Paper Towels"] if typed == "pap" else [])


def test_names_as_they_were_typed_come_before_misspelt_ones() -> None:
    make_category("Peper", id=20)
    results = search("peper")
    assert [(one.category.name, one.misspelt) for one in results[:2]] == [
        ("Peper", False),
        ("Pepper", True),
    ]


def test_where_enough_names_hold_the_word_no_others_are_looked_for() -> None:
    for pk in range(30, 36):
        make_category(f"Paper {pk}", id=pk)
    assert "Pepper" not in found("paper")


def test_a_short_word_must_be_spelled_right() -> None:
    make_category("Tea", id=20)
    assert found("tee") == []


def test_names_in_every_locale_and_on_the_shops_own_screens_are_found() -> None:
    CategoryName.objects.create(category_id=2, locale="es-ES", name="Pimienta", path="Pimienta")
    Category.objects.filter(pk=6).update(display_name="Hair soap")
    [spanish] = search("pimenta")
    assert (spanish.category.pk, spanish.other_name, spanish.misspelt) == (2, "Pimienta", True)
    [shown] = search("hair soap")
    assert (shown.category.pk, shown.other_name) == (6, "")
    [own] = search("shampoo")
    assert (own.category.pk, own.other_name) == (6, "Shampoo")


def test_a_search_among_some_finds_no_others() -> None:
    assert found("washing", among={5}) == ["Washing Machine Cleaners"]
    assert found("washing", among=set()) == []
    assert found("wahsing", among={5}) == ["Washing Machine Cleaners"]


def test_a_renamed_category_is_found_by_its_new_name_at_once() -> None:
    from taxonomy.actions import editing

    own = editing.add_category(None, "Gadgets", by=None)
    assert found("gadgets") == ["Gadgets"]
    editing.rename(own, "Gizmos", based_on=editing.newest_change(own), by=None)
    assert found("gadgets") == []
    assert found("gizmos") == ["Gizmos"]


def test_nearly_the_same_name_is_pointed_out_whatever_the_order_of_its_words() -> None:
    assert [one.category.name for one in alike("Washing machine")] == ["Washing Machines"]
    assert [one.category.name for one in alike("machines, washing")] == ["Washing Machines"]
    assert [one.category.name for one in alike("Peppers")] == ["Pepper"]
    assert alike("Peppers", apart_from=2) == []
    assert alike("Bicycles") == []


def test_a_category_is_meant_by_its_id_its_path_or_its_name() -> None:
    for written in ("2", "food > pepper", "Food  >  Pepper", "PEPPER"):
        assert [category.pk for category in meant(written)] == [2]
    make_category("Pepper", id=20)
    assert [category.pk for category in meant("Pepper")] == [20]  # that is its whole path
    assert meant("Salt") == []
    make_category("Shampoo", parent=Category.objects.get(pk=2), id=21)
    assert [category.pk for category in meant("shampoo")] == [21, 6]


def test_of_what_is_typed_only_as_much_is_read_as_a_name_has() -> None:
    assert found(f"pepper{' ' * 300}nonsense") == ["Pepper"]
