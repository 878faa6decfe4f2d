"""Who listens, and what became of what they were told."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from ranking.models import Delivery, DeliveryState


def due_deliveries() -> QuerySet[Delivery]:
    """Return the messages that are to be tried now, the oldest first."""
    due = Delivery.objects.filter(state=DeliveryState.WAITING, next_try_at__lte=timezone.now())
    return due.order_by("id")
