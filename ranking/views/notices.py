"""Which addresses are told of what, and what came back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from ranking.actions import webhooks as actions
from ranking.models import Event, Webhook
from ranking.queries.notices import LATEST, listeners, mails
from taxonomy.web import SignedInRequest, respond

MAY_SEE = "ranking.view_webhook"
MAY_ADD = "ranking.add_webhook"


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def webhooks(request: HttpRequest) -> HttpResponse:
    """All listeners, with their latest messages."""
    return _webhooks(request)


@require_POST
@permission_required(MAY_ADD, raise_exception=True)
def add_webhook(request: SignedInRequest) -> HttpResponse:
    """Add a listener; 422 when its address cannot be called."""
    address, events = request.POST.get("address", ""), request.POST.getlist("events")
    try:
        made = actions.add_webhook(address, events, by=request.user)
    except (actions.BadAddress, actions.BadEvents) as error:
        said = {"fault": str(error), "address": address, "chosen": events}
        return _webhooks(request, status=422, **said)
    messages.success(request, f"{made.address} is told from now on. Send it a test.")
    return redirect("webhooks")


@require_POST
@permission_required(MAY_ADD, raise_exception=True)
def switch_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a listener on or off."""
    webhook = get_object_or_404(Webhook, pk=pk)
    actions.switch_webhook(webhook, on=request.POST.get("on") == "1")
    return redirect("webhooks")


@require_POST
@permission_required(MAY_ADD, raise_exception=True)
def test_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a listener a message that says that it is a test."""
    actions.send_test(get_object_or_404(Webhook, pk=pk))
    messages.success(request, "A test is on its way. What comes back is shown here in a moment.")
    return redirect("webhooks")


def _webhooks(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    found = listeners()
    context = {
        "listeners": found,
        "events": Event.choices,
        "chosen": [Event.PUBLISHED.value, Event.ROLLED_BACK.value],
        "mails": mails()[:LATEST],
        "under_way": any(one.waiting for one in found),
    }
    part = "ranking/_listeners.html"
    return respond(request, "ranking/webhooks.html", context | more, part=part, status=status)
