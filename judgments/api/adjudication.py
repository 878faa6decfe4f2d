"""Settling what people disagree about as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers, status
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from judgments.actions import adjudicate as actions
from judgments.models import Adjudication, Annotator, Campaign, Cause, Judgment
from judgments.queries import adjudication as said
from taxonomy.described import NUMBER, described, shape
from taxonomy.models import Category, Product
from taxonomy.rest import (
    Conflict,
    JsonView,
    May,
    SignedInRequest,
    category_asked,
    found_or_404,
    listed,
)
from taxonomy.sent import sent


class MaySettle(May):
    """Others' grades are seen by those who settle."""

    to_read = "judgments.add_adjudication"
    to_write = "judgments.add_adjudication"


class DisputedFields(serializers.Serializer[said.Disputed]):
    """A product on a page of which people think differently."""

    page = serializers.IntegerField(source="page.pk")
    product = serializers.IntegerField(source="product.pk")
    title = serializers.CharField(source="product.title")
    grades = serializers.ListField(child=serializers.IntegerField())
    cannot_tell = serializers.IntegerField()


class WordFields(serializers.Serializer[Judgment]):
    """What one person thinks."""

    annotator = serializers.CharField(source="annotator.name")
    simulated = serializers.BooleanField(source="annotator.simulated")
    source = serializers.CharField()  # type: ignore[assignment]  # DRF's own attribute is set apart
    grade = serializers.IntegerField()
    belongs_to = serializers.IntegerField(source="belongs_to_id", allow_null=True)
    seconds = serializers.FloatField(allow_null=True)
    guideline = serializers.IntegerField(source="guideline.number", allow_null=True, default=None)
    made_at = serializers.DateTimeField()


class DecisionFields(serializers.Serializer[Adjudication]):
    """A decision; `standing` when it counts."""

    id = serializers.IntegerField()
    cause = serializers.CharField()
    note = serializers.CharField()
    grade = serializers.IntegerField(source="judgment.grade", allow_null=True, default=None)
    belongs_to = serializers.IntegerField(
        source="judgment.belongs_to_id", allow_null=True, default=None
    )
    by = serializers.CharField(source="by.username", allow_null=True, default=None)
    made_at = serializers.DateTimeField()
    standing = serializers.SerializerMethodField()
    asked_again_at = serializers.DateTimeField(allow_null=True)

    def get_standing(self, decision: Adjudication) -> bool:
        """Return whether it counts."""
        return not (decision.taken_back_at or decision.asked_again_at)


class GapFields(serializers.Serializer[Adjudication]):
    """The text that leaves it open: a guideline's category (null: the whole tree), or a pair."""

    category = serializers.IntegerField(allow_null=True)
    sibling = serializers.IntegerField(allow_null=True, default=None)


class DecisionToMake(serializers.Serializer[Adjudication]):
    """What is said to settle; `based_on` is the newest decision that was seen, 0 for none."""

    token = serializers.UUIDField()
    based_on = serializers.IntegerField(min_value=0)
    cause = serializers.ChoiceField(choices=Cause.choices)
    grade = serializers.IntegerField(min_value=0, max_value=3, allow_null=True, default=None)
    belongs_to = serializers.IntegerField(min_value=1, allow_null=True, default=None)
    note = serializers.CharField(allow_blank=True, default="", max_length=2_000)
    gap = GapFields(allow_null=True, default=None)


DISPUTE = shape(
    "Dispute",
    page=serializers.IntegerField(),
    product=serializers.IntegerField(),
    based_on=serializers.IntegerField(),
    asked_again=serializers.BooleanField(),
    judgments=WordFields(many=True),
    cannot_tell=serializers.ListField(child=serializers.CharField()),
    decisions=DecisionFields(many=True),
)
SETTLED = shape("Settled", detail=serializers.CharField(), newest=DecisionFields(required=False))


class SettlingView(JsonView):
    """What all addresses of adjudication share."""

    permission_classes = [MaySettle]


