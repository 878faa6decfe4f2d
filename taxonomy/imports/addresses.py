"""What lies at an address on the public internet, fetched with limits on everything.

Each redirect is checked for inner networks like the address itself.
"""

from __future__ import annotations

import time
from typing import Self

import httpcore
import httpx

from taxonomy.imports.pictures import BYTE_LIMIT, PictureRefused
from taxonomy.public_network import NotPublic, PublicNetwork

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 3.0, 5.0, 15.0
REDIRECTS = 3
UNANSWERED = "The picture's host did not answer in time."
TOO_LARGE = f"The picture is larger than {BYTE_LIMIT >> 20} MB."
# No compression: what is counted is what comes.
HEADERS = [("User-Agent", "SeeStocks"), ("Accept", "image/*"), ("Accept-Encoding", "identity")]


class Unanswered(Exception):
    """A host that cannot be reached, or is too slow."""


class Fetcher:
    """Fetches pictures one after the other, never from inner networks, never by a proxy."""

    def __init__(self) -> None:
        self._network = PublicNetwork()
        self._pool = httpcore.ConnectionPool(
            network_backend=self._network, max_connections=10, keepalive_expiry=5
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def fetch(self, address: str) -> bytes:
        """Return what lies at the address; raises `Unanswered` and `PictureRefused`."""
        self._network.deadline = time.monotonic() + TOTAL_SECONDS
        try:
            url = httpx.URL(address)
            for _ in range(REDIRECTS + 1):
                answer = self._ask(url)
                if isinstance(answer, bytes):
                    return answer
                url = answer
        except (httpcore.NetworkError, httpcore.TimeoutException) as error:
            raise Unanswered(UNANSWERED) from error
        except httpcore.ProtocolError as error:
            raise PictureRefused("The picture's host does not speak HTTP.") from error
        except NotPublic as error:
            raise PictureRefused("The picture's address leads into an inner network.") from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise PictureRefused("The picture's address cannot be read.") from error
        raise PictureRefused(f"The picture's address redirects more than {REDIRECTS} times.")

    def _ask(self, url: httpx.URL) -> bytes | httpx.URL:
        """Return the content, or the address to ask next."""
        if url.scheme not in ("http", "https") or not url.host:
            raise PictureRefused("Only http and https addresses of pictures are fetched.")
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        limits = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS}
        with self._pool.stream(
            "GET", target, headers=HEADERS, extensions={"timeout": limits}
        ) as response:
            headers = httpx.Headers(response.headers)
            if response.status in (301, 302, 303, 307, 308) and "location" in headers:
                return url.join(headers["location"])
            if response.status != 200:
                raise PictureRefused(f"The picture's host answered {response.status}.")
            return _body(response)


def _body(response: httpcore.Response) -> bytes:
    content = bytearray()
    for part in response.iter_stream():
        content += part
        if len(content) > BYTE_LIMIT:
            raise PictureRefused(TOO_LARGE)
    return bytes(content)
