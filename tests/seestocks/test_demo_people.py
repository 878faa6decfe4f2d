"""The demo's simulated annotators: they err as often as stated, and the truth does not."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from seestocks.demo.catalogue import KINDS
from seestocks.demo.defects import spoiled
from seestocks.demo.people import (
    ACCEPTABLE,
    EXACT,
    PEOPLE,
    RELATED,
    WRONG,
    Person,
    simulated_judgments,
    true_grade,
    true_judgments,
)
from seestocks.demo.products import sound_offers

SHOP = spoiled(sound_offers(7), 7)
KIND = {offer.offer_id: offer.kind.id for offer in SHOP}
GIVEN = list(simulated_judgments(SHOP, 7))
LOAFERS, MOCCASINS, SLIPPERS, PEPPER = 900_011, 900_012, 900_013, 6199


@pytest.mark.parametrize(
    ("category", "grade"),
    [(LOAFERS, EXACT), (MOCCASINS, ACCEPTABLE), (SLIPPERS, RELATED), (PEPPER, WRONG)],
)
def test_the_truth_follows_from_where_a_product_belongs(category: int, grade: int) -> None:
    assert true_grade(LOAFERS, category) == grade


def grades(person: Person) -> list[tuple[int, int]]:
    """Return what the person said, each beside the truth."""
    rows = [row for row in GIVEN if row.annotator == person.name]
    return [(row.grade, true_grade(row.page, KIND[row.offer_id])) for row in rows]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_people_err_as_often_as_stated(person: Person) -> None:
    pairs = grades(person)
    errors = sum(given != true for given, true in pairs)
    assert len(pairs) > 1_000
    assert errors / len(pairs) == pytest.approx(person.error_rate, abs=0.02)


def test_most_errors_are_one_grade_off() -> None:
    for person in PEOPLE[:2]:
        steps = Counter(abs(given - true) for given, true in grades(person) if given != true)
        assert steps[1] > 0.7 * steps.total()


def test_the_hasty_one_takes_siblings_for_it() -> None:
    taken = {
        person.name: sum(true == RELATED and given == EXACT for given, true in grades(person))
        for person in PEOPLE
    }
    assert taken["Cleo Hasty"] > 5 * max(taken["Ada Careful"], taken["Ben Average"])


def test_about_half_of_the_pages_are_judged_each_in_some_depth() -> None:
    judged = defaultdict(set)
    for row in GIVEN:
        judged[row.page].add(row.offer_id)
    assert len(judged) == round(len(KINDS) / 2)
    assert all(18 <= len(offers) <= 36 for offers in judged.values())


def test_a_third_of_what_is_judged_was_judged_by_all() -> None:
    by = Counter((row.page, row.offer_id) for row in GIVEN)
    assert set(by.values()) == {1, 3}
    assert 0.28 < sum(count == 3 for count in by.values()) / len(by) < 0.39


def test_who_says_that_a_product_belongs_elsewhere_is_right_about_it() -> None:
    told = [row for row in GIVEN if row.belongs_to]
    assert len(told) > 20
    for row in told:
        assert row.belongs_to == KIND[row.offer_id]
        assert row.grade < EXACT


def test_the_truth_covers_every_page_and_all_that_is_filed_there() -> None:
    true: dict[int, dict[str, int]] = defaultdict(dict)
    for row in true_judgments(SHOP, 7):
        assert row.annotator == "truth"
        assert row.offer_id not in true[row.page]
        true[row.page][row.offer_id] = row.grade
    assert true.keys() == KINDS.keys()
    for offer in SHOP:
        assert offer.offer_id in true[offer.filed]
        assert true[offer.kind.id][offer.offer_id] == EXACT
    assert all(WRONG in grades.values() for grades in true.values())


def test_the_truth_says_of_all_that_is_not_exact_where_it_belongs() -> None:
    for row in true_judgments(SHOP, 7):
        assert row.belongs_to == (None if row.grade == EXACT else KIND[row.offer_id])


def test_equal_seeds_give_equal_judgments_and_others_differ() -> None:
    assert list(simulated_judgments(SHOP, 7)) == GIVEN
    assert list(simulated_judgments(SHOP, 8)) != GIVEN
