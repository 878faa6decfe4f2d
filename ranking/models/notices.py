"""Who outside is told of what: addresses that listen, and every message to them."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Event(models.TextChoices):
    PUBLISHED = "published", "pages were published"
    ROLLED_BACK = "rolled_back", "a release was rolled back"
    GATE_SHUT = "gate_shut", "a run was not published by itself"
    SCORE_DROP = "score_drop", "the quality fell"
    NIGHT_FAILED = "night_failed", "a night's run failed"


class Webhook(models.Model):
    """An address that is told of events, each message signed with the secret."""

    address = models.URLField(max_length=500)
    secret = models.CharField(max_length=64)
    events = models.JSONField(default=list)  # of Event
    is_active = models.BooleanField(default=True)
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.address


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "waiting"
    DELIVERED = "delivered", "delivered"
    GIVEN_UP = "given up", "given up"


class Delivery(models.Model):
    """One message to one listener, a webhook or a mail address, kept until it has arrived."""

    token = models.UUIDField(default=uuid.uuid4, unique=True)  # by which a repeat is known
    webhook = models.ForeignKey(
        Webhook, null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    mail = models.EmailField(blank=True)
    event = models.CharField(max_length=20, choices=Event.choices)
    payload = models.JSONField()
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    answer = models.CharField(max_length=300, blank=True)  # what came back last
    made_at = models.DateTimeField(db_default=Now())
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "deliveries"
        constraints = [
            models.CheckConstraint(
                condition=Q(webhook=None, mail__gt="") | Q(webhook__isnull=False, mail=""),
                name="a_webhook_or_a_mail_address",
            )
        ]
        indexes = [
            models.Index(
                fields=("next_try_at",), condition=Q(state="waiting"), name="deliveries_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()}: {self.webhook or self.mail}"
