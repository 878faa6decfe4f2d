"""What lies at an address on the public internet, fetched with limits on everything.

The check for inner networks is made where the connection is: a host's name is resolved once,
every address it resolves to is checked, and the checked address is the one connected to. So
neither a redirect nor a name that changes its mind leads inside.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any, Self

import httpcore
import httpx

from taxonomy.imports.pictures import BYTE_LIMIT, PictureRefused

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 3.0, 5.0, 15.0
REDIRECTS = 3
UNANSWERED = "The picture's host did not answer in time."
TOO_LARGE = f"The picture is larger than {BYTE_LIMIT >> 20} MB."
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# No compression: what is counted is what comes.
HEADERS = [("User-Agent", "SeeStocks"), ("Accept", "image/*"), ("Accept-Encoding", "identity")]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unanswered(Exception):
    """A host that cannot be reached, or is too slow."""


class Fetcher:
    """Fetches pictures one after the other, never from inner networks, never by a proxy."""

    def __init__(self) -> None:
        self._network = _PublicNetwork()
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


def public_addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host, all of them public.

    Raises `PictureRefused` if only one is not, and `OSError` for a name that has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(place[4][0]) for place in found]
    if not all(is_public(ipaddress.ip_address(address)) for address in addresses):
        raise PictureRefused("The picture's address leads into an inner network.")
    return addresses


def is_public(address: Address) -> bool:
    """Say whether an address, or the older one that it wraps, is on the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in NAT64:
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(wrapped)
        if address.is_site_local:  # an inner network, though the register no longer says so
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class _PublicNetwork(httpcore.NetworkBackend):
    """Connects to public addresses only; everything it opens ends at its deadline."""

    def __init__(self) -> None:
        self._network = httpcore.SyncBackend()
        self.deadline = 0.0

    def seconds_left(self, timeout: float | None) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(left, timeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = public_addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        failure: Exception = httpcore.ConnectError("The host has no address.")
        for address in addresses:
            try:
                stream = self._network.connect_tcp(
                    address, port, self.seconds_left(timeout), local_address, socket_options
                )
                return _TimedStream(stream, self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise PictureRefused("The picture's address leads into this machine.")


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every read and write ends at the network's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, network: _PublicNetwork) -> None:
        self._stream, self._network = stream, network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._network.seconds_left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._network.seconds_left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._network.seconds_left(timeout)
        return _TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._network
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
