"""How far people agree: the coefficients, against the libraries that define them."""

from __future__ import annotations

import csv
import json
from io import StringIO
from itertools import combinations
from pathlib import Path
from time import perf_counter
from typing import Any

import krippendorff
import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from sklearn.metrics import cohen_kappa_score

from judgments.agreement.coefficients import (
    ALL_THE_SAME,
    NOBODY_TWICE,
    _alphas,
    _coincidences,
    _kappas,
    alpha,
    alpha_with_others,
    kappa,
)
from judgments.agreement.words import Words
from judgments.models import Judgment
from judgments.queries.agreement import repeated
from taxonomy.models import Category
from tests.factories import make_category, make_judgment, make_product

ICECAT = Path(settings.BASE_DIR).parent / "shared" / "data" / "icecat" / "judgments.csv"


def figures(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("agreement", "--json", *arguments, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def drawn_counts(seed: int, items: int = 60) -> np.ndarray:
    """One to four grades of each item, near a truth of its own."""
    rng = np.random.default_rng(seed)
    counts = np.zeros((items, 4), np.int64)
    for row in counts:
        truth = rng.integers(4)
        for _ in range(rng.integers(1, 5)):
            row[np.clip(truth + rng.integers(-1, 2), 0, 3)] += 1
    return counts


def test_alpha_of_krippendorffs_own_example() -> None:
    """The four observers and twelve units of his paper; a grade 5 there is left out here."""
    said = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, None, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, None, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, None, 1, None],
    ]
    counts = np.array([[sum(row[at] == grade for row in said) for grade in (1, 2, 3, 4)]
                       for at in range(12)])  # fmt: skip
    table = [[np.nan if value is None else value for value in row] for row in said]
    wanted = krippendorff.alpha(reliability_data=table, level_of_measurement="ordinal")
    found = alpha(counts)
    assert found.value == pytest.approx(wanted)
    assert (found.items, found.judgments) == (10, 37)


def test_a_small_alpha_that_can_be_counted_by_hand() -> None:
    """Two items: 0 and 0, 0 and 1. Observed 2 of 4 pairs differ, expected 3 · 1 of 4 · 3 / 2.

    With two grades all metrics are the nominal one up to a factor: 1 - 3 · 2 / (2 · 3 · 1) = 0.
    """
    assert alpha(np.array([[2, 0, 0, 0], [1, 1, 0, 0]])).value == pytest.approx(0)


@pytest.mark.parametrize("seed", range(5))
def test_the_replicates_are_the_very_alpha(seed: int) -> None:
    counts = drawn_counts(seed)
    wanted = krippendorff.alpha(value_counts=counts, level_of_measurement="ordinal")
    judged = counts[counts.sum(axis=1) > 1]
    found = _alphas(_coincidences(judged).sum(axis=0)[None])
    assert found[0] == pytest.approx(wanted)


@pytest.mark.parametrize("seed", range(5))
def test_the_replicates_are_the_very_kappa(seed: int) -> None:
    first, second = np.random.default_rng(seed).integers(0, 4, (2, 50))
    wanted = cohen_kappa_score(first, second, weights="quadratic", labels=[0, 1, 2, 3])
    table = np.bincount(first * 4 + second, minlength=16)
    assert _kappas(table[None])[0] == pytest.approx(wanted)
    assert kappa(first, second).value == pytest.approx(wanted)


def test_an_interval_holds_the_coefficient_and_narrows_with_items() -> None:
    few, many = alpha(drawn_counts(1, 50)), alpha(drawn_counts(1, 2_000))
    for found in (few, many):
        assert found.low is not None
        assert found.high is not None
        assert found.value is not None
        assert found.low < found.value < found.high
    assert many.high - many.low < (few.high - few.low) / 3  # type: ignore[operator]
    assert alpha(drawn_counts(1, 50)) == few


def test_an_interval_is_as_wide_as_fresh_samples_scatter() -> None:
    """The method, against what it claims: 95 % of samples of one truth lie about so far apart."""
    values = [alpha(drawn_counts(seed, 200)).value or 0 for seed in range(100, 180)]
    found = alpha(drawn_counts(99, 200))
    spread = np.percentile(values, 97.5) - np.percentile(values, 2.5)
    assert found.high is not None
    assert found.low is not None
    assert (found.high - found.low) == pytest.approx(spread, rel=0.5)


