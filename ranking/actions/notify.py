"""Tell those outside who listen: a row for each message, and a ring for the one who delivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from ranking.models import Delivery, Event, Webhook
from taxonomy.doorbell import ringing


def tell(event: Event, payload: Mapping[str, Any], mails: Sequence[str] = ()) -> None:
    """Write a message for every webhook that listens to the event, and for each mail address.

    To be called in the transaction that makes it true: what is rolled back is not told. They are
    sent after the commit.
    """
    listening = [one for one in Webhook.objects.filter(is_active=True) if event in one.events]
    said = {"event": event, "payload": dict(payload)}
    to_webhooks = [Delivery(webhook=one, **said) for one in listening]
    to_people = [Delivery(mail=mail, **said) for mail in dict.fromkeys(mails)]
    send([*to_webhooks, *to_people])


def send(messages: Sequence[Delivery]) -> list[Delivery]:
    """Write the messages, and ring for their delivery after the commit."""
    rows = Delivery.objects.bulk_create(messages)
    for row in rows:
        transaction.on_commit(partial(ring, row.pk))
    return rows


def ring(delivery: int) -> None:
    """Have a message delivered; if the broker is dead, the sweep does it later."""
    from ranking.tasks import deliver

    with ringing(f"delivery {delivery} waits"):
        deliver.delay(delivery)
