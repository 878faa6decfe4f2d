"""Telling workers that there is something to do. Rows say what; the message only says: look."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


@contextmanager
def ringing(otherwise: str) -> Iterator[None]:
    """Send a message within this: a broker that is dead is noted, with what comes of it
    `otherwise`, and nothing else fails by it."""
    try:
        yield
    except (OperationalError, OSError) as error:
        logger.warning("%s: the broker cannot be reached (%s)", otherwise, error)