class Adjudications(SettlingView):
    """What is to be settled."""

    @described(
        DisputedFields,
        listed=True,
        asks=dict.fromkeys(("campaign", "page", "branch", "person"), NUMBER),
    )
    def get(self, request: Request) -> Response:
        """Return it, lowest agreement first: of a campaign, page, branch, or person."""
        asked = request.query_params
        filters: dict[str, Any] = {
            name: category_asked(asked[name]) for name in ("page", "branch") if asked.get(name)
        }
        if number := asked.get("campaign"):
            filters["campaign"] = found_or_404(Campaign.objects.all(), _whole(number), "campaign")
        if number := asked.get("person"):
            filters["person"] = found_or_404(Annotator.objects.all(), _whole(number), "person")
        return listed(request, said.disputed(**filters), DisputedFields, said.disputes)


class OneAdjudication(SettlingView):
    """One product on one page."""

    @described(DISPUTE)
    def get(self, request: Request, page_pk: int, product_pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Return what people think of it, and what was decided."""
        dispute = said.dispute(*_pair(page_pk, product_pk))
        answer = {
            "page": page_pk,
            "product": product_pk,
            "based_on": dispute.based_on,
            "asked_again": dispute.asked_again,
            "judgments": [WordFields(word.judgment).data for word in dispute.words],
            "cannot_tell": [one.reason for one in dispute.cannot_tell],
            "decisions": [DecisionFields(made).data for made in dispute.decisions],
        }
        return Response(answer)

    @described(
        DecisionFields,
        codes=(201,),
        takes=DecisionToMake,
        refuses={409: SETTLED},
        example={
            "token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a91",
            "based_on": 0,
            "cause": "slip",
            "grade": 3,
        },
    )
    def post(self, request: SignedInRequest, page_pk: int, product_pk: int) -> Response:
        """Decide: 201; 409 with the newest decision when another came first."""
        page, product = _pair(page_pk, product_pk)
        wanted = sent(DecisionToMake(data=request.data))
        token, based_on = wanted.pop("token"), wanted.pop("based_on")
        decision = _decision(wanted)
        try:
            made = actions.adjudicate(
                page, product, decision, by=request.user, token=token, based_on=based_on
            )
        except actions.Settled as settled:
            newest = DecisionFields(settled.newest).data
            both = {"detail": str(settled), "newest": newest}
            return Response(both, status=Conflict.status_code)
        except actions.BadDecision as fault:
            raise ParseError(str(fault)) from fault
        return Response(DecisionFields(made).data, status=status.HTTP_201_CREATED)


class AdjudicationTakenBack(SettlingView):
    """Having a decision of one's own count no more."""

    @described(DecisionFields, refuses=(409,))
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Take it back; a second time changes nothing. 409 when it cannot be."""
        made = found_or_404(Adjudication.objects.all(), pk, "decision")
        try:
            actions.take_back(made, by=request.user)
        except actions.CannotTakeBack as fault:
            raise Conflict(str(fault)) from fault
        return Response(DecisionFields(made).data)


def _pair(page_pk: int, product_pk: int) -> tuple[Category, Product]:
    page = found_or_404(Category.objects.all(), page_pk, "category")
    return page, found_or_404(Product.objects.all(), product_pk, "product")


def _decision(wanted: dict[str, Any]) -> actions.Decision:
    elsewhere, gap = wanted.pop("belongs_to"), wanted.pop("gap")
    return actions.Decision(
        **wanted,
        belongs_to=_category(elsewhere),
        gap=actions.OpenText(_category(gap["category"]), _category(gap["sibling"]))
        if gap
        else None,
    )


def _category(pk: int | None) -> Category | None:
    return None if pk is None else found_or_404(Category.objects.all(), pk, "category")


def _whole(number: str) -> int:
    if not number.isdecimal() or len(number) > 18:
        raise ParseError("An id is a whole number.")
    return int(number)
