"""Measuring agreement: who measures, what is kept, and what stands when it comes to nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from judgments.actions import agreement as actions
from judgments.actions.agreement import (
    CANCELLED,
    GAVE_UP,
    KEPT,
    ask_for_measurement,
    cancel_measurement,
    measure,
    sweep_measurements,
)
from judgments.models import (
    Agreement,
    Campaign,
    Item,
    Judgment,
    Measurement,
    Purpose,
    Scope,
    Seat,
)
from judgments.queries.agreement import agreements, finished_measurements, overall, repeated
from tests.factories import make_category, make_judgment, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
GRADES = ((3, 3, 2), (0, 1, 0), (2, 2, 2), (3, 2, 3), (1, 0, 0), (2, 3, 3))


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The measurements that a worker was called for."""
    calls: list[int] = []
    monkeypatch.setattr(actions, "ring_for_measurement", calls.append)
    return calls


def judged_shop() -> None:
    """Three people who judge six products for two pages of a branch, and one alone apart."""
    root = make_category("Home")
    pages = [make_category(name, root) for name in ("Lamps", "Candles")]
    for page in pages:
        for grades in GRADES:
            product = make_product()
            for who, grade in zip(("Ann", "Bob", "Cem"), grades, strict=True):
                make_judgment(page, product, grade, who)
    make_judgment(make_category("Apart"), make_product(), 3, "Dot")


def measured() -> Measurement:
    asked = ask_for_measurement()
    measure(asked.pk)
    asked.refresh_from_db()
    return asked


def test_everything_is_measured_by_page_branch_person_and_pair(rung: list[int]) -> None:
    judged_shop()
    done = measured()
    assert (done.error, done.done) == ("", done.total)
    everybody = overall(done)
    assert everybody is not None
    assert everybody.coefficient is not None
    assert (everybody.items, everybody.judgments) == (12, 36)
    assert everybody.low is not None
    names = {row.category.name: row.items for row in agreements(done, Scope.PAGE) if row.category}
    assert names == {"Lamps": 6, "Candles": 6, "Apart": 0}
    assert [row.category.name for row in agreements(done, Scope.BRANCH) if row.category] == ["Home"]
    people = {row.annotator.name: row for row in agreements(done, Scope.PERSON) if row.annotator}
    assert sorted(people) == ["Ann", "Bob", "Cem", "Dot"]
    assert people["Dot"].coefficient is None
    assert people["Dot"].undefined
    assert agreements(done, Scope.PAIR).count() == 3


def test_later_judgments_wait_for_the_next_measurement(rung: list[int]) -> None:
    judged_shop()
    asked = ask_for_measurement()
    page, product = make_category(), make_product()
    make_judgment(page, product, 3, "Ann")
    make_judgment(page, product, 0, "Bob")
    measure(asked.pk)
    everybody = overall(asked)
    assert everybody is not None
    assert everybody.items == 12


def test_whoever_asks_while_it_is_measured_gets_that_measurement(
    rung: list[int], django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]  # pytest-django's
        first, second = ask_for_measurement(), ask_for_measurement()
    assert first == second
    assert set(rung) == {first.pk}
    measure(first.pk)
    assert ask_for_measurement() != first


def test_one_worker_measures_at_a_time(rung: list[int]) -> None:
    held = Measurement.objects.create(
        judgments_until=0, attempt=1, lease_until=timezone.now() + timedelta(minutes=1)
    )
    measure(held.pk)
    held.refresh_from_db()
    assert (held.attempt, held.finished_at) == (1, None)


def test_what_a_dead_worker_left_is_measured_by_the_next(rung: list[int]) -> None:
    judged_shop()
    left = Measurement.objects.create(
        judgments_until=Judgment.objects.count() + 1000,
        attempt=1,
        lease_until=timezone.now() - timedelta(seconds=1),
    )
    sweep_measurements()
    assert rung == [left.pk]
    measure(left.pk)
    assert finished_measurements().get() == left


def test_what_three_workers_died_of_is_given_up(rung: list[int]) -> None:
    left = Measurement.objects.create(judgments_until=0, attempt=3)
    measure(left.pk)
    left.refresh_from_db()
    assert left.error == GAVE_UP
    assert not finished_measurements().exists()


