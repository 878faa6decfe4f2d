"""Jobs: who may work on one, and what becomes of it when its worker dies or is told to stop."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from ranking.actions.jobs import (
    GAVE_UP,
    MAX_TRIES,
    AlreadyFinished,
    Beat,
    abandoned_jobs,
    ask_for,
    cancel,
    resume,
    work,
)
from ranking.models import Evaluation, Kind, State, Training
from ranking.tasks import sweep
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.rows]

DONE = {"chosen": "linear", "made": {"file": "blend.json"}}


@pytest.fixture
def job() -> Training:
    return asked()


def asked(**said: Any) -> Training:
    return ask_for(Training, kind=Kind.BLEND, here=True, **said)


def at_once(_job: Training, _beat: Beat) -> dict[str, Any]:
    return DONE


def now_of(job: Training) -> Training:
    job.refresh_from_db()
    return job


def let_its_lease_run_out(job: Training) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Training.objects.filter(pk=job.pk).update(lease_until=past)


def die(_job: Training, _beat: Beat) -> None:
    """End like a killed worker: nothing more is written, and the lease runs out."""
    raise SystemExit


def killed_at(job: Training) -> None:
    with pytest.raises(SystemExit):
        work(Training, job.pk, die)
    let_its_lease_run_out(job)


# Asking


def test_the_same_form_sent_twice_asks_for_one_job() -> None:
    token = uuid.uuid4()
    assert asked(token=token) == asked(token=token)
    assert Training.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_ask_for_one_job() -> None:
    token = uuid.uuid4()
    found = together([lambda: asked(token=token).pk] * 4)
    assert found == [Training.objects.get().pk] * 4


def test_who_asks_is_kept_and_a_worker_is_rung_for(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    rung: list[tuple[str, int]] = []
    monkeypatch.setattr("ranking.tasks.work_on_job.delay", lambda *job: rung.append(job))
    tomas = make_user("taxonomists")
    token = uuid.uuid4()
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            job = ask_for(Training, by=tomas, token=token, kind=Kind.BLEND)
    assert job.asked_by == tomas
    assert rung == [("Training", job.pk)]


def test_a_broker_that_is_down_does_not_lose_the_job(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("nobody there")

    monkeypatch.setattr("ranking.tasks.work_on_job.delay", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        job = ask_for(Training, kind=Kind.BLEND)
    assert "the broker cannot be reached" in caplog.text
    assert abandoned_jobs() == [job]


# Working


def test_what_the_last_piece_returns_is_on_the_row_when_the_job_is_done(job: Training) -> None:
    assert not work(Training, job.pk, at_once)
    assert (now_of(job).state, job.chosen, job.made) == (State.DONE, "linear", DONE["made"])
    assert job.finished_at is not None
    assert job.lease_until is None


def test_a_second_bell_finds_nothing_to_do(job: Training) -> None:
    def ring_again(_job: Training, _beat: Beat) -> dict[str, Any]:
        assert not work(Training, job.pk, never)
        return DONE

    work(Training, job.pk, ring_again)
    assert not work(Training, job.pk, never)  # nor when it is over
    assert now_of(job).attempt == 1


def never(_job: Training, _beat: Beat) -> None:
    pytest.fail("the job was not free")


@pytest.mark.django_db(transaction=True)
def test_of_workers_at_the_same_moment_one_gets_the_job() -> None:
    job = asked()
    began: list[int] = []
    refused = threading.Semaphore(0)

    def piece(_job: Training, _beat: Beat) -> dict[str, Any]:
        began.append(1)
        for _ in range(3):
            assert refused.acquire(timeout=10)
        return DONE

    def worker() -> None:
        work(Training, job.pk, piece)
        refused.release()

    together([worker] * 4)
    assert began == [1]
    assert now_of(job).state == State.DONE


def test_a_job_of_many_pieces_gives_the_others_their_turn_between(job: Training) -> None:
    assert work(Training, job.pk, lambda *_: None)
    assert now_of(job).state == State.RUNNING
    assert abandoned_jobs() == [job]  # free for whoever is rung for next
    assert not work(Training, job.pk, at_once)
    assert now_of(job).state == State.DONE


def test_how_far_it_is_can_be_read_while_it_works(job: Training) -> None:
    def piece(_job: Training, beat: Beat) -> dict[str, Any]:
        beat("Fold " * 100, 3, 8)
        assert (now_of(job).stage_done, job.stage_total) == (3, 8)
        assert job.stage.startswith("Fold Fold")
        return DONE

    work(Training, job.pk, piece)
    assert now_of(job).stage == ""


def test_what_goes_wrong_is_told_and_can_be_tried_again(job: Training) -> None:
    def broken(_job: Training, _beat: Beat) -> None:
        raise ZeroDivisionError("no judgments at all")

    assert not work(Training, job.pk, broken)
    assert (now_of(job).state, job.error) == (State.FAILED, "no judgments at all")
    resume(job, here=True)
    work(Training, job.pk, at_once)
    assert (now_of(job).state, job.error) == (State.DONE, "")


# Lost workers


def test_a_lost_workers_job_is_taken_over_and_the_first_writes_nothing(job: Training) -> None:
    def sleep_through_the_lease(_job: Training, beat: Beat) -> dict[str, Any]:
        let_its_lease_run_out(job)
        work(Training, job.pk, at_once)
        return {"chosen": "the sleeper's"}

    assert not work(Training, job.pk, sleep_through_the_lease)
    assert (now_of(job).state, job.chosen, job.attempt) == (State.DONE, "linear", 2)


def test_a_sleeper_hears_at_its_next_beat_that_it_was_replaced(job: Training) -> None:
    heard: list[str] = []

    def sleeper(_job: Training, beat: Beat) -> None:
        let_its_lease_run_out(job)
        work(Training, job.pk, lambda *_: None)
        beat("too late", 1, 2)
        heard.append("went on")

    work(Training, job.pk, sleeper)
    assert heard == []
    assert now_of(job).stage == ""


def test_a_job_that_was_cancelled_and_resumed_does_not_listen_to_its_first_worker(
    job: Training,
) -> None:
    def sleeper(_job: Training, _beat: Beat) -> dict[str, Any]:
        let_its_lease_run_out(job)
        cancel(job)
        resume(job, here=True)
        return {"chosen": "the sleeper's"}

    work(Training, job.pk, sleeper)
    assert (now_of(job).state, job.chosen) == (State.WAITING, "")


def test_a_job_that_keeps_killing_its_worker_is_given_up_with_a_sentence(job: Training) -> None:
    for _ in range(MAX_TRIES):
        killed_at(job)
    assert not work(Training, job.pk, never)
    assert (now_of(job).state, job.error, job.stage) == (State.FAILED, GAVE_UP, "")
    resume(job, here=True)  # whoever mended the cause
    work(Training, job.pk, at_once)
    assert now_of(job).state == State.DONE


def test_pieces_that_end_well_are_no_tries(job: Training) -> None:
    for _ in range(MAX_TRIES + 1):
        assert work(Training, job.pk, lambda *_: None)
    killed_at(job)
    assert not work(Training, job.pk, at_once)
    assert now_of(job).state == State.DONE


def test_a_worker_that_is_told_to_stop_gives_the_job_back_and_it_is_no_try(job: Training) -> None:
    for _ in range(MAX_TRIES + 1):
        assert not work(Training, job.pk, lambda _, beat: beat("Fold", 1, 2), lambda: True)
    assert (now_of(job).state, job.lease_until, job.tries) == (State.RUNNING, None, 0)
    work(Training, job.pk, at_once)
    assert now_of(job).state == State.DONE


# Cancelling and going on


def test_a_job_that_waits_is_cancelled_at_once(job: Training) -> None:
    cancel(job)
    assert job.state == State.CANCELLED
    assert not work(Training, job.pk, never)


def test_a_job_at_work_stops_when_its_worker_looks_up(job: Training) -> None:
    def piece(_job: Training, beat: Beat) -> None:
        cancel(job)
        assert job.state == State.RUNNING
        beat("Fold", 1, 2)
        pytest.fail("it went on")

    assert not work(Training, job.pk, piece)
    assert (now_of(job).state, job.stage) == (State.CANCELLED, "")


def test_a_job_is_cancelled_between_two_pieces(job: Training) -> None:
    work(Training, job.pk, lambda *_: None)
    cancel(job)
    assert job.state == State.CANCELLED


def test_a_job_whose_worker_died_after_the_cancelling_is_cancelled_by_the_next(
    job: Training,
) -> None:
    def cancelled_then_killed(its: Training, beat: Beat) -> None:
        cancel(job)
        die(its, beat)

    with pytest.raises(SystemExit):
        work(Training, job.pk, cancelled_then_killed)
    let_its_lease_run_out(job)
    assert not work(Training, job.pk, never)
    assert now_of(job).state == State.CANCELLED


def test_what_has_ended_cannot_be_cancelled(job: Training) -> None:
    work(Training, job.pk, at_once)
    with pytest.raises(AlreadyFinished, match="has already ended"):
        cancel(job)


def test_a_cancelled_job_goes_on_when_it_is_resumed(
    job: Training,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    rung: list[tuple[str, int]] = []
    monkeypatch.setattr("ranking.tasks.work_on_job.delay", lambda *job: rung.append(job))
    cancel(job)
    with django_capture_on_commit_callbacks(execute=True):
        resume(job)
    assert rung == [("Training", job.pk)]
    work(Training, job.pk, at_once)
    assert (now_of(job).state, job.cancel_requested_at) == (State.DONE, None)


def test_a_job_that_is_done_or_at_work_is_not_resumed(
    job: Training,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    rung: list[object] = []
    monkeypatch.setattr("ranking.tasks.work_on_job.delay", lambda *job: rung.append(job))
    work(Training, job.pk, at_once)
    with django_capture_on_commit_callbacks(execute=True):
        resume(job)
    assert now_of(job).state == State.DONE
    assert rung == []


# The sweep


def test_the_sweeper_rings_for_what_nobody_holds(
    job: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[tuple[str, int]] = []
    monkeypatch.setattr("ranking.tasks._letters_wait", lambda _: False)
    monkeypatch.setattr("ranking.tasks.work_on_job.delay", lambda *job: rung.append(job))
    evaluation = ask_for(Evaluation, here=True)
    ended = asked()
    work(Training, ended.pk, at_once)

    def sweep_meanwhile(_job: Training, _beat: Beat) -> None:
        sweep()

    work(Training, job.pk, sweep_meanwhile)
    assert rung == [("Evaluation", evaluation.pk)]  # the training was held
    rung.clear()
    killed_at(job)
    sweep()
    assert rung == [("Training", job.pk), ("Evaluation", evaluation.pk)]


def together(calls: list[Callable[[], Any]]) -> list[Any]:
    """Return what the calls return when threads make them at the same moment."""
    gate = threading.Barrier(len(calls))
    found: list[Any] = []

    def one(call: Callable[[], Any]) -> None:
        gate.wait(10)
        found.append(call())
        connections.close_all()

    threads = [threading.Thread(target=one, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
