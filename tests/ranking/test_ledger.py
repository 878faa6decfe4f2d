"""The ledger: who may work on which page, and what becomes of work whose worker died."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from ranking.actions import (
    start_run,
)
from ranking.actions.heartbeat import heartbeat
from ranking.actions.ledger import (
    GAVE_UP,
    GAVE_UP_PREPARING,
    MAX_PREPARATIONS,
    MAX_TRIES,
    Claim,
    Lost,
    beat_run,
    claim_pages,
    claim_preparation,
    fail_page,
    fail_run,
    finish_preparation,
    give_back_run,
    keep_pages,
    keep_run,
    release,
    settle,
)
from ranking.models import PageRun, RankedProduct, Run, State
from ranking.queries.ledger import abandoned_runs, progress
from tests.factories import make_category
from tests.ranking.work import finish, let_leases_run_out, state_of, take

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


# Claiming


def test_a_page_is_claimed_once(run: Run) -> None:
    assert len(take(run, 2)) == 2
    assert len(take(run, 2)) == 1
    assert take(run) == []


def test_a_page_whose_worker_died_can_be_claimed_again_under_the_next_attempt(run: Run) -> None:
    first = take(run)
    let_leases_run_out(run)
    again = take(run)
    assert again == [Claim(first[0].page_run, first[0].page, first[0].attempt + 1)]


def test_a_page_whose_worker_died_is_claimed_alone_and_after_the_untouched_ones(run: Run) -> None:
    suspects = take(run, 2)
    let_leases_run_out(run)
    assert [claim.attempt for claim in take(run)] == [1]
    for suspect in suspects:
        assert [claim.page for claim in take(run)] == [suspect.page]


def test_a_beat_keeps_the_pages_that_wait_behind_the_one_at_work(run: Run) -> None:
    claims = take(run)
    let_leases_run_out(run)
    keep_pages(claims)
    assert take(run) == []


def test_a_worker_that_slept_past_its_lease_holds_nothing_for_its_successor(run: Run) -> None:
    old = take(run)
    let_leases_run_out(run)
    assert [claim.page_run for claim in take(run)] == [old[0].page_run]
    let_leases_run_out(run)  # the successor is dead
    keep_pages(old)
    assert [claim.page_run for claim in take(run)] == [old[0].page_run]


def test_a_page_that_keeps_killing_its_worker_is_given_up_with_a_sentence(run: Run) -> None:
    bad = take(run)[0].page_run
    for attempt in range(2, MAX_TRIES + 1):
        PageRun.objects.filter(pk=bad).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert [claim.attempt for claim in take(run)] == [attempt]
    let_leases_run_out(run)
    assert bad not in [claim.page_run for claim in take(run)]
    part = PageRun.objects.get(pk=bad)
    assert (part.state, part.error) == (State.FAILED, GAVE_UP)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_never_get_the_same_page() -> None:
    for _ in range(40):
        make_category(is_page=True)
    run = start_run(here=True)
    taken: list[int] = []
    gate = threading.Barrier(4)

    def work() -> None:
        gate.wait()
        while claims := claim_pages(run.pk, 3):
            taken.extend(claim.page_run for claim in claims)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(run.page_runs.values_list("id", flat=True))


# Finishing


def test_a_finished_page_has_its_products_and_its_figures(run: Run) -> None:
    claim = take(run)[0]
    finish(claim, "first", "second")
    part = PageRun.objects.get(pk=claim.page_run)
    assert (part.state, part.shown, part.removed) == (State.DONE, 2, 0)
    assert list(part.products.values_list("position", "product__title")) == [
        (1, "first"),
        (2, "second"),
    ]


def test_a_worker_that_slept_past_its_lease_writes_nothing(run: Run) -> None:
    old = take(run)[0]
    let_leases_run_out(run)
    new = take(run, 1)[0]
    finish(new, "the successor's")
    with pytest.raises(Lost):
        finish(old, "the sleeper's")
    with pytest.raises(Lost):
        fail_page(old, "too late")
    titles = RankedProduct.objects.values_list("product__title", flat=True)
    assert list(titles) == ["the successor's"]


def test_a_run_whose_pages_are_all_done_is_done(run: Run) -> None:
    for claim in take(run):
        assert state_of(run) == State.WAITING
        finish(claim)
        settle(run.pk)
    assert state_of(run) == State.DONE


def test_a_run_with_one_failed_page_is_done_and_says_how_many_failed(run: Run) -> None:
    bad, *good = take(run)
    fail_page(bad, "The category was retired.")
    for claim in good:
        finish(claim)
    settle(run.pk)
    assert state_of(run) == State.DONE
    assert progress(run).failed == 1


def test_a_run_whose_pages_all_failed_has_failed(run: Run) -> None:
    for claim in take(run):
        fail_page(claim, "no")
    settle(run.pk)
    assert state_of(run) == State.FAILED


# Preparing


def test_only_one_worker_prepares(run: Run) -> None:
    assert claim_preparation(run.pk) == 1
    assert claim_preparation(run.pk) is None


def test_preparing_goes_on_under_another_worker_when_the_first_died(run: Run) -> None:
    first = claim_preparation(run.pk)
    assert first is not None
    let_leases_run_out(run)
    assert claim_preparation(run.pk) == first + 1
    with pytest.raises(Lost):
        beat_run(run.pk, first, "Reading texts", 1, 2)
    with pytest.raises(Lost):
        finish_preparation(run.pk, first, {})


def test_preparing_that_was_given_back_can_be_taken_at_once(run: Run) -> None:
    attempt = claim_preparation(run.pk)
    assert attempt is not None
    give_back_run(run.pk, attempt)
    assert claim_preparation(run.pk) == attempt + 1


def test_a_run_that_cannot_be_prepared_says_why_on_all_its_pages(run: Run) -> None:
    attempt = claim_preparation(run.pk)
    assert attempt is not None
    fail_run(run.pk, attempt, "The encoder's weights are missing.")
    assert state_of(run) == State.FAILED
    assert set(run.page_runs.values_list("error", flat=True)) == {run.error}


def test_a_preparation_that_keeps_killing_its_worker_is_given_up_with_a_sentence(run: Run) -> None:
    for _ in range(MAX_PREPARATIONS):
        assert claim_preparation(run.pk)
        let_leases_run_out(run)
    assert claim_preparation(run.pk) is None
    assert state_of(run) == State.FAILED
    assert run.error == GAVE_UP_PREPARING


def test_a_preparation_that_is_kept_alive_is_nobody_elses(run: Run) -> None:
    attempt = claim_preparation(run.pk)
    assert attempt is not None
    let_leases_run_out(run)
    keep_run(run.pk, attempt)
    assert claim_preparation(run.pk) is None


def test_work_that_was_given_back_is_not_held_against_the_page(run: Run) -> None:
    for _ in range(2 * MAX_TRIES):
        claims = take(run)
        assert len(claims) == 3
        release(claims, State.WAITING)


def test_a_lease_is_kept_alive_while_long_work_is_done(settings: Settings) -> None:
    settings.SEESTOCKS_LEASE_SECONDS = 0.06
    beats: list[int] = []
    with heartbeat(lambda: beats.append(1)):
        time.sleep(0.3)
    assert len(beats) >= 3
    kept = len(beats)
    time.sleep(0.1)
    assert len(beats) == kept


# Healing


def test_a_run_that_a_worker_holds_is_not_abandoned(run: Run) -> None:
    assert run in abandoned_runs()
    claim_preparation(run.pk)
    assert run not in abandoned_runs()
    let_leases_run_out(run)
    assert run in abandoned_runs()


def test_a_run_with_pages_at_work_is_not_abandoned(run: Run) -> None:
    take(run, 1)
    assert run not in abandoned_runs()
    let_leases_run_out(run)
    assert run in abandoned_runs()


def test_looking_for_abandoned_runs_is_one_query(
    run: Run, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert list(abandoned_runs()) == [run]
