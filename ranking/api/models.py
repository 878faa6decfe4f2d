"""What is learned, as JSON: the queries, actions and permissions of its pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from ranking.actions import jobs
from ranking.actions.adopt import DecidedMeanwhile, NotReady, adopt
from ranking.actions.ask_training import ask_for_training
from ranking.models import Adoption, Kind, Training
from ranking.queries.learned import adoption, versions
from ranking.queries.versions import VersionLine, lines_of
from taxonomy.described import described
from taxonomy.rest import Conflict, JsonView, May, SignedInRequest, found_or_404, listed
from taxonomy.sent import sent


class MayTrain(May):
    """Reading takes what the pages of models take; writing, what training takes."""

    to_read = "ranking.view_training"
    to_write = "ranking.add_training"


class MayAdopt(MayTrain):
    """Writing takes what saying which version runs use takes."""

    to_write = "ranking.add_adoption"


class VersionFields(serializers.Serializer[VersionLine]):
    """A version, without its card."""

    id = serializers.IntegerField(source="training.id")
    kind = serializers.CharField(source="training.kind")
    state = serializers.CharField(source="training.state")
    stage = serializers.CharField(source="training.stage")
    stage_done = serializers.IntegerField(source="training.stage_done")
    stage_total = serializers.IntegerField(source="training.stage_total")
    judged_products = serializers.IntegerField(
        source="judgments", allow_null=True
    )  # null until they are known
    pages = serializers.IntegerField(allow_null=True)
    chosen = serializers.CharField(source="training.chosen")
    ndcg = serializers.FloatField(source="figure.mean", allow_null=True, default=None)
    in_use = serializers.BooleanField()
    unusable = serializers.CharField(source="why_not")  # why runs cannot use it; "" when they can
    asked_by = serializers.CharField(
        source="training.asked_by.username", allow_null=True, default=None
    )
    asked_at = serializers.DateTimeField(source="training.asked_at")
    cancel_requested_at = serializers.DateTimeField(
        source="training.cancel_requested_at", allow_null=True
    )
    finished_at = serializers.DateTimeField(source="training.finished_at", allow_null=True)
    error = serializers.CharField(source="training.error")


class CardFields(VersionFields):
    """A version with all that is known of it."""

    settings = serializers.JSONField(source="training.settings")
    made = serializers.JSONField(source="training.made")
    card = serializers.JSONField(source="training.card")


class AdoptionFields(serializers.Serializer[Adoption]):
    """Somebody's word on what runs use; `training` null stands for no version."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    training = serializers.IntegerField(source="training_id", allow_null=True)
    based_on = serializers.IntegerField(source="based_on_id", allow_null=True)
    by = serializers.CharField(source="by.username", allow_null=True, default=None)
    at = serializers.DateTimeField()


class ToTrain(serializers.Serializer[Training]):
    """What is said when a version is to be learned."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    token = serializers.UUIDField(required=False)


class ToAdopt(serializers.Serializer[Adoption]):
    """What is said when runs are to use another version."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    training = serializers.IntegerField(allow_null=True)
    based_on = serializers.IntegerField(allow_null=True)


class ModelView(JsonView):
    """What all addresses share."""

    permission_classes = [MayTrain]


class Models(ModelView):
    """The versions of what is learned."""

    @described(
        VersionFields,
        listed=True,
        beside={"in_use": serializers.DictField(child=AdoptionFields(allow_null=True))},
        asks={"kind": {"type": "string", "enum": ["", *Kind.values]}},
    )
    def get(self, request: Request) -> Response:
        """Return the versions, newest first, and by kind which one runs use, as said last."""
        kind = request.query_params.get("kind", "")
        if kind and kind not in Kind.values:
            raise ParseError(f'"kind" is one of {", ".join(Kind.values)}.')
        found = versions(Kind(kind)) if kind else Training.objects.select_related("asked_by")
        in_use = {one.value: _adoption(adoption(one)) for one in Kind}
        return Response({"in_use": in_use} | listed(request, found, VersionFields, lines_of).data)


class OneModel(ModelView):
    """One version."""

    @described(CardFields)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Return it with its settings, its files and its card."""
        return Response(CardFields(lines_of([_training(pk)])[0]).data)


class Trainings(ModelView):
    """Learning a version."""

    @described(VersionFields, codes=(200, 201), takes=ToTrain, example={"kind": "blend"})
    def post(self, request: SignedInRequest) -> Response:
        """Have one learned: 201, or 200 when the token's has been asked for."""
        told = sent(ToTrain(data=request.data))
        known = "token" in told and Training.objects.filter(token=told["token"]).exists()
        training = ask_for_training(Kind(told["kind"]), by=request.user, token=told.get("token"))
        answer = _answer(training.pk)
        if not known:
            answer.status_code = status.HTTP_201_CREATED
            answer["Location"] = reverse("api_model", args=(training.pk,))
        return answer


class Cancellation(ModelView):
    """Cancelling a training."""

    @described(VersionFields, refuses=(409,))
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Ask it to stop: 409 when it has ended."""
        try:
            jobs.cancel(_training(pk), by=request.user)
        except jobs.AlreadyFinished as error:
            raise Conflict(str(error)) from error
        return _answer(pk)


class Resumption(ModelView):
    """Going on with a training."""

    @described(VersionFields)
    def post(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Put one that failed or was cancelled back to work."""
        jobs.resume(_training(pk))
        return _answer(pk)


class Adoptions(ModelView):
    """Saying which version runs use."""

    permission_classes = [MayAdopt]

    @described(
        AdoptionFields,
        codes=(201,),
        takes=ToAdopt,
        refuses=(409,),
        example={"kind": "blend", "training": None, "based_on": None},
    )
    def post(self, request: SignedInRequest) -> Response:
        """Say it: 409 with what was said meanwhile, or with why the version cannot be used."""
        told = sent(ToAdopt(data=request.data))
        training = _training(told["training"]) if told["training"] is not None else None
        kind, based_on = Kind(told["kind"]), told["based_on"]
        try:
            said = adopt(kind, training, by=request.user, based_on=based_on)
        except NotReady as error:
            raise Conflict(str(error)) from error
        except DecidedMeanwhile as error:
            newest = {"detail": str(error), "newest": _adoption(error.newest)}
            return Response(newest, status.HTTP_409_CONFLICT)
        return Response(_adoption(said), status.HTTP_201_CREATED)


def _answer(pk: int) -> Response:
    return Response(VersionFields(lines_of([_training(pk)])[0]).data)


def _training(pk: int) -> Training:
    return found_or_404(Training.objects.select_related("asked_by"), pk, "model")


def _adoption(said: Adoption | None) -> dict[str, Any] | None:
    return dict(AdoptionFields(said).data) if said else None
