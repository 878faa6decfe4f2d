"""How far people agree, for programs."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers, status
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from judgments.actions.agreement import ask_for_measurement
from judgments.models import Agreement, Measurement, Scope
from judgments.queries.agreement import (
    agreements,
    finished_measurements,
    measurement_under_way,
    overall,
)
from taxonomy.described import NUMBER, described
from taxonomy.rest import JsonView, May, Rows, SignedInRequest, listed

LISTED = (Scope.PAGE, Scope.BRANCH, Scope.PERSON, Scope.PAIR)


class MaySeeAgreement(May):
    """Reading, and having it measured anew, which changes no judgment."""

    to_read = "judgments.view_agreement"
    to_write = "judgments.view_agreement"


class AgreementFields(serializers.Serializer[Agreement]):
    """A coefficient with its interval, of whom or what; null where it is not defined, and why."""

    category = serializers.IntegerField(source="category_id", allow_null=True)
    annotator = serializers.CharField(source="annotator.name", default=None, allow_null=True)
    simulated = serializers.BooleanField(source="annotator.simulated", default=None)
    other = serializers.CharField(source="other.name", default=None)
    coefficient = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    items = serializers.IntegerField()
    judgments = serializers.IntegerField()
    undefined = serializers.CharField()


class MeasurementFields(serializers.Serializer[Measurement]):
    """A measurement and how far it is; `finished_at` is null until it ends."""

    id = serializers.IntegerField()
    judgments_until = serializers.IntegerField()
    asked_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    error = serializers.CharField()


# Everybody's; with a scope, a list of each one's, see `AgreementFields`.
AGREEMENT = {"type": "object", "additionalProperties": True}


class AgreementView(JsonView):
    """How far people agree."""

    permission_classes = [MaySeeAgreement]

    @described(
        AGREEMENT,
        asks={
            "scope": {"type": "string", "enum": ["", *LISTED]},
            "limit": NUMBER,
            "offset": NUMBER | {"minimum": 0},
        },
    )
    def get(self, request: Request) -> Response:
        """Return everybody's agreement as it was measured last, or with `?scope=` each one's."""
        measured, scope = finished_measurements().first(), request.query_params.get("scope", "")
        if not scope:
            Rows().get_limit(request)  # no number is refused here too
            Rows().get_offset(request)
            return Response(_summary(measured))
        if scope not in LISTED:
            raise ParseError(f"A scope is one of {', '.join(LISTED)}.")
        rows = agreements(measured, Scope(scope)) if measured else Agreement.objects.none()
        return listed(request, rows.order_by("id"), AgreementFields)

    @described(MeasurementFields, codes=(202,))
    def post(self, request: SignedInRequest) -> Response:
        """Have it measured anew: 202, and where to see how far that is."""
        asked = ask_for_measurement(by=request.user)
        return Response(MeasurementFields(asked).data, status=status.HTTP_202_ACCEPTED)


def _summary(measured: Measurement | None) -> dict[str, Any]:
    waiting = measurement_under_way()
    everybody = overall(measured) if measured else None
    return {
        "measured": MeasurementFields(measured).data if measured else None,
        "measuring": MeasurementFields(waiting).data if waiting else None,
        "alpha_ordinal": everybody.coefficient if everybody else None,
        "alpha_interval": [everybody.low, everybody.high]
        if everybody and everybody.low is not None
        else None,
        "items": everybody.items if everybody else 0,
        "judgments": everybody.judgments if everybody else 0,
        "undefined": everybody.undefined if everybody else "Nothing has been measured yet.",
    }
