"""Confused siblings, previews of texts and suggestions as JSON, as the workbench has them."""

from __future__ import annotations

import uuid
from typing import Any

from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from ranking.actions.preview import ask_preview
from ranking.actions.suggestions import AlreadyDecided, accept, dismiss
from ranking.models import ConfusedPair, Preview, Suggestion
from ranking.queries import confusion
from ranking.queries.fence import Standing, fence_rows, siblings_or_none, standings
from ranking.queries.suggestions import suggestions
from taxonomy.actions.discriminators import BadText
from taxonomy.described import NUMBER, described, shape
from taxonomy.models import Category
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


class MaySeeConfusion(May):
    """Reading, and asking for previews, which change nothing, take what the workbench takes."""

    to_read = "ranking.view_confusedpair"
    to_write = "ranking.view_confusedpair"


class MayDecide(MaySeeConfusion):
    """Writing takes what deciding on suggestions takes."""

    to_write = "ranking.change_suggestion"


class PairFields(serializers.Serializer[ConfusedPair]):
    """Two siblings, the lower id first, and how their weight came about."""

    first = serializers.IntegerField(source="first_id")
    second = serializers.IntegerField(source="second_id")
    first_name = serializers.CharField(source="first.shown_name")
    second_name = serializers.CharField(source="second.shown_name")
    parent = serializers.IntegerField(source="parent_id", allow_null=True)  # type: ignore[assignment]  # DRF has one too
    run = serializers.IntegerField(source="run_id")
    products = serializers.IntegerField()
    judged = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # likewise
    weight = serializers.FloatField()
    share = serializers.FloatField()
    terms = serializers.DictField(child=serializers.FloatField())


class LineFields(serializers.Serializer[confusion.PairLine]):
    """A pair of the work list, and how its two texts stand."""

    pair = PairFields()
    live = serializers.IntegerField()
    drafts = serializers.IntegerField()
    suggestions = serializers.IntegerField()

    def to_representation(self, instance: confusion.PairLine) -> dict[str, Any]:
        told = super().to_representation(instance)
        return {**told.pop("pair"), **told}


class StandingFields(serializers.Serializer[Standing]):
    """A product on the fence; log-odds above 0 put it on the first's side."""

    product = serializers.IntegerField(source="product.pk")
    offer_id = serializers.CharField(source="product.offer_id")
    retailer = serializers.CharField(source="product.retailer.name")
    made_up = serializers.BooleanField(source="product.retailer.made_up")
    title = serializers.CharField(source="product.title")
    margin = serializers.FloatField(source="today")
    belongs_to_first = serializers.BooleanField(source="truth", allow_null=True)


class TextsToPreview(serializers.Serializer[Preview]):
    """Two siblings, in any order, and the texts of both directions."""

    first = serializers.IntegerField(min_value=0)
    second = serializers.IntegerField(min_value=0)
    first_text = serializers.CharField(allow_blank=True, max_length=2000, default="")
    second_text = serializers.CharField(allow_blank=True, max_length=2000, default="")


class PreviewFields(serializers.Serializer[Preview]):
    """What a preview found, the lower id first; `answer` is empty until its state is "done"."""

    token = serializers.UUIDField()
    first = serializers.IntegerField(source="first_id")
    second = serializers.IntegerField(source="second_id")
    state = serializers.CharField()
    error = serializers.CharField()
    answer = serializers.DictField()


class SuggestionFields(serializers.Serializer[Suggestion]):
    """A line that may help, where it came from, and what was decided."""

    id = serializers.IntegerField()
    category = serializers.IntegerField(source="category_id")
    sibling = serializers.IntegerField(source="sibling_id", allow_null=True)
    text = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # DRF has one too
    evidence = serializers.DictField()
    strength = serializers.FloatField()
    state = serializers.CharField()


LINE = shape(
    "ConfusionLine",
    PairFields,
    live=serializers.IntegerField(),
    drafts=serializers.IntegerField(),
    suggestions=serializers.IntegerField(),
)


class ConfusionView(JsonView):
    """What all addresses share."""

    permission_classes = [MaySeeConfusion]


