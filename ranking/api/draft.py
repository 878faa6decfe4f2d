"""A page's draft, and all rules that touch the page, as JSON: as on their pages."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ranking.actions import hand as actions
from ranking.api.hand import (
    CheckFields,
    DoneFields,
    HandRuleFields,
    HandView,
    MayLook,
    done,
    page_of,
)
from ranking.models import HandRule
from ranking.queries import hand as reads
from ranking.queries.lineup import Line
from ranking.queries.rules import RuleLine as AskedLine
from ranking.queries.touching import MachineRule, Touching
from taxonomy.described import described
from taxonomy.rest import LARGEST_ID, SignedInRequest
from taxonomy.sent import sent


class DraftsToPublish(serializers.Serializer[HandRule]):
    """The drafts that are to go live, by id."""

    rules = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID), allow_empty=False
    )


class LineFields(serializers.Serializer[Line]):
    """A product of a page; `place` null: it is not shown."""

    product = serializers.IntegerField(source="product.pk")
    title = serializers.CharField(source="product.title")
    place = serializers.IntegerField(allow_null=True)
    machine_place = serializers.IntegerField(allow_null=True)
    rule = serializers.IntegerField(source="hand.pk", allow_null=True, default=None)
    said = serializers.CharField()  # what came of the rule
    offers = serializers.SerializerMethodField()  # ids of products behind it, the cheapest first

    def get_offers(self, line: Line) -> list[int]:
        """The other offers of the same product."""
        return [offer.product.pk for offer in line.offers]


class DraftFields(serializers.Serializer[reads.DraftedPage]):
    """The page as it is and with its drafts; `moved` counts products that change."""

    run = serializers.IntegerField(source="page_run.run_id", allow_null=True, default=None)
    moved = serializers.IntegerField()
    live = LineFields(many=True)
    draft = LineFields(many=True)


class MachineRuleFields(serializers.Serializer[MachineRule]):
    """How many of the page's candidates a rule of the run touched."""

    rule = serializers.CharField()
    name = serializers.CharField(source="label")
    removed = serializers.IntegerField()
    moved = serializers.IntegerField()


class AskedFields(serializers.Serializer[AskedLine]):
    """What counts for the page's next run, and who asks for it."""

    name = serializers.CharField(source="field.name")
    value = serializers.JSONField()
    origin = serializers.CharField()
    branch = serializers.IntegerField(source="source.branch_id", allow_null=True, default=None)


class RuledFields(serializers.Serializer[reads.RuleLine]):
    """A rule by hand, with where its product stands and what came of it."""

    rule = HandRuleFields()
    place = serializers.IntegerField(source="after.place", allow_null=True, default=None)
    said = serializers.CharField(source="after.said", default="")
    check = CheckFields(allow_null=True)


class TouchingFields(serializers.Serializer[Touching]):
    """All rules that touch a page, by origin."""

    live = RuledFields(many=True)
    drafts = RuledFields(many=True)
    machine = MachineRuleFields(many=True)
    asked = AskedFields(source="asked_lines", many=True)


class Draft(HandView):
    """A page with its drafts."""

    permission_classes = [MayLook]

    @described(DraftFields)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Return the page as it is and as it would be, those shown by place, then the others."""
        page = page_of(pk)
        return Response(DraftFields(reads.DraftedPage(page, reads.ruled_page_run(page))).data)


class DraftPublication(HandView):
    """Letting drafts of a page go live."""

    @described(DoneFields, takes=DraftsToPublish, refuses=(409,), example={"rules": [3, 4]})
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Let them count, each in place of the live rule before it, and tell the shop.

        409, and nothing changes, when one of them is no draft of the page any more.
        """
        told = sent(DraftsToPublish(data=request.data))
        return done(lambda: actions.go_live(page_of(pk), told["rules"], by=request.user))


class Rules(HandView):
    """All rules that touch a page."""

    permission_classes = [MayLook]

    @described(TouchingFields)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Return them by where they come from, with how many products each touched."""
        page = page_of(pk)
        return Response(TouchingFields(Touching(page, reads.ruled_page_run(page))).data)
