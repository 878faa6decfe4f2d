"""Campaigns as JSON: the queries, actions and permissions of their pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from judgments.actions import campaigns as actions
from judgments.actions.judge import annotator_of
from judgments.models import Campaign
from judgments.queries import campaigns as queries
from judgments.queries.forecast import Forecast, forecast
from judgments.queries.pools import Candidate
from taxonomy.described import described, shape
from taxonomy.models import Category, Product
from taxonomy.rest import Conflict, JsonView, May, SignedInRequest, found_or_404, listed
from taxonomy.sent import sent

PICKED = "picked"  # what a program chose itself
MOST_PICKED = 10_000
MOST_PAGES = 10_000


class MayLead(May):
    """Reading takes what the pages of campaigns take; writing, what leading them does."""

    to_read = "judgments.view_campaign"
    to_write = "judgments.change_campaign"


class CampaignFields(serializers.Serializer[Campaign]):
    """A campaign of `queries.campaigns`; `answered` and `seats` are of what it asks of products."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    note = serializers.CharField()
    state = serializers.CharField()
    error = serializers.CharField()
    branch = serializers.IntegerField(source="branch_id", allow_null=True)
    named_pages = serializers.IntegerField(source="named")
    pools = serializers.DictField(child=serializers.IntegerField())
    overlap = serializers.IntegerField()
    gold_every = serializers.IntegerField()
    repeat_every = serializers.IntegerField()
    aim = serializers.FloatField()
    seats = serializers.IntegerField()
    answered = serializers.IntegerField()
    made_by = serializers.CharField(source="made_by.username", allow_null=True, default=None)
    made_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class ProgressFields(serializers.Serializer[queries.Progress]):
    """How far a campaign is."""

    items = serializers.IntegerField()
    closed = serializers.IntegerField()
    seats = serializers.IntegerField()
    labels = serializers.IntegerField()
    cannot_tell = serializers.IntegerField()
    held = serializers.IntegerField()
    later = serializers.IntegerField()
    left_out = serializers.IntegerField()
    gold = serializers.IntegerField()
    repeats = serializers.IntegerField()


class ForecastFields(serializers.Serializer[Forecast]):
    """How good its pages are, as shares of 0 to 1, and what is missing to know it; null where
    that cannot be told, and `undefined` says why there is no estimate."""

    share = serializers.FloatField(source="estimate.share", allow_null=True)
    low = serializers.FloatField(source="estimate.low", allow_null=True)
    high = serializers.FloatField(source="estimate.high", allow_null=True)
    margin = serializers.FloatField(source="estimate.margin", allow_null=True)
    judged = serializers.IntegerField(source="estimate.judged")
    drawn = serializers.IntegerField(source="estimate.drawn")
    shown = serializers.IntegerField(source="estimate.shown")
    margin_in_the_end = serializers.FloatField(source="estimate.in_the_end", allow_null=True)
    undefined = serializers.CharField()
    labels_until_aim = serializers.IntegerField(source="labels", allow_null=True)
    labels_a_day = serializers.FloatField(source="pace", allow_null=True)
    days_until_aim = serializers.FloatField(source="days", allow_null=True)


class PersonFields(serializers.Serializer[Any]):
    """A person's part in a campaign."""

    annotator = serializers.CharField(source="annotator.name")
    simulated = serializers.BooleanField(source="annotator.simulated")
    assigned = serializers.BooleanField(source="part.assigned", default=False)
    state = serializers.CharField(source="part.state", default="active")
    reason = serializers.CharField(source="part.reason", default="")
    labels = serializers.IntegerField()
    cannot_tell = serializers.IntegerField()
    per_hour = serializers.FloatField()