def test_a_worker_that_slept_past_its_lease_writes_nothing(
    rung: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    judged_shop()
    asked = ask_for_measurement()
    beat = actions._beat

    def taken_over(pk: int, attempt: int, done: int, total: int) -> None:
        beat(pk, attempt, done, total)
        Measurement.objects.filter(pk=pk).update(attempt=attempt + 1)

    monkeypatch.setattr(actions, "_beat", taken_over)
    measure(asked.pk)
    asked.refresh_from_db()
    assert asked.finished_at is None
    assert not Agreement.objects.exists()


def test_one_that_waits_is_stopped_at_once(rung: list[int]) -> None:
    asked = ask_for_measurement()
    cancel_measurement(asked)
    asked.refresh_from_db()
    assert asked.error == CANCELLED
    measure(asked.pk)
    assert not finished_measurements().exists()


def test_one_at_work_is_stopped_when_its_worker_looks_up(
    rung: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    judged_shop()
    before = measured()
    asked = ask_for_measurement()
    beat = actions._beat

    def stopped(pk: int, attempt: int, done: int, total: int) -> None:
        cancel_measurement(asked)
        beat(pk, attempt, done, total)

    monkeypatch.setattr(actions, "_beat", stopped)
    measure(asked.pk)
    asked.refresh_from_db()
    assert asked.error == CANCELLED
    assert finished_measurements().get() == before


def test_what_fails_says_why(rung: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(pk: int, attempt: int) -> list[Agreement]:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(actions, "_measured", broken)
    assert "the disk is full" in measured().error


def test_the_newest_five_are_kept(rung: list[int]) -> None:
    judged_shop()
    done = [measured() for _ in range(KEPT + 2)]
    assert list(finished_measurements()) == done[:1:-1]
    assert Agreement.objects.filter(scope=Scope.ALL).count() == KEPT


def test_nothing_judged_is_measured_too(rung: list[int]) -> None:
    everybody = overall(measured())
    assert everybody is not None
    assert (everybody.coefficient, everybody.items) == (None, 0)
    assert everybody.undefined


def test_it_is_measured_by_itself_when_enough_is_new(rung: list[int]) -> None:
    sweep_measurements()
    assert not Measurement.objects.exists()
    judged_shop()
    sweep_measurements()
    measure(Measurement.objects.get().pk)
    page = make_category()
    for number in range(199):
        make_judgment(page, make_product(), number % 4)
    sweep_measurements()
    assert Measurement.objects.count() == 1
    make_judgment(page, make_product(), 3)
    sweep_measurements()
    assert Measurement.objects.count() == 2
    sweep_measurements()
    assert Measurement.objects.count() == 2


def test_it_is_measured_by_itself_when_a_day_old_and_anything_is_new(rung: list[int]) -> None:
    judged_shop()
    done = measured()
    Measurement.objects.update(asked_at=timezone.now() - timedelta(days=2))
    sweep_measurements()
    assert Measurement.objects.get() == done
    make_judgment(make_category(), make_product(), 3)
    sweep_measurements()
    assert Measurement.objects.count() == 2


def test_a_planned_repeat_is_held_against_what_was_said_before(rung: list[int]) -> None:
    page = make_category()
    campaign = Campaign.objects.create(name="Lamps", state="running")
    for number in range(20):
        product = make_product()
        before = make_judgment(page, product, number % 4)
        item = Item.objects.create(
            campaign=campaign,
            page=page,
            product=product,
            purpose=Purpose.REPEAT,
            rank=number,
            only_for=before.annotator,
        )
        seat = Seat.objects.create(item=item, number=0, state="judged", annotator=before.annotator)
        Judgment.objects.create(
            page=page,
            product=product,
            annotator=before.annotator,
            grade=3 if number == 0 else number % 4,
            source="annotator",
            seat=seat,
        )
    assert len(repeated()) == 20
    assert repeated()[0] == (before.annotator_id, 0, 3)
    rows = measured().agreements.filter(scope=Scope.PAIR)
    itself = rows.get()
    assert itself.annotator_id == itself.other_id == before.annotator_id
    assert itself.items == 20
    assert itself.coefficient is not None
    assert 0.7 < itself.coefficient < 1
    assert not agreements(measured(), Scope.PAIR).exists()
