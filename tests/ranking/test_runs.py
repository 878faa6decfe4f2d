"""What people do to runs: start, cancel and go on with them."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from judgments.models import Agreement, Judgment, Measurement
from judgments.queries.truth import rule_now
from ranking.actions import (
    AlreadyFinished,
    NotABranch,
    NotAPage,
    NothingToRank,
    cancel_run,
    resume_run,
    start_run,
)
from ranking.actions.ledger import (
    Cancelled,
    Lost,
    fail_page,
    raise_if_cancelled,
    release,
    settle,
)
from ranking.models import Run, State
from ranking.queries.inputs import judged_for, load_judged
from ranking.queries.ledger import abandoned_runs, progress
from tests.factories import make_category, make_judgment, make_product, make_user
from tests.ranking.work import finish, let_leases_run_out, state_of, take

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


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
    Run.objects.filter(pk=run.pk).update(prepared_at=timezone.now(), measured_at=timezone.now())
    settle(run.pk)
    run.refresh_from_db()
    assert resume_run(run, here=True).state == State.DONE


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


def test_a_run_keeps_the_rule_and_the_weights_of_its_start(settings: Settings) -> None:
    """Whoever is measured, judges or sets another rule later: a resumed run ends the same."""
    page, product = make_category(is_page=True), make_product()
    ann, bob = (make_judgment(page, product, grade, who) for grade, who in ((3, "Ann"), (0, "Bob")))
    settings.SEESTOCKS_TRUTH = "weighted"
    reliable(ann, 0.9)
    run = start_run(here=True)
    reliable(ann, 0.05)
    settings.SEESTOCKS_TRUTH = "median"
    make_judgment(page, product, 1, "Cem")
    run.refresh_from_db()
    then, now = judged_for(run), load_judged()
    assert run.settings["truth"]["rule"] == "weighted"
    assert (then.grades.tolist(), now.grades.tolist()) == ([0.0], [1.0])
    assert then.weights.tolist() == pytest.approx([1.9])
    assert now.weights.tolist() == pytest.approx([2.05])
    assert bob.annotator_id not in rule_now().reliabilities


def reliable(judgment: Judgment, alpha: float) -> None:
    """Have it measured that whoever judged agrees with others so far."""
    measured = Measurement.objects.create(judgments_until=0, finished_at=timezone.now())
    Agreement.objects.create(
        measurement=measured,
        scope="person",
        annotator=judgment.annotator,
        coefficient=alpha,
        items=9,
        judgments=9,
    )


def test_a_run_of_old_goes_on_with_the_median() -> None:
    page, product = make_category(is_page=True), make_product()
    for grade, who in ((3, "Ann"), (0, "Bob"), (2, "Cem")):
        make_judgment(page, product, grade, who)
    run = start_run(here=True)
    Run.objects.filter(pk=run.pk).update(settings={"judgments_until": 10**9})
    run.refresh_from_db()
    assert judged_for(run).grades.tolist() == [2.0]


# What is ranked


def test_a_run_of_a_branch_has_the_pages_at_and_below_it() -> None:
    top = make_category("Top", is_page=True)
    below = make_category("Below", parent=top, is_page=True)
    make_category("Beside", is_page=True)
    make_category("Below, but no page", parent=top)
    run = start_run(branch=top.pk, here=True)
    assert run.branch == top
    assert set(run.page_runs.values_list("page", flat=True)) == {top.pk, below.pk}


def test_a_branch_without_pages_and_one_that_is_not_there_are_told_apart() -> None:
    bare = make_category("Bare")
    make_category(is_page=True)
    with pytest.raises(NothingToRank, match="No page is switched on in Bare"):
        start_run(branch=bare.pk, here=True)
    with pytest.raises(NotABranch, match="There is no category 424242"):
        start_run(branch=424242, here=True)
    assert not Run.objects.exists()


def test_a_second_try_of_what_failed_leaves_what_was_cancelled(run: Run) -> None:
    done, failed, _ = take(run)
    finish(done, "kept")
    fail_page(failed, "no")
    cancel_run(run, by=None)
    let_leases_run_out(run)
    settle(run.pk)
    run = resume_run(run, only_failed=True, here=True)
    assert (progress(run).done, progress(run).waiting, progress(run).cancelled) == (1, 1, 1)
