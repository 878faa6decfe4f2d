"""Gold as JSON."""

from __future__ import annotations

from rest_framework import serializers, status
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from judgments.actions import gold as actions
from judgments.models import Gold, GoldState
from judgments.queries import gold as said
from taxonomy.described import described, shape
from taxonomy.models import Category, Product
from taxonomy.rest import JsonView, May, SignedInRequest, found_or_404, listed
from taxonomy.sent import sent


class MayGild(May):
    """Seeing gold and deciding on it take the same."""

    to_read = "judgments.add_gold"
    to_write = "judgments.add_gold"


class GoldFields(serializers.Serializer[said.GoldLine]):
    """A gold, how many said so before, and how often it was shown and missed."""

    id = serializers.IntegerField(source="gold.pk")
    page = serializers.IntegerField(source="gold.page_id")
    product = serializers.IntegerField(source="gold.product_id")
    title = serializers.CharField(source="gold.product.title")
    grade = serializers.IntegerField(source="gold.grade")
    state = serializers.CharField(source="gold.state")
    training = serializers.BooleanField(source="gold.training")
    explanation = serializers.CharField(source="gold.explanation")
    people = serializers.IntegerField()
    shown = serializers.IntegerField()
    missed = serializers.IntegerField()
    look_again = serializers.BooleanField()


class GoldToAdd(serializers.Serializer[Gold]):
    """What is said to add a gold by hand."""

    page = serializers.IntegerField(min_value=1)
    product = serializers.IntegerField(min_value=1)
    grade = serializers.IntegerField(min_value=0, max_value=3)
    training = serializers.BooleanField(default=False)
    explanation = serializers.CharField(allow_blank=True, default="", max_length=2_000)


class GoldToDecide(serializers.Serializer[Gold]):
    """What is decided of which gold: `state` "active" or "dismissed"."""

    gold = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=1_000
    )
    state = serializers.ChoiceField(choices=(GoldState.ACTIVE.value, GoldState.DISMISSED.value))
    training = serializers.BooleanField(default=False)
    explanation = serializers.CharField(allow_blank=True, default="", max_length=2_000)


class GoldView(JsonView):
    """What all addresses of gold share."""

    permission_classes = [MayGild]


class Golds(GoldView):
    """All gold."""

    @described(
        GoldFields, listed=True, asks={"state": {"type": "string", "enum": ["", *GoldState.values]}}
    )
    def get(self, request: Request) -> Response:
        """Return it, newest first; `?state=` keeps what is proposed, active or dismissed."""
        state = request.query_params.get("state", "")
        if state and state not in GoldState.values:
            raise ParseError(f'"state" is one of: {", ".join(GoldState.values)}.')
        return listed(request, said.golds(state), GoldFields, said.gold_lines)

    @described(
        GoldFields, codes=(201,), takes=GoldToAdd, example={"page": 1, "product": 1, "grade": 3}
    )
    def post(self, request: SignedInRequest) -> Response:
        """Take a product into use by hand: 201."""
        wanted = sent(GoldToAdd(data=request.data))
        page = found_or_404(Category.objects.all(), wanted.pop("page"), "category")
        product = found_or_404(Product.objects.all(), wanted.pop("product"), "product")
        try:
            made = actions.add_gold(page, product, by=request.user, **wanted)
        except actions.BadGold as fault:
            raise ParseError(str(fault)) from fault
        line = said.gold_lines([made])[0]
        return Response(GoldFields(line).data, status=status.HTTP_201_CREATED)


class GoldProposals(GoldView):
    """Looking for what people agree on."""

    @described(shape("Proposed", proposed=serializers.IntegerField()))
    def post(self, request: SignedInRequest) -> Response:  # noqa: ARG002  DRF passes it
        """Propose it; how many are new."""
        return Response({"proposed": actions.propose_gold()})


class GoldDecisions(GoldView):
    """Deciding on many at once."""

    @described(
        shape("Changed", changed=serializers.IntegerField()),
        takes=GoldToDecide,
        example={"gold": [1], "state": "active"},
    )
    def post(self, request: SignedInRequest) -> Response:
        """Take proposals into use or dismiss gold; how many changed."""
        wanted = sent(GoldToDecide(data=request.data))
        found = list(Gold.objects.filter(pk__in=wanted.pop("gold")))
        try:
            changed = actions.decide(found, wanted.pop("state"), by=request.user, **wanted)
        except actions.BadGold as fault:
            raise ParseError(str(fault)) from fault
        return Response({"changed": changed})
