"""Nights as JSON: their plan, and how they came out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from ranking.actions import nights as actions
from ranking.models import Night, NightPlan
from ranking.queries.starts import plan
from taxonomy.described import described
from taxonomy.rest import JsonView, May, SignedInRequest, listed
from taxonomy.sent import sent


class MayPlan(May):
    """Reading takes what the page of nights takes; writing, what changing the plan takes."""

    to_read = "ranking.view_nightplan"
    to_write = "ranking.change_nightplan"


class NightFields(serializers.Serializer[Night]):
    """A night; without a run it was passed over."""

    day = serializers.DateField()
    run = serializers.IntegerField(source="run_id", allow_null=True)
    began_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()


class PlanFields(serializers.Serializer[NightPlan]):
    """The plan: `bound` and `drop` are shares of the first ten products, 0 to 1."""

    hour = serializers.IntegerField(source="task.crontab.hour", min_value=0, max_value=23)
    minute = serializers.IntegerField(source="task.crontab.minute", min_value=0, max_value=59)
    on = serializers.BooleanField(source="task.enabled")
    publishes = serializers.BooleanField()
    bound = serializers.FloatField(min_value=0, max_value=1)
    drop = serializers.FloatField(min_value=0, max_value=1)
    mails = serializers.ListField(child=serializers.EmailField())


class NewPlanFields(serializers.Serializer[NightPlan]):
    """What is said when the plan is changed: all of it."""

    hour = serializers.IntegerField(min_value=0, max_value=23)
    minute = serializers.IntegerField(min_value=0, max_value=59)
    on = serializers.BooleanField()
    publishes = serializers.BooleanField()
    bound = serializers.FloatField(min_value=0, max_value=1)
    drop = serializers.FloatField(min_value=0, max_value=1)
    mails = serializers.ListField(child=serializers.EmailField())


EXAMPLE = {
    "hour": 2,
    "minute": 0,
    "on": True,
    "publishes": False,
    "bound": 0.01,
    "drop": 0.02,
    "mails": ["mira@shop.example"],
}


class Nights(JsonView):
    """All nights."""

    permission_classes = [MayPlan]

    @described(NightFields, listed=True)
    def get(self, request: Request) -> Response:
        """Return the nights, newest first."""
        return listed(request, Night.objects.order_by("-day"), NightFields)


class Plan(JsonView):
    """The plan of the nights."""

    permission_classes = [MayPlan]

    @described(PlanFields)
    def get(self, request: Request) -> Response:  # noqa: ARG002  DRF passes it
        """Return when nights begin, in the shop's time zone, and what may follow by itself."""
        return Response(_told(plan()))

    @described(PlanFields, takes=NewPlanFields, example=EXAMPLE)
    def put(self, request: SignedInRequest) -> Response:
        """Change the plan."""
        said = sent(NewPlanFields(data=request.data))
        try:
            changed = actions.change_plan(**said, by=request.user)
        except actions.PlanRefused as error:
            raise ParseError(str(error)) from error
        return Response(_told(changed))


def _told(plan: NightPlan | None) -> dict[str, Any]:
    """The plan, or what holds while there is none."""
    if plan is None:
        none = NightPlan()
        at = {"hour": actions.HOUR, "minute": actions.MINUTE, "on": False, "publishes": False}
        return at | {"bound": none.bound, "drop": none.drop, "mails": []}
    return dict(PlanFields(plan).data)