class Picked(serializers.Serializer[Any]):
    """A product to be judged on a page, or there against a sibling."""

    page = serializers.PrimaryKeyRelatedField(queryset=Category.objects.live())
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.all())
    sibling = serializers.PrimaryKeyRelatedField(
        queryset=Category.objects.live(), required=False, allow_null=True
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("sibling") == attrs["page"]:
            raise ValidationError({"sibling": "A page is no sibling of itself."})
        return attrs


class CampaignToStart(serializers.Serializer[Campaign]):
    """What may be said when a campaign is started; the name is all that must be."""

    name = serializers.CharField()
    note = serializers.CharField(required=False, allow_blank=True)
    token = serializers.UUIDField(required=False)
    branch = serializers.PrimaryKeyRelatedField(queryset=Category.objects.live(), required=False)
    pages = serializers.ListField(
        child=serializers.IntegerField(), required=False, allow_empty=False, max_length=MOST_PAGES
    )
    pools = serializers.DictField(child=serializers.IntegerField(min_value=0), required=False)
    candidates = serializers.ListField(
        child=Picked(), required=False, allow_empty=False, max_length=MOST_PICKED
    )
    overlap = serializers.IntegerField(required=False)
    gold_every = serializers.IntegerField(required=False)
    repeat_every = serializers.IntegerField(required=False)
    aim = serializers.FloatField(required=False)

    def validate_pages(self, ids: list[int]) -> list[Category]:
        """Return the active pages of these ids."""
        found = Category.objects.pages().in_bulk([pk for pk in ids if 0 < pk < 2**63])
        if strangers := [pk for pk in ids if pk not in found]:
            raise ValidationError(f"Not an active page: {strangers[0]}.")
        return list(found.values())

    def validate_candidates(self, picked: list[dict[str, Any]]) -> list[Candidate]:
        """Return what was picked as a campaign takes it."""
        return [
            Candidate(
                one["page"].pk,
                one["product"].pk,
                PICKED,
                0.0,
                one["sibling"].pk if one.get("sibling") else None,
            )
            for one in picked
        ]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len({"branch", "pages", "candidates"} & set(attrs)) > 1:
            raise ValidationError('Give one of "branch", "pages" and "candidates".')
        return attrs


class PeopleToAssign(serializers.Serializer[Any]):
    """User names; none for everybody."""

    people = serializers.ListField(child=serializers.CharField(), max_length=1_000)


WHOLE = shape(
    "CampaignWhole",
    CampaignFields,
    progress=ProgressFields(),
    people=PersonFields(many=True),
    forecast=ForecastFields(),
)


class CampaignView(JsonView):
    """What all addresses share."""

    permission_classes = [MayLead]


class Campaigns(CampaignView):
    """All campaigns; starting one."""

    @described(CampaignFields, listed=True)
    def get(self, request: Request) -> Response:
        """Return the campaigns, newest first."""
        return listed(request, queries.campaigns(), CampaignFields)

    @described(
        WHOLE,
        codes=(200, 201),
        takes=CampaignToStart,
        example={"name": "Pepper first", "overlap": 2},
    )
    def post(self, request: SignedInRequest) -> Response:
        """Start a campaign: 201, or 200 when the token's has begun."""
        said = sent(CampaignToStart(data=request.data))
        known = "token" in said and Campaign.objects.filter(token=said["token"]).exists()
        try:
            made = actions.start_campaign(**said, by=request.user)
        except actions.BadCampaign as bad:
            raise ParseError(" ".join(map(": ".join, bad.faults.items()))) from bad
        answer = _answer(made.pk)
        if not known:
            answer.status_code = status.HTTP_201_CREATED
            answer["Location"] = reverse("api_campaign", args=(made.pk,))
        return answer


class OneCampaign(CampaignView):
    """One campaign."""

    @described(WHOLE)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Return it with its progress, its people and its forecast."""
        return _answer(pk)


class CampaignMove(CampaignView):
    """Pausing, resuming or finishing a campaign, as `move` says."""

    move: Callable[[Campaign], Campaign]

    @described(WHOLE, refuses=(409,))
    def post(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Do it: 409 when the campaign is in no state for it."""
        try:
            type(self).move(found_or_404(Campaign.objects.all(), pk, "campaign"))
        except actions.NotNow as error:
            raise Conflict(str(error)) from error
        return _answer(pk)


class CampaignPause(CampaignMove):
    """Pausing a campaign."""

    move = staticmethod(actions.pause)


class CampaignResumption(CampaignMove):
    """Going on with a campaign."""

    move = staticmethod(actions.resume)


class CampaignEnd(CampaignMove):
    """Finishing a campaign for good."""

    move = staticmethod(actions.finish)


class CampaignPeople(CampaignView):
    """Who judges a campaign."""

    @described(WHOLE, takes=PeopleToAssign, refuses=(409,), example={"people": []})
    def put(self, request: Request, pk: int) -> Response:
        """Have these people judge it and nobody else; 409 when it is finished."""
        campaign = found_or_404(Campaign.objects.all(), pk, "campaign")
        people = _people(sent(PeopleToAssign(data=request.data))["people"])
        try:
            actions.assign(campaign, [annotator_of(user) for user in people])
        except actions.NotNow as error:
            raise Conflict(str(error)) from error
        return _answer(pk)


def _people(names: list[str]) -> list[User]:
    may = {user.get_username(): user for user in queries.assignable()}
    if strangers := [name for name in names if name not in may]:
        raise ParseError(f"people: nobody who may judge is called “{strangers[0]}”.")
    return [may[name] for name in names]


def _answer(pk: int) -> Response:
    found = found_or_404(queries.campaigns(), pk, "campaign")
    return Response(
        CampaignFields(found).data
        | {
            "progress": ProgressFields(queries.progress(found)).data,
            "people": PersonFields(queries.people_in(found), many=True).data,
            "forecast": ForecastFields(forecast(found)).data,
        }
    )
