"""Judging as JSON, for the screen and for programs: sit down, get what comes next, answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle

from judgments.actions import judge
from judgments.models import AnswerKind, Campaign, CannotTell, Seat, Sitting, View
from judgments.queries.queue import ASIDE
from taxonomy.described import TEXT, described, shape, thing
from taxonomy.models import Category
from taxonomy.rest import JsonView, May, SignedInRequest, found_or_404
from taxonomy.sent import sent

MOST_ANSWERS = 200  # in one request: what a browser has gathered while it was away


class MayJudge(May):
    """Judging takes the permission to."""

    to_read = to_write = "judgments.add_judgment"


class Answering(UserRateThrottle):
    """No hand is faster: ten requests a second, a person's tabs together."""

    scope = "answers"
    rate = "600/min"


class SittingToBegin(serializers.Serializer[Sitting]):
    """What somebody sits down to."""

    id = serializers.UUIDField()
    view = serializers.ChoiceField(View.choices, default=View.FOCUS)
    campaign = serializers.IntegerField(allow_null=True, default=None)
    branch = serializers.IntegerField(allow_null=True, default=None)
    aside = serializers.ChoiceField([*ASIDE, ""], default="")
    batch = serializers.IntegerField(min_value=1, max_value=1_000, default=50)


class SittingFields(serializers.Serializer[Sitting]):
    """A sitting; the next answer's sequence is one more than this one."""

    id = serializers.UUIDField()
    view = serializers.CharField()
    campaign = serializers.IntegerField(source="campaign_id", allow_null=True)
    branch = serializers.IntegerField(source="branch_id", allow_null=True)
    aside = serializers.CharField()
    batch = serializers.IntegerField()
    sequence = serializers.IntegerField()


class CountAsked(serializers.Serializer[Any]):
    """How many seats are wanted."""

    count = serializers.IntegerField(min_value=1, max_value=judge.MOST, default=20)


