"""Say which addresses are told of what."""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Sequence

import httpx
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from ranking.actions.notify import send
from ranking.models import Delivery, Event, Webhook
from taxonomy.public_network import is_public

LONGEST = 500
HOST = re.compile(r"[a-zA-Z0-9._-]+|[0-9a-fA-F:.]+")


class BadAddress(ValueError):
    """The address cannot be called; the message says why."""


class BadEvents(ValueError):
    """There is no such event, or none was named."""


def add_webhook(address: str, events: Sequence[str], *, by: User | None) -> Webhook:
    """Return a new listener with a secret of its own. Raises BadAddress and BadEvents."""
    return Webhook.objects.create(
        address=checked_address(address),
        events=checked_events(events),
        secret=secrets.token_urlsafe(32),
        made_by=by,
    )


def switch_webhook(webhook: Webhook, *, on: bool) -> None:
    """Let it be told from now on, or no longer; what is under way waits for it."""
    webhook.is_active = on
    webhook.save(update_fields=["is_active"])


def send_test(webhook: Webhook) -> Delivery:
    """Return a message that says that it is a test, after ringing for its delivery."""
    event = webhook.events[0] if webhook.events else Event.PUBLISHED
    with transaction.atomic():
        (made,) = send(
            [Delivery(webhook=webhook, event=event, payload={"test": True, "pages": []})]
        )
    return made


def checked_address(address: str) -> str:
    """Return the address, if it may be called as far as it tells by itself. Raises BadAddress.

    What a name leads to is checked each time, when it is called.
    """
    address = address.strip()
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise BadAddress("This is no address of the web.") from error
    if url.scheme not in ("http", "https") or not HOST.fullmatch(url.raw_host.decode()):
        raise BadAddress("Give an address that begins with https:// or http://, and a host.")
    if len(address) > LONGEST:
        raise BadAddress(f"The address is longer than {LONGEST} characters.")
    if url.userinfo:
        raise BadAddress("Leave name and password out: messages are signed with a secret.")
    if url.host not in settings.SEESTOCKS_INNER_HOSTS and _is_inner(url.host):
        raise BadAddress(
            "The address leads into an inner network. SEESTOCKS_INNER_HOSTS names hosts of yours "
            "that may be called."
        )
    return address


def checked_events(events: Sequence[str]) -> list[str]:
    """Return the events, each once, in their own order. Raises BadEvents."""
    if not events or set(events) - set(Event.values):
        raise BadEvents(f"Name one or more of {', '.join(Event.values)}.")
    return [event for event in Event.values if event in events]


def _is_inner(host: str) -> bool:
    """Whether the host is a number that is not public, or this machine's own name."""
    try:
        return not is_public(ipaddress.ip_address(host))
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
