"""Celery's broker in a folder, made safe for several processes.

Kombu's own transport lets a reader see a message, or a table of queues, that is still being
written: the reader takes an empty file for a broken message and stops. Here a message appears
under its name only when it is whole, and the tables are read and changed under one lock.
"""

from __future__ import annotations

import fcntl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """Messages as files, each written and taken in one step."""

    def _put(self, queue: str, message: Any, **_: Any) -> None:  # type: ignore[override]  # kombu's two differ
        name = f"{time_ns()}_{uuid.uuid4()}.{queue}.msg"
        draft = Path(self.data_folder_out) / f".{name}"
        draft.write_text(dumps(message))
        draft.replace(draft.with_name(name))

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002  kombu's
        folder = Path(self.data_folder_in)
        for message in sorted(folder.glob("[!.]*.msg")):
            if message.name.partition(".")[2] != f"{queue}.msg":
                continue
            try:
                taken = message.rename(message.with_name(f".taken-{message.name}"))
            except FileNotFoundError:  # another worker was quicker
                continue
            payload = taken.read_text()
            taken.unlink()
            return loads(payload)
        raise Empty

    def get_table(self, exchange: str) -> Any:
        with self._tables():
            return super().get_table(exchange)

    def _queue_bind(self, *binding: Any) -> None:
        with self._tables():
            super()._queue_bind(*binding)

    def _delete(self, *binding: Any, **named: Any) -> None:
        with self._tables():
            super()._delete(*binding, **named)

    @contextmanager
    def _tables(self) -> Iterator[None]:
        self.control_folder.mkdir(parents=True, exist_ok=True)
        with (self.control_folder / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    """The folder as a broker; `filesystem://` means this one from here on."""

    Channel = Channel


def use() -> None:
    """Let Celery take this transport for `filesystem://`."""
    TRANSPORT_ALIASES["filesystem"] = "seestocks.broker:Transport"