class PageFields(serializers.Serializer[Category]):
    """A page that a product is judged for."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    path = serializers.CharField()


class SeatFields(serializers.Serializer[Seat]):
    """A question: does this product belong on this page, or rather on its sibling?"""

    seat = serializers.IntegerField(source="pk")
    page = PageFields(source="item.page")
    sibling = PageFields(source="item.sibling", allow_null=True)
    product = serializers.IntegerField(source="item.product.pk")
    offer_id = serializers.CharField(source="item.product.offer_id")
    retailer = serializers.CharField(source="item.product.retailer.name")
    title = serializers.CharField(source="item.product.title")
    lease_until = serializers.DateTimeField(allow_null=True)


class AnswerToTake(serializers.Serializer[Any]):
    """One key press."""

    token = serializers.UUIDField()
    sequence = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    seat = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    kind = serializers.ChoiceField(AnswerKind.choices)
    grade = serializers.IntegerField(allow_null=True, default=None, min_value=0, max_value=3)
    belongs_to = serializers.IntegerField(
        allow_null=True, default=None, min_value=1, max_value=2**63 - 1
    )
    reason = serializers.ChoiceField([*CannotTell.values, ""], default="")
    note = serializers.CharField(allow_blank=True, default="", max_length=judge.MAX_NOTE)
    seconds = serializers.FloatField(allow_null=True, default=None)
    undoes = serializers.UUIDField(allow_null=True, default=None)


class OutcomeFields(serializers.Serializer[judge.Outcome]):
    """What became of an answer."""

    token = serializers.UUIDField()
    refused = serializers.CharField()
    told = serializers.SerializerMethodField()

    def get_told(self, outcome: judge.Outcome) -> dict[str, Any] | None:
        """Return what a training item tells now that it was answered."""
        return asdict(outcome.told) if outcome.told else None


LEASED = shape(
    "Leased",
    seats=SeatFields(many=True),
    left=serializers.IntegerField(allow_null=True),
    stopped=serializers.CharField(allow_blank=True),
)
ANSWERED = shape(
    "Answered",
    sequence=serializers.IntegerField(),
    results=OutcomeFields(many=True),
    notice=serializers.CharField(allow_blank=True),
)
ANSWERS = shape("Answers", answers=AnswerToTake(many=True))
FAULTY = thing(index={"type": "integer"}, field=TEXT, detail=TEXT)


class JudgingView(JsonView):
    """What the addresses of judging share."""

    permission_classes = [MayJudge]
    throttle_classes = [Answering]


class Sittings(JudgingView):
    """A person's sittings."""

    @described(
        SittingFields,
        takes=SittingToBegin,
        example={"id": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a93", "view": "focus"},
        refuses=(404,),
    )
    def post(self, request: SignedInRequest) -> Response:
        """Begin a sitting of the id that the browser made, or find the one that has begun."""
        wanted = sent(SittingToBegin(data=request.data))
        if wanted["campaign"] is not None:
            wanted["campaign"] = found_or_404(
                Campaign.objects.all(), wanted["campaign"], "campaign"
            )
        if wanted["branch"] is not None:
            wanted["branch"] = found_or_404(Category.objects.all(), wanted["branch"], "category")
        try:
            sitting = judge.sit(judge.annotator_of(request.user), **wanted)
        except judge.NotYours as error:
            raise PermissionDenied(str(error)) from error
        return Response(SittingFields(sitting).data)


class Next(JudgingView):
    """What comes next in a sitting."""

    @described(LEASED, takes=CountAsked, example={"count": 20})
    def post(self, request: SignedInRequest, sitting_id: UUID) -> Response:
        """Return up to `count` seats, held for this sitting; why none, if there are none."""
        asked = sent(CountAsked(data=request.data))
        leased = judge.lease(own_sitting(request, sitting_id), asked["count"])
        seats = [SeatFields(seat).data for seat in leased.seats]
        return Response({"seats": seats, "left": leased.left, "stopped": leased.stopped})


class Answers(JudgingView):
    """The answers of a sitting."""

    @described(
        ANSWERED,
        takes=ANSWERS,
        refuses={409: thing(expects={"type": "integer"}), 422: FAULTY},
        example={"answers": []},
    )
    def post(self, request: SignedInRequest, sitting_id: UUID) -> Response:
        """Take answers in, each once: 409 says which number must come next, 422 what is wrong."""
        sitting = own_sitting(request, sitting_id)
        try:
            done = judge.submit(sitting, _submissions(request))
        except judge.Gap as gap:
            return Response({"expects": gap.expected}, status=status.HTTP_409_CONFLICT)
        except judge.SubmissionFault as fault:
            told = {"index": fault.index, "field": fault.field, "detail": fault.reason}
            return Response(told, status=status.HTTP_422_UNPROCESSABLE_ENTITY)
        results = [OutcomeFields(outcome).data for outcome in done.outcomes]
        return Response({"sequence": done.sequence, "results": results, "notice": done.notice})


def own_sitting(request: Request, sitting_id: UUID) -> Sitting:
    """Return the sitting when it is this person's; 403 when another's, 404 when there is none."""
    sitting = Sitting.objects.select_related("annotator").filter(pk=sitting_id).first()
    if sitting is None:
        raise NotFound("There is no such sitting.")
    if sitting.annotator.user_id != request.user.pk:
        raise PermissionDenied("This sitting is somebody else's.")
    return sitting


def _submissions(request: Request) -> list[judge.Submission]:
    """Return the answers that the request brings. Raises SubmissionFault for what they are not."""
    body = request.data
    rows = body.get("answers") if isinstance(body, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST_ANSWERS:
        reason = f"A list of up to {MOST_ANSWERS} answers is missing."
        raise judge.SubmissionFault(0, "answers", reason)
    return [_submission(index, row) for index, row in enumerate(rows)]


def _submission(index: int, row: object) -> judge.Submission:
    fields = AnswerToTake(data=row)
    if not fields.is_valid():
        field, reasons = next(iter(fields.errors.items()))
        raise judge.SubmissionFault(index, str(field), str(reasons[0]))
    return judge.Submission(**fields.validated_data)
