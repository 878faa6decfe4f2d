"""Connections to the public internet alone, never into an inner network.

The check is made where the connection is: a host's name is resolved once, every address it
resolves to is checked, and the checked address is the one connected to. So neither a redirect nor
a name that changes its mind leads inside.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Collection, Iterable
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread
from typing import Any

import httpcore

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
RESOLVE_SECONDS = 3.0  # the system's own resolver may take half a minute
RESOLVERS = BoundedSemaphore(8)  # names that are asked for at once, those given up on among them

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotPublic(Exception):
    """The address leads into an inner network."""


def resolved(host: str, port: int, seconds: float = RESOLVE_SECONDS) -> list[str]:
    """Return the addresses of a host.

    Raises `OSError` for a name that has none, and `TimeoutError`, which is one, for a name that
    nobody could tell of in time.
    """
    answer: Future[list[str]] = Future()
    ends = time.monotonic() + seconds
    try:
        if not RESOLVERS.acquire(timeout=seconds):
            raise TimeoutError
        Thread(
            target=_resolve, args=(host, port, answer), name=f"asks for {host}", daemon=True
        ).start()
        return answer.result(max(0.0, ends - time.monotonic()))
    except TimeoutError:
        raise TimeoutError(f"Nobody told the address of {host} in {seconds:.0f} s.") from None


def _resolve(host: str, port: int, answer: Future[list[str]]) -> None:
    """Ask the system, which cannot be stopped: where nobody waits any more the thread goes on in
    the background until the system gives up, and no process waits for it to end."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        answer.set_result([str(place[4][0]) for place in found])
    except Exception as error:  # noqa: BLE001  whatever it is, who waits is told
        answer.set_exception(error)
    finally:
        RESOLVERS.release()


def public_addresses(host: str, port: int, seconds: float = RESOLVE_SECONDS) -> list[str]:
    """Return the addresses of a host, all of them public.

    Raises `NotPublic` if only one is not, and what `resolved` raises.
    """
    addresses = resolved(host, port, seconds)
    if not all(is_public(ipaddress.ip_address(address)) for address in addresses):
        raise NotPublic(host)
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


class PublicNetwork(httpcore.NetworkBackend):
    """Connects to public addresses only; everything it opens ends at its deadline.

    `trusted` names hosts that may be anywhere, since the owner says so.
    """

    def __init__(self, trusted: Collection[str] = ()) -> None:
        self._network = httpcore.SyncBackend()
        self._trusted = trusted
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
        find = resolved if host in self._trusted else public_addresses
        try:
            addresses = find(host, port, min(RESOLVE_SECONDS, self.seconds_left(timeout)))
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
        raise NotPublic("this machine")


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every read and write ends at the network's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, network: PublicNetwork) -> None:
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
