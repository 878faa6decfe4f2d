"""Who listens, and what became of what they were told."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from ranking.models import Delivery, DeliveryState, Event, Webhook

LATEST = 5


def due_deliveries() -> QuerySet[Delivery]:
    """Return the messages that are to be tried now, the oldest first."""
    due = Delivery.objects.filter(state=DeliveryState.WAITING, next_try_at__lte=timezone.now())
    return due.order_by("id")


@dataclass(frozen=True)
class Listener:
    """A webhook, what it is told of, and its latest messages."""

    webhook: Webhook
    events: list[str]  # as people call them
    latest: list[Delivery]
    waiting: int


def listeners() -> list[Listener]:
    """Return all webhooks with their latest messages."""
    latest = Delivery.objects.order_by("-id")[:LATEST]
    waiting = Count("deliveries", filter=Q(deliveries__state=DeliveryState.WAITING))
    hooks = Webhook.objects.select_related("made_by").annotate(waiting=waiting).order_by("id")
    return [
        Listener(
            webhook,
            [Event(event).label for event in webhook.events],
            webhook.latest,
            webhook.waiting,
        )
        for webhook in hooks.prefetch_related(Prefetch("deliveries", latest, to_attr="latest"))
    ]


def mails() -> QuerySet[Delivery]:
    """Return what was told by mail, the newest first."""
    return Delivery.objects.exclude(mail="").order_by("-id")
