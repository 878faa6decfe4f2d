"""The processes of one installation on one machine: the web server and the workers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from types import TracebackType
from typing import Self

import httpx
from django.conf import settings

HOST = "127.0.0.1"
PATIENT = "learning"  # it lets the others go first, where there are fewer cores than work
BEHIND = 10  # by so much
GRACE = 10.0  # seconds to end in before a process is killed; the ledger loses nothing by it


class PortTakenError(Exception):
    """Another program listens on the port."""


class StoppedError(Exception):
    """A process ended by itself; the message names it and where its words are."""


def commands(port: int) -> dict[str, list[str]]:
    """Return the command line of each process, by name."""
    web = ["granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    web += ["--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning"]
    worker = ["celery", "--app", "seestocks", "--quiet", "worker", "--pool", "solo"]
    worker += ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    return {
        "web": [*web, "seestocks.wsgi:application"],
        "interactive": [*worker, "--queues", "interactive", "--hostname", "interactive@%h", "-B"],
        "batch": [*worker, "--queues", "batch", "--hostname", "batch@%h"],
        "learning": [*worker, "--queues", "learning", "--hostname", "learning@%h"],
    }


class Processes:
    """The processes as a context: started on entry, all of them stopped on exit."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.logs: Path = settings.DATA / "logs"
        self._commands = commands(port)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._ending = Event()
        self._watcher = Thread(target=self._keep_workers, daemon=True)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}/"

    def __enter__(self) -> Self:
        raise_if_taken(self.port)
        self.logs.mkdir(exist_ok=True)
        try:
            for name in self._commands:
                self._start(name)
            self._watcher.start()
        except BaseException:  # Ctrl-C too: what was started by then must not be left behind
            self._tell(signal.SIGKILL)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ending.set()
        self._watcher.join()
        self._tell(signal.SIGTERM)
        deadline = monotonic() + GRACE
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - monotonic()))
        self._tell(signal.SIGKILL)

    def wait_for_web(self, patience: float = 30.0) -> None:
        """Return when the web server answers. Raises StoppedError."""
        deadline = monotonic() + patience
        while monotonic() < deadline:
            self.check()
            with suppress(httpx.TransportError):
                httpx.get(self.address, trust_env=False, timeout=5)
                return
            sleep(0.1)
        raise StoppedError(f"The web server does not answer; see {self.logs / 'web.log'}.")

    def check(self) -> None:
        """Raise StoppedError when the web server has ended by itself."""
        if self._running["web"].poll() is not None:
            raise StoppedError(f"The web server has stopped; see {self.logs / 'web.log'}.")

    def _keep_workers(self) -> None:
        """Start a worker again that died, until all is to end."""
        while not self._ending.wait(1):
            for name, process in self._running.items():
                if name != "web" and process.poll() is not None:
                    _tell(process, signal.SIGKILL)  # the beat that the dead one left behind
                    self._start(name)

    def _start(self, name: str) -> None:
        program, *arguments = self._commands[name]
        with (self.logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603  our own command lines
                [str(Path(sys.executable).parent / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=settings.BASE_DIR,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for us; we tell the children
            )
        if name == PATIENT:
            own = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, self._running[name].pid, min(19, own + BEHIND))

    def _tell(self, word: signal.Signals) -> None:
        for process in self._running.values():
            _tell(process, word)


def raise_if_taken(port: int) -> None:
    """Raise PortTakenError if another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise PortTakenError(
                f"Port {port} is taken by another program: stop it, or choose another port"
                f" with `make demo PORT={port + 1}`."
            ) from None


def _tell(process: subprocess.Popen[bytes], word: signal.Signals) -> None:
    """Send the signal to the process and to all it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, word)


def _environment() -> Mapping[str, str]:
    return os.environ | {"SEESTOCKS_DATA": str(settings.DATA), "HF_HUB_OFFLINE": "1"}
