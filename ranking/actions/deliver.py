"""Deliver one message: at least once, again and again with growing pauses, for a day."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

import httpcore
import httpx
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F
from django.utils import timezone

from ranking.models import Delivery, DeliveryState, Webhook
from ranking.notices import in_words
from ranking.queries.notices import due_deliveries
from taxonomy.public_network import NotPublic, PublicNetwork

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=30)  # each further one is twice as long
LONGEST_PAUSE = timedelta(hours=2)
GIVEN_UP_AFTER = timedelta(days=1)
TOTAL_SECONDS = 5.0  # people's previews wait for the same worker
SWEPT_SECONDS = 5.0  # as much again is waited for the last one
READ_BYTES = 2000  # of an answer: enough to show what came back
SHOWN = 300


class Undelivered(Exception):
    """It did not arrive; the message says what came back."""


def deliver(pk: int) -> None:
    """Send the message if it is due; else it is somebody else's, or has arrived.

    The pause before the next try is set first: so a second worker finds it not due, and a worker
    that dies in the middle leaves it to the next try.
    """
    delivery = due_deliveries().filter(pk=pk).select_related("webhook").first()
    if delivery is None:
        return
    mine = due_deliveries().filter(pk=pk, tries=delivery.tries)
    if not mine.update(tries=F("tries") + 1, next_try_at=timezone.now() + _pause(delivery.tries)):
        return
    try:
        answer = _sent(delivery)
    except Undelivered as error:
        _note(delivery, str(error))
    else:
        arrived = {"state": DeliveryState.DELIVERED, "delivered_at": timezone.now()}
        Delivery.objects.filter(pk=pk).update(answer=answer[:SHOWN], **arrived)


def sweep_deliveries() -> None:
    """Send what is due, the oldest first, for some seconds; the rest has its turn 20 seconds later.

    No worker is rung for: letters would pile up while nothing goes out.
    """
    ends = time.monotonic() + SWEPT_SECONDS
    while time.monotonic() < ends and (due := due_deliveries().first()):
        deliver(due.pk)


def body_of(delivery: Delivery) -> bytes:
    """Return what is posted to a webhook: the event, its token and its payload, as JSON."""
    told = {
        "event": delivery.event,
        "token": str(delivery.token),
        "made_at": delivery.made_at.isoformat(),
        "payload": delivery.payload,
    }
    return json.dumps(told, sort_keys=True, ensure_ascii=False).encode()


def signature(secret: str, body: bytes, at: int) -> str:
    """Return the header that proves the sender: HMAC-SHA256 of the moment, a dot and the body.

    The moment is in seconds since 1970 and signed too, so that an old message is known as such.
    """
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


def _pause(tries: int) -> timedelta:
    doubled: timedelta = FIRST_PAUSE * 2 ** min(tries, 20)
    return min(doubled, LONGEST_PAUSE)


def _note(delivery: Delivery, answer: str) -> None:
    logger.warning("delivery %s to %s: %s", delivery.pk, delivery.webhook or "a person", answer)
    said: dict[str, Any] = {"answer": answer[:SHOWN]}
    if timezone.now() - delivery.made_at >= GIVEN_UP_AFTER:
        said["state"] = DeliveryState.GIVEN_UP
    Delivery.objects.filter(pk=delivery.pk).update(**said)


def _sent(delivery: Delivery) -> str:
    """What came back. Raises Undelivered."""
    if delivery.webhook is None:
        return _mailed(delivery)
    if not delivery.webhook.is_active:
        raise Undelivered("The webhook is switched off.")
    return _posted(delivery.webhook, delivery)


def _mailed(delivery: Delivery) -> str:
    subject, text = in_words(delivery.event, delivery.payload)
    try:
        send_mail(subject, text, None, [delivery.mail])
    except (SMTPException, OSError) as error:
        raise Undelivered(f"The mail server did not take it: {error}") from error
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        return "Printed in the worker's log: EMAIL_URL names no mail server."
    return "The mail server took it."


def _posted(webhook: Webhook, delivery: Delivery) -> str:
    """Post it to the very address that was checked; a redirect is no arrival."""
    network = PublicNetwork(trusted=settings.SEESTOCKS_INNER_HOSTS)
    network.deadline = time.monotonic() + TOTAL_SECONDS
    body = body_of(delivery)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "SeeStocks",
        "SeeStocks-Event": delivery.event,
        "SeeStocks-Delivery": str(delivery.token),
        "SeeStocks-Signature": signature(webhook.secret, body, int(time.time())),
    }
    try:
        with httpcore.ConnectionPool(network_backend=network) as pool:
            return _answered(pool, httpx.URL(webhook.address), headers, body)
    except NotPublic as error:
        raise Undelivered("The address leads into an inner network.") from error
    except (httpcore.NetworkError, httpcore.TimeoutException) as error:
        raise Undelivered(f"The host did not answer in time. {error}".strip()) from error
    except (httpcore.ProtocolError, httpx.InvalidURL, UnicodeError) as error:
        raise Undelivered(f"The host does not speak HTTP: {error}") from error


def _answered(
    pool: httpcore.ConnectionPool, url: httpx.URL, headers: dict[str, str], body: bytes
) -> str:
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    with pool.stream("POST", target, headers=[*headers.items()], content=body) as response:
        answer = f"{response.status} {_start_of(response)}".strip()
    if not 200 <= response.status < 300:
        raise Undelivered(answer)
    return answer


def _start_of(response: httpcore.Response) -> str:
    """The beginning of what was answered, as one line."""
    read = b""
    for part in response.iter_stream():
        read += part
        if len(read) >= READ_BYTES:
            break
    return " ".join(read[:READ_BYTES].decode(errors="replace").replace("\0", "").split())