class Confusion(ConfusionView):
    """The work list."""

    @described(
        LINE,
        listed=True,
        asks={"under": NUMBER, "state": {"type": "string", "enum": ["", *confusion.PAIR_STATES]}},
    )
    def get(self, request: Request) -> Response:
        """Return the confused pairs, the heaviest first; of a branch with `?under=`."""
        under = request.query_params.get("under", "")
        branch = category_asked(under) if under else None
        state = request.query_params.get("state", "")
        if state and state not in confusion.PAIR_STATES:
            raise ParseError(f"A state is one of {', '.join(confusion.PAIR_STATES)}.")
        pairs = confusion.confused_pairs(branch, state)
        return listed(request, pairs, LineFields, confusion.pair_lines)


class Pair(ConfusionView):
    """One pair."""

    @described(StandingFields, listed=True, beside={"pair": PairFields()})
    def get(self, request: Request, first: int, second: int) -> Response:
        """Return the pair and the products on its fence, the nearest first."""
        rows = Category.objects.all()
        low, high = sorted(found_or_404(rows, pk, "category").pk for pk in (first, second))
        pair = ConfusedPair.objects.select_related("first", "second").filter(first=low, second=high)
        if (found := pair.first()) is None:
            raise NotFound(f"No run has found {low} and {high} confused.")
        fence = listed(
            request, fence_rows(found), StandingFields, lambda rows: standings(found, rows)
        )
        return Response({"pair": PairFields(found).data} | fence.data)


class Previews(ConfusionView):
    """Asking what texts would change."""

    @described(
        PreviewFields,
        codes=(202,),
        takes=TextsToPreview,
        example={"first": 1, "second": 2, "first_text": "whole"},
    )
    def post(self, request: SignedInRequest) -> Response:
        """Ask; 202, and the address that has the answer within a moment."""
        wanted = sent(TextsToPreview(data=request.data))
        pair = siblings_or_none(wanted["first"], wanted["second"])
        if pair is None:
            raise ParseError("These two are no live siblings.")
        texts = [wanted["first_text"], wanted["second_text"]]
        if pair[0].pk != wanted["first"]:
            texts.reverse()
        try:
            asked = ask_preview(*pair, *texts, by=request.user)
        except BadText as error:
            raise ParseError(str(error)) from error
        address = reverse("api_preview", args=(asked.token,))
        return Response(
            PreviewFields(asked).data,
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": address},
        )


class OnePreview(ConfusionView):
    """One preview."""

    @described(PreviewFields)
    def get(self, request: Request, token: uuid.UUID) -> Response:  # noqa: ARG002  DRF passes it
        asked = Preview.objects.filter(token=token).first()
        if asked is None:
            raise NotFound("There is no such preview; previews are kept for a day.")
        return Response(PreviewFields(asked).data)


class Suggestions(ConfusionView):
    """Lines that may help."""

    @described(SuggestionFields, listed=True, asks={"category": NUMBER, "sibling": NUMBER})
    def get(self, request: Request) -> Response:
        """Return the open suggestions for `?category=` rather than `?sibling=`."""
        category, sibling = (request.query_params.get(x, "") for x in ("category", "sibling"))
        if not category:
            raise ParseError("Give a category, and its sibling if it is about one.")
        beside = category_asked(sibling) if sibling else None
        return listed(request, suggestions(category_asked(category), beside), SuggestionFields)


class Decision(JsonView):
    """What somebody decides on a suggestion."""

    permission_classes = [MayDecide]
    decide = staticmethod(accept)

    @described(SuggestionFields, refuses=(409,))
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Decide; 409 when somebody already has. The text itself is written apart from it."""
        found = found_or_404(Suggestion.objects.all(), pk, "suggestion")
        try:
            decided = type(self).decide(found, by=request.user)
        except AlreadyDecided as error:
            raise Conflict(str(error)) from error
        return Response(SuggestionFields(decided).data)


class Dismissal(Decision):
    """Proposing a line no more."""

    decide = staticmethod(dismiss)
