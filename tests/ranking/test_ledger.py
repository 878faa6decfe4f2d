"""The ledger: who may work on which page, and what becomes of work whose worker died."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from ranking.actions import (
    AlreadyFinished,
    NotAPage,
    NothingToRank,
    cancel_run,
    resume_run,
    start_run,
)
from ranking.actions.heartbeat import heartbeat
from ranking.actions.ledger import (
    GAVE_UP,
    GAVE_UP_PREPARING,
    MAX_PREPARATIONS,
    MAX_TRIES,
    Cancelled,
    Claim,
    Lost,
    beat_preparation,
    claim_pages,
    claim_preparation,
    fail_page,
    fail_run,
    finish_page,
    finish_preparation,
    give_back_preparation,
    keep_pages,
    keep_preparation,
    raise_if_cancelled,
    release,
    settle,
)
from ranking.models import PageRun, RankedProduct, Run, State
from ranking.queries.ledger import abandoned_runs, progress
from tests.factories import make_category, make_product, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def run() -> Run:
    for _ in range(3):
        make_category(is_page=True)
    return start_run(here=True)


def take(run: Run, limit: int = 10) -> list[Claim]:
    return claim_pages(run.pk, limit)


def finish(claim: Claim, *titles: str) -> None:
    rows = [
        RankedProduct(
            product=make_product(title), position=place, why="here", score=1, confidence=0.5
        )
        for place, title in enumerate(titles, start=1)
    ]
    finish_page(claim, rows, input_hash="h", seconds=0.1)


def let_leases_run_out(run: Run) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Run.objects.filter(pk=run.pk).exclude(lease_until=None).update(lease_until=past)
    run.page_runs.exclude(lease_until=None).update(lease_until=past)


def state_of(run: Run) -> str:
    run.refresh_from_db()
    return run.state


# Starting


def test_a_run_has_one_part_for_each_active_page(run: Run) -> None:
    make_category(is_page=False)
    assert progress(run).waiting == 3
    assert state_of(run) == State.WAITING


def test_a_run_of_some_pages_has_just_those() -> None:
    one, _ = make_category(is_page=True), make_category(is_page=True)
    assert list(start_run(pages=[one.pk], here=True).page_runs.values_list("page", flat=True)) == [
        one.pk
    ]


def test_a_shop_without_pages_has_nothing_to_rank() -> None:
    with pytest.raises(NothingToRank, match="No page is switched on"):
        start_run(here=True)


def test_a_category_that_is_no_page_is_named() -> None:
    page, other = make_category(is_page=True), make_category()
    with pytest.raises(NotAPage, match=str(other.pk)):
        start_run(pages=[page.pk, other.pk], here=True)
    assert not Run.objects.exists()


def test_a_second_click_finds_the_run_of_the_first() -> None:
    make_category(is_page=True)
    token = uuid.uuid4()
    first = start_run(token=token, here=True)
    assert start_run(token=token, here=True) == first
    assert Run.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_start_one_run() -> None:
    make_category(is_page=True)
    token, gate = uuid.uuid4(), threading.Barrier(4)
    started: list[int] = []

    def click() -> None:
        gate.wait()
        started.append(start_run(token=token, here=True).pk)
        connections.close_all()

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert started == [Run.objects.get().pk] * 4


def test_a_broker_that_is_down_does_not_lose_the_run(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr("ranking.tasks.work_on_run.delay", refuse)
    make_category(is_page=True)
    with django_capture_on_commit_callbacks(execute=True):
        run = start_run()
    assert "the broker cannot be reached" in caplog.text
    assert run in abandoned_runs()


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
        beat_preparation(run.pk, first, "Reading texts", 1, 2)
    with pytest.raises(Lost):
        finish_preparation(run.pk, first, {})


def test_preparing_that_was_given_back_can_be_taken_at_once(run: Run) -> None:
    attempt = claim_preparation(run.pk)
    assert attempt is not None
    give_back_preparation(run.pk, attempt)
    assert claim_preparation(run.pk) == attempt + 1


def test_a_run_that_cannot_be_prepared_says_why_on_all_its_pages(run: Run) -> None:
    attempt = claim_preparation(run.pk)
    assert attempt is not None
    fail_run(run.pk, attempt, "The encoder's weights are missing.")
    assert state_of(run) == State.FAILED
    assert set(run.page_runs.values_list("error", flat=True)) == {run.error}


# Cancelling and resuming


def test_a_run_that_nobody_works_on_is_cancelled_at_once(run: Run) -> None:
    assert cancel_run(run, by=None).state == State.CANCELLED
    assert progress(run).cancelled == 3


def test_a_page_at_work_ends_before_its_run_is_cancelled(run: Run) -> None:
    first, second = take(run, 2)
    assert cancel_run(run, by=make_user()).state == State.WAITING
    finish(first, "kept")
    with pytest.raises(Cancelled):
        raise_if_cancelled(run.pk)
    release([second], State.CANCELLED)
    settle(run.pk)
    assert state_of(run) == State.CANCELLED
    assert (progress(run).done, progress(run).cancelled) == (1, 2)


def test_a_cancelled_run_does_not_wait_for_a_dead_worker(run: Run) -> None:
    take(run)
    cancel_run(run, by=None)
    let_leases_run_out(run)
    settle(run.pk)
    assert state_of(run) == State.CANCELLED


def test_a_run_that_has_ended_cannot_be_cancelled(run: Run) -> None:
    cancel_run(run, by=None)
    with pytest.raises(AlreadyFinished, match="already ended"):
        cancel_run(run, by=None)


def test_resuming_takes_up_what_failed_or_was_cancelled_and_keeps_what_is_done(run: Run) -> None:
    done, failed, _ = take(run)
    finish(done, "kept")
    fail_page(failed, "no")
    cancel_run(run, by=None)
    let_leases_run_out(run)
    settle(run.pk)
    assert state_of(run) == State.CANCELLED
    run = resume_run(run, here=True)
    assert (progress(run).done, progress(run).waiting) == (1, 2)
    assert not run.is_finished
    assert not run.cancel_requested_at


def test_resuming_a_run_with_nothing_left_leaves_it_done(run: Run) -> None:
    for claim in take(run):
        finish(claim)
    Run.objects.filter(pk=run.pk).update(prepared_at=timezone.now())
    settle(run.pk)
    run.refresh_from_db()
    assert resume_run(run, here=True).state == State.DONE


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


# Slow and deadly work


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
    keep_preparation(run.pk, attempt)
    assert claim_preparation(run.pk) is None


def test_work_that_was_given_back_is_not_held_against_the_page(run: Run) -> None:
    for _ in range(2 * MAX_TRIES):
        claims = take(run)
        assert len(claims) == 3
        release(claims, State.WAITING)


def test_a_sleeper_from_before_a_resume_writes_nothing(run: Run) -> None:
    sleeper = take(run, 1)[0]
    cancel_run(run, by=None)
    let_leases_run_out(run)
    settle(run.pk)
    resume_run(run, here=True)
    successor = next(claim for claim in take(run) if claim.page_run == sleeper.page_run)
    with pytest.raises(Lost):
        finish(sleeper, "the sleeper's")
    finish(successor, "the successor's")


def test_going_on_with_a_run_does_not_withdraw_its_cancel(run: Run) -> None:
    take(run, 1)
    cancel_run(run, by=None)
    resume_run(run, here=True)
    with pytest.raises(Cancelled):
        raise_if_cancelled(run.pk)


def test_a_lease_is_kept_alive_while_long_work_is_done(settings: Settings) -> None:
    settings.SEESTOCKS_LEASE_SECONDS = 0.06
    beats: list[int] = []
    with heartbeat(lambda: beats.append(1)):
        time.sleep(0.3)
    assert len(beats) >= 3
    kept = len(beats)
    time.sleep(0.1)
    assert len(beats) == kept
