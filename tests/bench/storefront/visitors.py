"""Visitors of a shop: requests over a few connections kept open, as fast as they are answered.

A program of its own, so that the server's process is the server's: reads what to do from its
first argument, and writes what was seen as JSON.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import monotonic

from tests.bench.storefront.verdict import Reply, telling


@dataclass(frozen=True)
class Errand:
    """What the visitors do."""

    port: int
    token: str
    pages: list[int]
    requests: int  # at least
    connections: int = 8
    knowing: float = 0.0  # the share of requests that name what was seen before
    until: str = ""  # they go on until this file is there


@dataclass
class Crowd:
    """What is seen, by all of them together."""

    errand: Errand
    seen: list[tuple[Reply, bytes]] = field(default_factory=list)
    bodies: dict[bytes, bytes] = field(default_factory=dict)  # each once
    known: dict[int, str] = field(default_factory=dict)  # page → the ETag seen last

    @property
    def is_over(self) -> bool:
        waits = self.errand.until and not Path(self.errand.until).exists()
        return len(self.seen) >= self.errand.requests and not waits

    async def visit(self, number: int) -> None:
        """Ask for pages over one connection until all is over."""
        chance = random.Random(number)  # noqa: S311  nothing secret
        reader, writer = await asyncio.open_connection("127.0.0.1", self.errand.port)
        while not self.is_over:
            page = chance.choice(self.errand.pages)
            tag = self.known.get(page, "") if chance.random() < self.errand.knowing else ""
            sent = monotonic()
            writer.write(self._request(page, tag))
            status, etag, body = await _answer(reader)
            got, body = monotonic(), self.bodies.setdefault(body, body)
            self.seen.append((Reply(page, sent, got, status, etag, "", tag), body))
            self.known[page] = etag
        writer.close()

    def _request(self, page: int, tag: str) -> bytes:
        lines = [
            f"GET /api/pages/{page}/ranking?limit=200 HTTP/1.1",
            "Host: localhost",
            f"Authorization: Token {self.errand.token}",
            *([f"If-None-Match: {tag}"] if tag else []),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def replies(self) -> list[Reply]:
        """Return what was seen with what each body tells: read when all is over, since reading
        takes longer than being answered."""
        told = {body: telling(body) if body else "" for body in self.bodies}
        return [replace(reply, content=told[body]) for reply, body in self.seen]


async def _answer(reader: asyncio.StreamReader) -> tuple[int, str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    status = int(first.split(" ")[1])
    length = 0 if status == 304 else int(headers.get("content-length", "0"))
    return status, headers.get("etag", ""), await reader.readexactly(length)


async def _all(crowd: Crowd) -> None:
    await asyncio.gather(*(crowd.visit(number) for number in range(crowd.errand.connections)))


def main() -> None:
    crowd = Crowd(Errand(**json.loads(sys.argv[1])))
    asyncio.run(_all(crowd))
    json.dump([asdict(reply) for reply in crowd.replies()], sys.stdout)
