"""Evaluations as JSON: the queries, actions and permissions of their page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from ranking.actions.ask_evaluation import ask_for_evaluation
from ranking.models import Evaluation
from ranking.queries.evaluations import evaluations
from taxonomy.described import described
from taxonomy.rest import JsonView, May, SignedInRequest, found_or_404, listed
from taxonomy.sent import sent


class MayEvaluate(May):
    """Reading takes what the page of evaluations takes; writing, what asking for one does."""

    to_read = "ranking.view_evaluation"
    to_write = "ranking.add_evaluation"


class EvaluationFields(serializers.Serializer[Evaluation]):
    """An evaluation as a line of their list."""

    id = serializers.IntegerField()
    state = serializers.CharField()
    stage = serializers.CharField()
    stage_done = serializers.IntegerField()
    stage_total = serializers.IntegerField()
    asked_by = serializers.CharField(source="asked_by.username", allow_null=True, default=None)
    asked_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    judgments_until = serializers.IntegerField(
        source="settings.judgments_until", allow_null=True, default=None
    )
    error = serializers.CharField()


class FullFields(EvaluationFields):
    """An evaluation with its figures, as `evaluate --ablation --json` prints them."""

    figures = serializers.DictField()


class EvaluationToAsk(serializers.Serializer[Evaluation]):
    """What may be said when an evaluation is asked for."""

    token = serializers.UUIDField(required=False)


class EvaluationView(JsonView):
    """What the addresses below share."""

    permission_classes = [MayEvaluate]


class Evaluations(EvaluationView):
    """All evaluations; asking for one."""

    @described(EvaluationFields, listed=True)
    def get(self, request: Request) -> Response:
        """Return the evaluations, newest first, without their figures."""
        return listed(request, evaluations().defer("figures"), EvaluationFields)

    @described(FullFields, codes=(200, 201), takes=EvaluationToAsk, example={})
    def post(self, request: SignedInRequest) -> Response:
        """Have the ranking measured: 201, or 200 when the token's evaluation is there."""
        wanted: dict[str, Any] = sent(EvaluationToAsk(data=request.data))
        known = "token" in wanted and Evaluation.objects.filter(**wanted).exists()
        asked = ask_for_evaluation(by=request.user, token=wanted.get("token"))
        answer = _answer(asked.pk)
        if not known:
            answer.status_code = status.HTTP_201_CREATED
            answer["Location"] = reverse("api_evaluation", args=(asked.pk,))
        return answer


class OneEvaluation(EvaluationView):
    """One evaluation."""

    @described(FullFields)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        return _answer(pk)


def _answer(pk: int) -> Response:
    return Response(FullFields(found_or_404(evaluations(), pk, "evaluation")).data)
