"""A scratch installation with real processes, for tests that kill them."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Installation:
    """A folder, a database and a broker of its own, and commands run against them."""

    environment: Mapping[str, str]

    def manage(self, *arguments: str) -> str:
        """Return what `manage.py` with these arguments prints. Raises CalledProcessError."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def figures(self, *arguments: str) -> Any:
        """Return what the command prints with --json."""
        return json.loads(self.manage(*arguments, "--json"))

    def ask(self, expression: str) -> Any:
        """Return the value of a Python expression in the installation's shell, through JSON."""
        return self.ask_script(f"print(json.dumps({expression}))")

    def ask_script(self, script: str) -> Any:
        """Return what a script in the installation's shell prints as JSON; json is imported."""
        return json.loads(self.manage("shell", "-v", "0", "-c", f"import json\n{script}"))

    def select(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query, read beside the processes at work and at once."""
        if url := self.environment.get("DATABASE_URL"):
            import psycopg

            with psycopg.connect(url) as postgresql:
                return postgresql.execute(query.encode()).fetchall()
        file = Path(self.environment["SEESTOCKS_DATA"]) / "db.sqlite3"
        with closing(sqlite3.connect(file, timeout=20)) as connection:
            return connection.execute(query).fetchall()

    def start_worker(self, log: Path) -> subprocess.Popen[bytes]:
        """Start the batch worker as the product starts it."""
        return self.start("batch", log)

    def start(self, name: str, log: Path, port: int = 0) -> subprocess.Popen[bytes]:
        """Start "web", "interactive", "batch" or "learning" as the product starts it."""
        from seestocks.processes import commands

        program, *arguments = commands(port)[name]
        with log.open("ab") as file:
            return subprocess.Popen(
                [str(Path(sys.executable).parent / program), *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )


@contextmanager
def installation(folder: Path, **settings: str) -> Iterator[Installation]:
    """Give an empty installation below the folder; on PostgreSQL, in a database of its own."""
    environment = os.environ | {
        "SEESTOCKS_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "seestocks.settings",
        "HF_HUB_OFFLINE": "1",
        **settings,
    }
    server = os.environ.get("DATABASE_URL")
    if not server:
        yield _migrated(environment)
        return
    import psycopg

    name = f"seestocks_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield _migrated(
                environment | {"DATABASE_URL": urlsplit(server)._replace(path=f"/{name}").geturl()}
            )
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _migrated(environment: Mapping[str, str]) -> Installation:
    made = Installation(environment)
    made.manage("migrate", "-v", "0")
    return made


def free_port() -> int:
    """Return the number of a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and all it started, without a chance to tidy up."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(condition: Any, patience: float = 60.0) -> None:
    """Return when the condition holds. Raises TimeoutError."""
    deadline = monotonic() + patience
    while not condition():
        if monotonic() > deadline:
            raise TimeoutError
        sleep(0.02)