def test_where_all_say_the_same_there_is_a_sentence_and_no_number() -> None:
    for found in (
        alpha(np.array([[0, 0, 0, 3]] * 20)),
        kappa(np.full(20, 3), np.full(20, 3)),
        alpha_with_others(np.full(20, 3), np.array([[0, 0, 0, 2]] * 20)),
    ):
        assert (found.value, found.low, found.high) == (None, None, None)
        assert found.undefined == ALL_THE_SAME
        assert found.items == 20


def test_where_nobody_judged_twice_there_is_a_sentence_and_no_number() -> None:
    for found in (alpha(np.eye(4, dtype=np.int64)), alpha(np.empty((0, 4), np.int64))):
        assert (found.value, found.items, found.undefined) == (None, 0, NOBODY_TWICE)
    alone = alpha_with_others(np.array([1, 2]), np.zeros((2, 4), np.int64))
    assert (alone.value, alone.items, alone.undefined) == (None, 0, NOBODY_TWICE)


def test_one_who_always_says_the_same_agrees_by_chance_alone() -> None:
    assert kappa(np.full(30, 3), np.arange(30) % 4).value == pytest.approx(0)


def test_with_few_items_there_is_no_interval() -> None:
    found = alpha(np.array([[2, 0, 0, 0], [0, 2, 0, 0], [1, 0, 1, 0]]))
    assert found.value is not None
    assert (found.low, found.high) == (None, None)


def test_a_persons_alpha_is_that_of_their_pairs_with_others() -> None:
    rng = np.random.default_rng(7)
    own, others = rng.integers(0, 4, 40), rng.integers(0, 3, (40, 4))
    units = [
        [own[item], grade]
        for item in range(40)
        for grade in range(4)
        for _ in range(others[item, grade])
    ]
    wanted = krippendorff.alpha(
        reliability_data=np.array(units).T,
        value_domain=[0, 1, 2, 3],
        level_of_measurement="ordinal",
    )
    found = alpha_with_others(own, others)
    assert found.value == pytest.approx(wanted)
    assert found.low is not None


def test_words_are_cut_by_page_and_by_person() -> None:
    words = Words.of([(1, 7, 1, 3), (1, 7, 2, 2), (2, 7, 1, 0), (2, 7, 2, 0), (2, 8, 1, 1)])
    assert words.counts.tolist() == [[0, 0, 1, 1], [2, 0, 0, 0], [0, 1, 0, 0]]
    assert words.on([1]).counts.tolist() == [[0, 0, 1, 1]]
    assert [(one, other, found.items) for one, other, found in words.pairs()] == [(1, 2, 2)]
    assert words.with_others(1).items == 2


def test_where_two_pages_became_one_a_persons_later_grade_counts() -> None:
    assert Words.of([(1, 7, 1, 3), (1, 7, 1, 0)]).counts.tolist() == [[1, 0, 0, 0]]


def test_thirty_three_thousand_items_take_a_moment() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 33_000)
    rows = np.concatenate(
        [
            np.stack(
                [
                    truth * 0 + 1,
                    np.arange(33_000),
                    truth * 0 + person,
                    np.clip(truth + rng.integers(-1, 2, 33_000), 0, 3),
                ],
                axis=1,
            )
            for person in (1, 2, 3)
        ]
    )
    words = Words(*rows.T)
    start = perf_counter()
    found = words.alpha(), words.with_others(1), dict(enumerate(words.pairs()))
    assert perf_counter() - start < 5
    assert found[0].items == found[1].items == 33_000


@pytest.mark.django_db
def test_the_command_says_why_there_is_no_number() -> None:
    page, product = make_category(), make_product()
    make_judgment(page, product, 3, "Ann")
    assert figures() == {
        "alpha_ordinal": None,
        "alpha_interval": None,
        "pairs": {},
        "pairs_intervals": {},
        "pairs_items": {},
        "items": 0,
        "judgments": 0,
        "undefined": {"alpha_ordinal": NOBODY_TWICE},
    }
    out = StringIO()
    call_command("agreement", stdout=out)
    assert NOBODY_TWICE in out.getvalue()


