"""From several people's words to the grade that is learned from."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np
import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from judgments.exports.qrels import judgments_as_qrels
from judgments.models import Agreement, Annotator, Judgment, Measurement
from judgments.queries.truth import reliabilities, rule_now, truths
from judgments.truth import DEFAULT, Rule, Word, median_of, settled, source_weights, weighted_median
from judgments.truth.dawid_skene import SEEN, SEEN_RIGHT, Said, learn
from tests.factories import make_category, make_judgment, make_product

GRADES = st.integers(0, 3)
ALL_RULES = [Rule("median"), Rule("weighted"), Rule("dawid-skene")]


def words(*grades: int, source: str = "annotator") -> list[Word]:
    """One word of each of several people."""
    return [Word(who, grade, source, who) for who, grade in enumerate(grades, start=1)]


@given(st.lists(GRADES, min_size=1, max_size=9))
def test_with_equal_weights_the_weighted_median_is_the_median(grades: list[int]) -> None:
    for weight in (1.0, 0.1, 0.7):
        assert weighted_median([(grade, weight) for grade in grades]) == median(grades)
    assert weighted_median([(grade, 0.0) for grade in grades]) == median(grades)


@given(st.lists(st.tuples(GRADES, st.floats(0.05, 1)), min_size=1, max_size=9))
def test_no_more_than_half_the_weight_lies_on_either_side(weighed: list[tuple[int, float]]) -> None:
    middle, half = weighted_median(weighed), sum(weight for _, weight in weighed) / 2
    assert sum(weight for grade, weight in weighed if grade < middle) <= half + 1e-9
    assert sum(weight for grade, weight in weighed if grade > middle) <= half + 1e-9


def test_the_mean_of_the_two_middle_grades_is_the_median_of_an_even_number() -> None:
    assert median_of(words(0, 3)) == 1.5
    assert median_of(words(0, 2, 3, 3)) == 2.5


def test_one_reliable_word_outweighs_two_of_chance() -> None:
    rule = Rule("weighted", reliabilities={1: 0.9, 2: 0.1, 3: 0.1})
    assert settled({"pair": words(3, 0, 0)}, rule)["pair"].grade == 3
    assert settled({"pair": words(3, 0, 0)}, DEFAULT)["pair"].grade == 0


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.name)
def test_the_newest_adjudicator_decides_alone(rule: Rule) -> None:
    said = [*words(0, 0, 0), Word(8, 1, "adjudicator", 20), Word(9, 3, "adjudicator", 10)]
    assert settled({"pair": said}, rule)["pair"].grade == 1


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.name)
@given(grades=st.lists(GRADES, min_size=1, max_size=12), people=st.integers(2, 4))
def test_where_all_always_agree_nothing_moves(rule: Rule, grades: list[int], people: int) -> None:
    said = {number: words(*[grade] * people) for number, grade in enumerate(grades)}
    assert [truth.grade for truth in settled(said, rule).values()] == grades


def test_what_merchandisers_alone_say_weighs_less_and_nobody_else_spoke() -> None:
    found = settled({"pair": words(0, source="merchandiser")}, DEFAULT)["pair"]
    assert (found.grade, found.weight, found.people) == (0, 0.5, 0)
    both = settled({"pair": [*words(3), Word(7, 0, "merchandiser", 9)]}, Rule("weighted"))["pair"]
    assert (both.grade, both.weight, both.people) == (3, 1.5, 1)


def test_a_pairs_weight_is_what_its_people_are_worth() -> None:
    rule = Rule(sources=source_weights("imported=0.8"), reliabilities={1: 0.5})
    said = [Word(1, 3, "annotator", 1), Word(2, 3, "imported", 2)]
    assert settled({"pair": said}, rule)["pair"].weight == pytest.approx(1.3)


def test_a_run_of_old_knew_the_median_alone() -> None:
    assert Rule.of_settings(None) == DEFAULT == Rule.of_settings({})


def test_a_rule_comes_back_from_what_a_run_keeps() -> None:
    rule = Rule("weighted", source_weights("simulated=0.25"), {7: 0.5, 12: 0.875})
    assert Rule.of_settings(rule.as_settings()) == rule


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("gods=1", "“gods” is no source"),
        ("imported=much", "from 0 to 1"),
        ("imported=2", "from 0 to 1"),
        ("imported=nan", "from 0 to 1"),
        ("imported", "from 0 to 1"),
        ("merchandiser=1", "below 1"),
    ],
)
def test_a_weight_that_cannot_be_is_refused_in_a_sentence(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        source_weights(text)


def test_weights_are_the_defaults_but_for_those_said() -> None:
    assert source_weights("") == source_weights(" ") == dict(DEFAULT.sources)
    assert source_weights("imported=0.5, merchandiser = 0.1")["merchandiser"] == 0.1


# Dawid and Skene


def test_one_round_of_the_model_can_be_counted_by_hand() -> None:
    """One person, one decided pair of grade 3, said right: row 3 is what is believed plus one."""
    one = np.array([0])
    found = learn(Said(one, one, np.array([3]), np.ones(1), np.array([3])))
    row = SEEN + np.array([0, 0, 0, SEEN_RIGHT + 1])
    np.testing.assert_allclose(found.confusions[0, 3], row / row.sum())
    unseen = SEEN + np.array([SEEN_RIGHT, 0, 0, 0])
    np.testing.assert_allclose(found.confusions[0, 0], unseen / unseen.sum())
    np.testing.assert_array_equal(found.chances, [[0, 0, 0, 1]])


def test_the_chances_are_bayes_rule_over_what_was_learned() -> None:
    said, _ = simulated([0.9, 0.7, 0.5], 80)
    found = learn(said)
    shares = found.chances.mean(axis=0)
    first = shares.copy()
    for person in range(3):
        grade = said.grades[(said.pairs == 0) & (said.people == person)][0]
        first = first * found.confusions[person, :, grade]
    np.testing.assert_allclose(found.chances[0], first / first.sum(), atol=1e-4)


def test_how_people_mistake_grades_is_recovered() -> None:
    careful = [0.95, 0.85, 0.6, 0.4]
    said, _ = simulated(careful, 3_000)
    diagonal = np.einsum("agg->ag", learn(said).confusions).mean(axis=1)
    assert diagonal == pytest.approx(careful, abs=0.04)


def test_where_people_differ_in_care_the_truth_is_nearer_than_the_median() -> None:
    said, truth = simulated([0.95, 0.45, 0.45, 0.4, 0.4], 1_500)
    likeliest = learn(said).chances.argmax(axis=1)
    medians = np.median(said.grades.reshape(-1, 5), axis=1)
    assert (likeliest == truth).mean() > (medians == truth).mean() + 0.1


def test_a_strangers_lone_word_stands() -> None:
    said = {number: words(*[number % 4] * 3) for number in range(40)}
    said[99] = [Word(77, 1, "annotator", 1)]
    assert settled(said, Rule("dawid-skene"))[99].grade == 1


def test_words_of_less_weight_move_the_model_less() -> None:
    said = {number: words(*[number % 4] * 2) for number in range(40)}
    said[99] = [Word(1, 3, "annotator", 1), Word(50, 0, "merchandiser", 2)]
    assert settled(said, Rule("dawid-skene"))[99].grade == 3


def test_the_model_is_the_same_twice_and_knows_nothing_of_nothing() -> None:
    said, _ = simulated([0.8, 0.5], 200)
    np.testing.assert_array_equal(learn(said).chances, learn(said).chances)
    assert settled({}, Rule("dawid-skene")) == {}


def test_a_model_of_decided_pairs_alone_is_what_was_decided() -> None:
    said = {"pair": [Word(1, 2, "adjudicator", 1)]}
    assert settled(said, Rule("dawid-skene"))["pair"].grade == 2


def simulated(care: Sequence[float], pairs: int) -> tuple[Said, np.ndarray]:
    """Words of people who say the truth with the chance `care`, else any other grade."""
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 4, pairs)
    right = rng.random((pairs, len(care))) < np.array(care)
    other = (truth[:, None] + rng.integers(1, 4, (pairs, len(care)))) % 4
    return Said(
        pairs=np.repeat(np.arange(pairs), len(care)),
        people=np.tile(np.arange(len(care)), pairs),
        grades=np.where(right, truth[:, None], other).reshape(-1),
        weights=np.ones(pairs * len(care)),
        known=np.full(pairs, -1),
    ), truth


# From the rows


@pytest.mark.rows
@pytest.mark.django_db
def test_the_truth_is_of_the_words_that_count() -> None:
    page, product = make_category(), make_product()
    gone = make_category(successor=page)
    make_judgment(page, product, 0, "Ann")
    make_judgment(page, product, 3, "Ann")
    make_judgment(gone, product, 2, "Bob")
    found = truths()
    assert list(found) == [(page.pk, product.pk)]
    assert found[page.pk, product.pk].grade == 2.5


@pytest.mark.rows
@pytest.mark.django_db
def test_a_decision_that_is_taken_back_decides_no_more() -> None:
    page, product = make_category(), make_product()
    make_judgment(page, product, 0, "Ann")
    lea = Annotator.objects.create(name="lea")
    said = {"page": page, "product": product, "annotator": lea, "source": "adjudicator"}
    Judgment.objects.create(**said, grade=3)
    assert truths()[page.pk, product.pk].grade == 3
    Judgment.objects.create(**said, grade=3, withdrawn=True)
    assert truths()[page.pk, product.pk].grade == 0


@pytest.mark.rows
@pytest.mark.django_db
def test_people_are_as_reliable_as_was_measured_last() -> None:
    ann, bob, eve = (Annotator.objects.create(name=name) for name in ("Ann", "Bob", "Eve"))
    for alphas in ((0.1, 0.1, 0.1), (0.8, -0.3, None)):
        measured = Measurement.objects.create(judgments_until=0, finished_at=timezone.now())
        for person, alpha in zip((ann, bob, eve), alphas, strict=True):
            Agreement.objects.create(
                measurement=measured, scope="person", annotator=person, coefficient=alpha,
                items=9, judgments=9,
            )  # fmt: skip
    Measurement.objects.create(judgments_until=0)  # not measured yet
    assert reliabilities() == {ann.pk: 0.8, bob.pk: 0.05}
    assert rule_now().weight(eve.pk, "annotator") == 1
    assert rule_now().weight(bob.pk, "merchandiser") == pytest.approx(0.025)


@pytest.mark.django_db
def test_truths_of_many_pairs_are_one_query(django_assert_num_queries: object) -> None:
    page = make_category()
    for number in range(5):
        make_judgment(page, make_product(), number % 4)
    with django_assert_num_queries(1):  # type: ignore[operator]  # pytest-django's
        assert len(truths(rule=DEFAULT)) == 5


@pytest.mark.django_db
def test_qrels_tell_what_was_decided() -> None:
    page, product = make_category(), make_product()
    make_judgment(page, product, 0, "Ann")
    make_judgment(page, product, 1, "Bob")
    assert [line.split()[-1] for line in judgments_as_qrels()] == ["0"]
    lea = make_judgment(page, product, 3, "lea")
    Judgment.objects.filter(pk=lea.pk).update(source="adjudicator")
    assert [line.split()[-1] for line in judgments_as_qrels()] == ["3"]
