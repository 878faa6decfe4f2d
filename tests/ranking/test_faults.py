"""What goes wrong in mid-run: each ends in a state that its page tells the truth about, nothing is
lost, and the run can go on and ends as if nothing had happened.

Workers that are killed, as real processes, are in `test_kill`.
"""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from ranking.actions import cancel_run, resume_run, start_run
from ranking.actions.ledger import claim_pages, claim_preparation
from ranking.actions.rank import work
from ranking.models import Run, State
from ranking.pipeline.data import PageRanking
from ranking.queries.inputs import Snapshot, snapshot
from ranking.queries.ledger import abandoned_runs, progress
from ranking.tasks import sweep
from taxonomy.models import Category, Product
from tests.encoders import WordEncoder
from tests.factories import make_product
from tests.ranking.conftest import text_of
from tests.ranking.shops import carried, change, finish, make_shop, told
from tests.ranking.work import let_leases_run_out

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    settings.SEESTOCKS_PAGE_SIZE = 1
    monkeypatch.setattr("ranking.actions.prepare.the_encoder", lambda *_: WordEncoder())
    snapshot.cache_clear()


@pytest.fixture
def pages() -> list[Category]:
    return make_shop()


@pytest.fixture
def undisturbed(pages: list[Category]) -> dict[int, list[tuple[object, ...]]]:
    """What a run says to which nothing happens."""
    return told(finish(start_run(here=True)))