@pytest.mark.django_db
def test_the_command_knows_page_and_branch() -> None:
    root = make_category()
    page, other, apart = make_category(parent=root), make_category(parent=root), make_category()
    for category in (page, other, apart):
        product = make_product()
        make_judgment(category, product, 3, "zoe")
        make_judgment(category, product, 1, "Bob")
    assert figures("--page", str(page.pk))["items"] == 1
    assert figures("--branch", str(root.pk))["items"] == 2
    assert figures()["items"] == 3
    assert list(figures()["pairs"]) == ["Bob zoe"]
    with pytest.raises(CommandError, match="no category 99"):
        figures("--page", "99")


@pytest.mark.django_db
def test_only_what_was_said_without_knowing_of_others_is_measured() -> None:
    page, product = make_category(), make_product()
    make_judgment(page, product, 3, "Ann")
    own = make_judgment(page, product, 0, "Bob")
    Judgment.objects.create(
        page=page, product=product, annotator=own.annotator, grade=3, source="adjudicator"
    )
    Judgment.objects.create(
        page=page,
        product=product,
        annotator=make_judgment(page, make_product(), 0, "Mira").annotator,
        grade=3,
        source="merchandiser",
    )
    found = figures()
    assert found["judgments"] == 2
    assert found["alpha_ordinal"] == pytest.approx(0)


@pytest.mark.django_db
def test_a_retired_pages_words_count_for_the_one_in_its_place() -> None:
    page = make_category()
    gone, product = make_category(successor=page), make_product()
    make_judgment(page, product, 3, "Ann")
    make_judgment(gone, product, 2, "Bob")
    assert figures("--page", str(page.pk))["items"] == 1


@pytest.mark.django_db
def test_icecats_raters_agree_as_the_reference_libraries_say() -> None:
    if not ICECAT.exists():
        pytest.skip(f"{ICECAT} is not here.")
    rows = list(csv.DictReader(ICECAT.read_text().splitlines()))
    land(rows)
    said: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        said.setdefault((row["category_id"], row["offer_id"]), {})[row["annotator"]] = int(
            row["grade"]
        )
    raters = sorted({row["annotator"] for row in rows})
    table = np.array(
        [[of_item.get(rater, np.nan) for of_item in said.values()] for rater in raters]
    )
    found = figures()
    assert found["items"] == len(said)
    assert found["judgments"] == len(rows)
    assert found["alpha_ordinal"] == pytest.approx(
        krippendorff.alpha(reliability_data=table, level_of_measurement="ordinal"), abs=1e-12
    )
    assert len(found["pairs"]) == 3
    for one, other in combinations(range(3), 2):
        wanted = cohen_kappa_score(
            table[one].astype(int), table[other].astype(int),
            weights="quadratic", labels=[0, 1, 2, 3],
        )  # fmt: skip
        pair = f"{raters[one]} {raters[other]}"
        assert found["pairs"][pair] == pytest.approx(wanted, abs=1e-12)
        low, high = found["pairs_intervals"][pair]
        assert low < wanted < high


def land(rows: list[dict[str, str]]) -> None:
    """Import the file into a shop that has just its categories and offers."""
    Category.objects.bulk_create(
        Category(id=pk, name=f"{pk}", path=f"{pk}", lineage=f"/{pk}/")
        for pk in sorted({int(row["category_id"]) for row in rows})
    )
    for offer in sorted({row["offer_id"] for row in rows}):
        make_product(offer_id=offer)
    call_command("import_judgments", str(ICECAT), stdout=StringIO(), stderr=StringIO())


@pytest.mark.django_db
def test_a_planned_repeat_is_held_against_what_was_said_before() -> None:
    page, product = make_category(), make_product()
    make_judgment(page, product, 1)
    make_judgment(page, product, 2)  # a change of mind that nobody had planned
    assert repeated() == []
