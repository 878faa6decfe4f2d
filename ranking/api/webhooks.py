"""Who is told of what, as JSON: as on its page."""

from __future__ import annotations

from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from ranking.actions import webhooks as actions
from ranking.models import Delivery, Event, Webhook
from taxonomy.described import described
from taxonomy.rest import JsonView, May, SignedInRequest, found_or_404, listed
from taxonomy.sent import sent


class MayListen(May):
    """Reading takes what the page of listeners takes; writing, what adding one takes."""

    to_read = "ranking.view_webhook"
    to_write = "ranking.add_webhook"


class WebhookFields(serializers.Serializer[Webhook]):
    """A listener, without its secret."""

    id = serializers.IntegerField()
    address = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    is_active = serializers.BooleanField()
    made_by = serializers.CharField(source="made_by.username", allow_null=True, default=None)
    made_at = serializers.DateTimeField()


class NewWebhookFields(WebhookFields):
    """A listener that was just added, with the secret that its messages are signed with."""

    secret = serializers.CharField()


class DeliveryFields(serializers.Serializer[Delivery]):
    """A message to a listener; `answer` is what came back last."""

    token = serializers.UUIDField()
    event = serializers.CharField()
    state = serializers.CharField()
    tries = serializers.IntegerField()
    answer = serializers.CharField()
    made_at = serializers.DateTimeField()
    next_try_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)


class ToAdd(serializers.Serializer[Webhook]):
    """What is said when an address is to be told."""

    address = serializers.CharField()
    events = serializers.ListField(child=serializers.ChoiceField(choices=Event.choices))


class ToSwitch(serializers.Serializer[Webhook]):
    """Whether a listener is told from now on."""

    is_active = serializers.BooleanField()


class WebhookView(JsonView):
    """What all addresses share."""

    permission_classes = [MayListen]


class Webhooks(WebhookView):
    """All listeners; adding one."""

    @described(WebhookFields, listed=True)
    def get(self, request: Request) -> Response:
        """Return the listeners in the order in which they were added."""
        return listed(request, Webhook.objects.select_related("made_by"), WebhookFields)

    @described(
        NewWebhookFields,
        codes=(201,),
        takes=ToAdd,
        example={"address": "https://shop.example/told", "events": ["published"]},
    )
    def post(self, request: SignedInRequest) -> Response:
        """Add one: 201 with its secret, 400 for an address that cannot be called."""
        told = sent(ToAdd(data=request.data))
        try:
            made = actions.add_webhook(told["address"], told["events"], by=request.user)
        except (actions.BadAddress, actions.BadEvents) as error:
            raise ParseError(str(error)) from error
        where = {"Location": reverse("api_webhook", args=(made.pk,))}
        return Response(NewWebhookFields(made).data, status.HTTP_201_CREATED, headers=where)


class OneWebhook(WebhookView):
    """One listener."""

    @described(WebhookFields)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Return it."""
        return Response(WebhookFields(_webhook(pk)).data)

    @described(WebhookFields, takes=ToSwitch, example={"is_active": False})
    def patch(self, request: Request, pk: int) -> Response:
        """Switch it on or off."""
        webhook = _webhook(pk)
        actions.switch_webhook(webhook, on=sent(ToSwitch(data=request.data))["is_active"])
        return Response(WebhookFields(webhook).data)


class Deliveries(WebhookView):
    """What a listener was told."""

    @described(DeliveryFields, listed=True)
    def get(self, request: Request, pk: int) -> Response:
        """Return its messages, newest first."""
        return listed(request, _webhook(pk).deliveries.order_by("-id"), DeliveryFields)


class Test(WebhookView):
    """A message that says that it is a test."""

    @described(DeliveryFields, codes=(202,))
    def post(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Send one: 202, since what comes back is among its deliveries later."""
        made = actions.send_test(_webhook(pk))
        return Response(DeliveryFields(made).data, status.HTTP_202_ACCEPTED)


def _webhook(pk: int) -> Webhook:
    return found_or_404(Webhook.objects.select_related("made_by"), pk, "webhook")
