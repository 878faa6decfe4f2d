"""The processes of an installation, with stand-ins that sleep: who is started, kept and ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ranking.models import Run
from seestocks.management.commands import demo
from seestocks.processes import Processes, commands
from tests.ranking.rankings import make_run

SLEEP = "import time; time.sleep(60)"
# As a worker with its beat: it starts a second process, and writes down both.
WITH_CHILD = f"""
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {SLEEP!r}])
draft = pathlib.Path("PIDS.new")
draft.write_text(f"{{os.getpid()}} {{child.pid}}")
draft.replace("PIDS")
time.sleep(60)
"""


@pytest.fixture
def pids(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the interactive worker writes its number and its child's."""
    settings.DATA = tmp_path
    file = tmp_path / "pids"
    sleeper = ["python", "-c", SLEEP]
    interactive = ["python", "-c", WITH_CHILD.replace("PIDS", str(file))]
    stand_ins = {"web": sleeper, "interactive": interactive, "batch": sleeper}
    monkeypatch.setattr("seestocks.processes.commands", lambda _: stand_ins)
    monkeypatch.setattr("seestocks.processes.raise_if_taken", lambda _: None)
    return file


def test_a_killed_worker_is_started_again_and_leaves_nothing_behind(pids: Path) -> None:
    with Processes(0):
        worker, child = numbers(pids)
        pids.unlink()
        os.kill(worker, signal.SIGKILL)
        again = numbers(pids)
        assert again[0] != worker
        until(lambda: not runs(child))
    until(lambda: not any(map(runs, again)))


def test_what_learns_lets_the_others_go_first(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA = tmp_path
    sleeper = ["python", "-c", SLEEP]
    stand_ins = {"web": sleeper, "batch": sleeper, "learning": sleeper}
    monkeypatch.setattr("seestocks.processes.commands", lambda _: stand_ins)
    monkeypatch.setattr("seestocks.processes.raise_if_taken", lambda _: None)
    with Processes(0) as processes:
        waits = {
            name: os.getpriority(os.PRIO_PROCESS, process.pid)
            for name, process in processes._running.items()
        }
    assert waits["web"] == waits["batch"] < waits["learning"]


def test_every_queue_has_a_worker(settings: Settings) -> None:
    queues = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    served = {line[line.index("--queues") + 1] for line in commands(0).values() if "celery" in line}
    assert served == queues | {settings.CELERY_TASK_DEFAULT_QUEUE}


@pytest.fixture
def _signals() -> Iterator[None]:
    """Give the test's own process its handlers back."""
    before = {word: signal.getsignal(word) for word in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for word, handler in before.items():
        signal.signal(word, handler)


@pytest.mark.usefixtures("_signals")
@pytest.mark.parametrize("word", [signal.SIGTERM, signal.SIGHUP])
def test_a_closed_terminal_ends_the_demo_as_ctrl_c_does(
    word: signal.Signals, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "raise_if_taken", lambda _: os.kill(os.getpid(), word))
    call_command("demo")
    assert "Stopped." in capsys.readouterr().out


@pytest.mark.django_db
def test_a_run_that_somebody_cancels_leaves_the_demo_open(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run: Run = make_run("running")

    def cancelled(*_: object, **__: object) -> None:
        raise CommandError(f"Run {run.pk} cancelled.")

    monkeypatch.setattr(demo, "call_command", cancelled)
    demo.Command()._rank()
    assert f"Run {run.pk} cancelled." in capsys.readouterr().err


def numbers(pids: Path) -> tuple[int, int]:
    until(pids.exists)
    worker, child = map(int, pids.read_text().split())
    return worker, child


def runs(pid: int) -> bool:
    """Whether a process is there and not only waits to be looked after."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def until(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + 20
    while not condition():
        assert monotonic() < deadline
        sleep(0.05)
