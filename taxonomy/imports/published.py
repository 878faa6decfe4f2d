"""A taxonomy at a published address."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from taxonomy.imports.lines import BOM
from taxonomy.imports.rejects import Unreadable

BYTE_LIMIT = 32 << 20
SECONDS = 60.0


def is_address(source: str) -> bool:
    """Say whether the source is to be fetched rather than opened."""
    return source.startswith(("http://", "https://"))


@contextmanager
def published(address: str) -> Iterator[io.BytesIO]:
    """Yield what lies at an address; raises `Unreadable` where nothing usable does.

    The address is an administrator's, who may well mean a host of their own network.
    """
    try:
        content = _fetched(address)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreadable(f"{address} could not be fetched: {error}.") from error
    yield io.BytesIO(content.removeprefix(BOM))


def _fetched(address: str) -> bytes:
    ends = time.monotonic() + SECONDS
    content = bytearray()
    with (
        httpx.Client(follow_redirects=True, max_redirects=3, timeout=10) as client,
        client.stream("GET", address) as response,
    ):
        response.raise_for_status()
        for part in response.iter_bytes():
            content += part
            if len(content) > BYTE_LIMIT or time.monotonic() > ends:
                raise Unreadable(f"{address} sends too much, or too slowly, for a taxonomy.")
    return bytes(content)