# A full disk


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_is_full_while_vectors_are_written_loses_nothing(
    merchandiser: Client,
    pages: list[Category],
    undisturbed: dict[int, list[tuple[object, ...]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for page in pages:
        make_product(f"a stranger of {page.pk}")
    with monkeypatch.context() as patch:
        patch.setattr("ranking.vectors._write_at", full_disk)
        run = finish(start_run(here=True))
    assert run.state == State.FAILED
    assert progress(run).failed == len(pages)
    said = text_of(merchandiser, f"/runs/{run.pk}/")
    assert "The run could not be prepared: [Errno 28] No space left on device" in said
    assert "Go on with the rest" in said
    Product.objects.filter(title__startswith="a stranger").delete()
    again = finish(resume_run(run, here=True))
    assert again.state == State.DONE
    assert told(again) == undisturbed


def test_a_disk_that_is_full_while_what_was_learned_is_written_is_told(
    pages: list[Category],
    undisturbed: dict[int, list[tuple[object, ...]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("ranking.actions.prepare.write_whole", full_disk)
        run = finish(start_run(here=True))
    assert run.state == State.FAILED
    assert "No space left on device" in run.error
    assert told(finish(resume_run(run, here=True))) == undisturbed


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if os.getuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("Only who may mount a tmpfs has a disk that is really full.")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_disk_that_is_really_full_ends_the_run_and_with_room_it_goes_on(
    pages: list[Category],
    undisturbed: dict[int, list[tuple[object, ...]]],
    small_disk: Path,
    settings: Settings,
) -> None:
    settings.DATA = small_disk
    filler = small_disk / "filler"
    filler.write_bytes(bytes(56 * 1024))
    run = finish(start_run(here=True))
    assert run.state == State.FAILED
    assert "No space left on device" in run.error
    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    again = finish(resume_run(run, here=True))
    assert again.state == State.DONE
    assert told(again) == undisturbed


# The broker


def test_a_run_started_while_the_broker_is_down_waits_says_so_and_is_rung_for_later(
    merchandiser: Client,
    pages: list[Category],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("nobody there")

    with monkeypatch.context() as patch, django_capture_on_commit_callbacks(execute=True):
        patch.setattr("ranking.tasks.work_on_run.delay", refuse)
        run = start_run()
    assert "Waiting for a worker to begin" in text_of(merchandiser, f"/runs/{run.pk}/")
    assert run in abandoned_runs()
    rung: list[int] = []
    monkeypatch.setattr("ranking.tasks._letters_wait", lambda _: False)
    monkeypatch.setattr("ranking.tasks.work_on_run.delay", rung.append)
    sweep()
    assert rung == [run.pk]
    assert finish(run).state == State.DONE


# Cancelled, retired, killed


def in_mid_page(monkeypatch: pytest.MonkeyPatch, page: Category, happens: object) -> None:
    """Let something happen once, while a worker is ranking this page."""
    rank = Snapshot.rank
    left = [happens]

    def ranked(self: Snapshot, pages: Sequence[int]) -> Iterator[PageRanking]:
        for ranking in rank(self, pages):
            if ranking.page == page.pk and left:
                left.pop()()  # type: ignore[operator]  # whatever happens
            yield ranking

    monkeypatch.setattr(Snapshot, "rank", ranked)


def test_a_run_cancelled_in_mid_page_keeps_that_page_and_goes_on_later(
    merchandiser: Client,
    pages: list[Category],
    undisturbed: dict[int, list[tuple[object, ...]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = start_run(here=True)
    in_mid_page(monkeypatch, pages[2], lambda: cancel_run(run, by=None))
    run = finish(run)
    assert run.state == State.CANCELLED
    assert (progress(run).done, progress(run).cancelled) == (3, 3)
    assert "3 cancelled" in text_of(merchandiser, f"/runs/{run.pk}/")
    again = finish(resume_run(run, here=True))
    assert again.state == State.DONE
    assert told(again) == undisturbed


def test_a_category_retired_in_mid_run_fails_alone_and_trying_again_harms_nothing(
    merchandiser: Client, pages: list[Category]
) -> None:
    run = start_run(here=True)
    work(run.pk)  # prepared
    Category.objects.filter(pk=pages[1].pk).update(retired_at=timezone.now())
    run = finish(run)
    assert run.state == State.DONE
    assert (progress(run).done, progress(run).failed) == (5, 1)
    assert "The category was retired." in text_of(merchandiser, f"/runs/{run.pk}/?state=failed")
    ranked = told(run)
    again = finish(resume_run(run, only_failed=True, here=True))
    assert again.state == State.DONE
    assert told(again) == ranked


def test_only_what_failed_is_tried_again(
    pages: list[Category], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start_run(here=True)
    in_mid_page(monkeypatch, pages[2], lambda: cancel_run(run, by=None))
    run = finish(run)
    run.page_runs.filter(page=pages[5]).update(state=State.FAILED, error="no")
    again = finish(resume_run(run, only_failed=True, here=True))
    assert again.state == State.CANCELLED  # the two that nobody asked for again
    assert (progress(again).done, progress(again).failed, progress(again).cancelled) == (4, 0, 2)


def test_a_command_too_tries_again_only_what_failed(
    pages: list[Category], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start_run(here=True)
    in_mid_page(monkeypatch, pages[2], lambda: cancel_run(run, by=None))
    run = finish(run)
    run.page_runs.filter(page=pages[5]).update(state=State.FAILED, error="no")
    with pytest.raises(CommandError, match="cancelled"):
        call_command("rank", "--resume", str(run.pk), "--only-failed", "--here", stdout=StringIO())
    count = progress(run)
    assert (count.done, count.failed, count.cancelled) == (4, 0, 2)
    with pytest.raises(CommandError, match="--resume"):
        call_command("rank", "--only-failed")


def test_a_worker_that_dies_while_it_carries_pages_over_leaves_them_to_the_next(
    pages: list[Category],
) -> None:
    before = finish(start_run(here=True))
    run = start_run(incremental=True, here=True)
    claim_preparation(run.pk)  # and dies
    let_leases_run_out(run)
    run = finish(run)
    assert len(carried(run)) == len(pages)
    assert told(run) == told(before)


def test_a_worker_that_dies_with_a_page_that_is_to_be_carried_leaves_it_to_the_next(
    pages: list[Category],
) -> None:
    finish(start_run(here=True))
    change(Product.objects.order_by("id")[0], price=77)
    run = start_run(incremental=True, here=True)
    work(run.pk)  # prepared: pages are looked at one by one
    claim_pages(run.pk, 10)  # and dies
    let_leases_run_out(run)
    run = finish(run)
    assert run.state == State.DONE
    assert 0 < len(carried(run)) < len(pages)
    assert max(run.page_runs.values_list("attempt", flat=True)) == 2


def test_a_base_whose_files_are_gone_is_no_base(pages: list[Category], settings: Settings) -> None:
    before = finish(start_run(here=True))
    (settings.DATA / "models" / before.blend["norms"]).unlink()
    run: Run = start_run(incremental=True, here=True)
    assert run.base is None
    assert "files of what was learned are gone" in run.settings["anew"]
    assert finish(run).state == State.DONE
