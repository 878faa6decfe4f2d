"""Keep a lease alive while long work is done: a model that loads gives no sign of life itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)


@contextmanager
def heartbeat(beat: Callable[[], None]) -> Iterator[None]:
    """Call `beat` three times a lease from a thread of its own, for as long as the body works.

    It ends with the process: a worker that dies, or is put to sleep, lets its lease run out.
    """
    over = Event()
    thread = Thread(target=_beat_until, args=(over, beat), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat_until(over: Event, beat: Callable[[], None]) -> None:
    while not over.wait(settings.SEESTOCKS_LEASE_SECONDS / 3):
        try:
            beat()
        except DatabaseError:  # the next beat comes before the lease is over
            logger.warning("a heartbeat was missed", exc_info=True)
    connection.close()
