"""The broker in a folder: what is put is taken once and whole, whoever looks at the same time."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Empty

from kombu import Connection

from seestocks.broker import Channel

MESSAGES = 300


def channel(folder: Path) -> Channel:
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
    }
    opened = Connection("filesystem://localhost", transport_options=options).channel()
    assert isinstance(opened, Channel)
    return opened


def test_messages_come_out_in_the_order_they_went_in(tmp_path: Path) -> None:
    broker = channel(tmp_path)
    for number in range(3):
        broker._put("batch", {"number": number})
    assert [broker._get("batch")["number"] for _ in range(3)] == [0, 1, 2]


def test_a_queue_gets_its_own_messages_alone(tmp_path: Path) -> None:
    broker = channel(tmp_path)
    broker._put("batch", {"for": "batch"})
    broker._put("interactive", {"for": "interactive"})
    assert broker._get("interactive") == {"for": "interactive"}


def test_two_readers_beside_a_writer_get_every_message_once_and_whole(tmp_path: Path) -> None:
    taken: list[int] = []
    written = threading.Event()

    def read() -> None:
        broker = channel(tmp_path)
        while True:
            done = written.is_set()
            try:
                taken.append(broker._get("batch")["number"])
            except Empty:
                if done:
                    return

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    writer = channel(tmp_path)
    for number in range(MESSAGES):
        writer._put("batch", {"number": number, "body": "x" * 10_000})
    written.set()
    for reader in readers:
        reader.join()
    assert sorted(taken) == list(range(MESSAGES))
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_queues_bound_at_the_same_time_are_all_in_the_table(tmp_path: Path) -> None:
    def bind(number: int) -> None:
        channel(tmp_path)._queue_bind("news", "", "", f"queue-{number}")

    binders = [threading.Thread(target=bind, args=(number,)) for number in range(12)]
    for binder in binders:
        binder.start()
    for binder in binders:
        binder.join()
    table = channel(tmp_path).get_table("news")
    assert {binding.queue for binding in table} == {f"queue-{number}" for number in range(12)}
