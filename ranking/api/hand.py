"""Rules by hand as JSON: the queries, actions and permissions of their pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from ranking.actions import hand as actions
from ranking.actions import wrong_here as wrong
from ranking.hand import STEPS
from ranking.models import HandKind, HandRule, HandState
from ranking.queries import hand as reads
from ranking.queries.checks import Check, checks_of
from taxonomy.described import described
from taxonomy.models import Category, Product
from taxonomy.rest import (
    LARGEST_ID,
    Conflict,
    JsonView,
    May,
    SignedInRequest,
    found_or_404,
    listed,
)
from taxonomy.sent import sent


class MaySay(May):
    """Reading takes what the pages of rules by hand take; writing, what drafting takes."""

    to_read = "ranking.view_handrule"
    to_write = "ranking.add_handrule"


class MayLook(May):
    """There is nothing to write."""

    to_read = to_write = "ranking.view_handrule"


class MaySayWrong(MaySay):
    """Saying that a product is wrong takes judging, too."""

    def has_permission(self, request: Request, view: Any) -> bool:
        judges = request.user.has_perm("judgments.add_judgment")
        return judges and super().has_permission(request, view)


class HandRuleFields(serializers.Serializer[HandRule]):
    """Somebody's word on one product of one page."""

    id = serializers.IntegerField()
    token = serializers.UUIDField()
    page = serializers.IntegerField(source="page_id")
    product = serializers.IntegerField(source="product_id")
    title = serializers.CharField(source="product.title")
    kind = serializers.ChoiceField(choices=HandKind.values)
    place = serializers.IntegerField(allow_null=True)  # of a pin
    strength = serializers.CharField()  # of a boost or a bury; else ""
    until = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()
    state = serializers.ChoiceField(choices=HandState.values)
    author = serializers.CharField(source="author.username", allow_null=True, default=None)
    made_at = serializers.DateTimeField()
    live_at = serializers.DateTimeField(allow_null=True)
    closed_by = serializers.CharField(source="closed_by.username", allow_null=True, default=None)
    closed_at = serializers.DateTimeField(allow_null=True)


class CheckFields(serializers.Serializer[Check]):
    """What people say of a product that was called wrong on the page."""

    grades = serializers.ListField(child=serializers.IntegerField())
    waiting = serializers.IntegerField()  # people who are still to answer
    contradicts = serializers.BooleanField()  # at least half of them find it right


class OneHandRuleFields(HandRuleFields):
    """A rule by hand with its check, null when nobody called the product wrong here."""

    check = CheckFields(allow_null=True)


class HandRuleToDraft(serializers.Serializer[HandRule]):
    """What is said when a rule is drafted: `based_on` is the draft that was seen, null for none."""

    token = serializers.UUIDField()
    based_on = serializers.IntegerField(allow_null=True, min_value=1, max_value=LARGEST_ID)
    product = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    kind = serializers.ChoiceField(choices=HandKind.values)
    place = serializers.IntegerField(
        allow_null=True, default=None, min_value=1, max_value=actions.LAST_PLACE
    )
    strength = serializers.ChoiceField(choices=list(STEPS), allow_blank=True, default="")
    until = serializers.DateTimeField(allow_null=True, default=None)
    note = serializers.CharField(max_length=actions.NOTE_LIMIT, allow_blank=True, default="")


class MeanwhileFields(serializers.Serializer[Any]):
    """What is told when somebody else was faster; `newest` null: the draft was discarded."""

    detail = serializers.CharField()
    newest = HandRuleFields(allow_null=True)


class WrongHereToSay(serializers.Serializer[HandRule]):
    """What is said when a product is wrong on a page."""

    token = serializers.UUIDField()
    product = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)


class DoneFields(serializers.Serializer[actions.Done]):
    """The rules, and the release that told the shop; null: it is told nothing new."""

    rules = HandRuleFields(many=True)
    release = serializers.IntegerField(source="release.pk", allow_null=True, default=None)


class HandView(JsonView):
    """What all addresses share."""

    permission_classes = [MaySay]


class HandRules(HandView):
    """A page's rules by hand; drafting one."""

    @described(
        HandRuleFields, listed=True, asks={"state": {"type": "string", "enum": HandState.values}}
    )
    def get(self, request: Request, pk: int) -> Response:
        """Return them, newest first: of one `?state=`, or those that are live or drafted."""
        state = request.query_params.get("state")
        if state is not None and state not in HandState.values:
            raise ParseError(f'"state" is one of {", ".join(HandState.values)}.')
        states = [HandState(state)] if state else [HandState.LIVE, HandState.DRAFT]
        return listed(request, reads.rules_of(page_of(pk), *states), HandRuleFields)

    @described(
        HandRuleFields,
        codes=(200, 201),
        takes=HandRuleToDraft,
        refuses={409: MeanwhileFields},
        example={
            "token": "5b1c5c5a-7d0e-4b55-9a39-0a9a6c0b1d11",
            "based_on": None,
            "product": 17,
            "kind": "pin",
            "place": 1,
        },
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Draft one: 201, or 200 when the token's is there.

        409 with `newest`, the draft that somebody else made meanwhile, null: discarded.
        """
        told = sent(HandRuleToDraft(data=request.data))
        page, product = page_of(pk), _product(told.pop("product"))
        token, based_on = told.pop("token"), told.pop("based_on")
        known = HandRule.objects.filter(token=token).exists()
        try:
            rule = actions.draft(
                page,
                product,
                actions.Wish(**told),
                by=request.user,
                token=token,
                based_on=based_on,
            )
        except actions.BadRule as error:
            raise ParseError(str(error)) from error
        except actions.DraftedMeanwhile as error:
            newest = HandRuleFields(error.newest).data if error.newest else None
            return Response({"detail": str(error), "newest": newest}, status.HTTP_409_CONFLICT)
        return _answer(rule, known=known)


class WrongHere(HandView):
    """Saying that a product is wrong on a page."""

    permission_classes = [MaySayWrong]

    @described(
        HandRuleFields,
        codes=(200, 201),
        takes=WrongHereToSay,
        example={"token": "5b1c5c5a-7d0e-4b55-9a39-0a9a6c0b1d12", "product": 17},
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Hide it on the draft, judge it wrong, and have two people check: 201 for a new draft.

        200 with the rule that hides it already. Discarding that draft takes the judgment back.
        """
        told = sent(WrongHereToSay(data=request.data))
        page, product = page_of(pk), _product(told["product"])
        token = told["token"]
        known = HandRule.objects.filter(token=token).exists()
        rule = wrong.wrong_here(page, product, by=request.user, token=token)
        return _answer(rule, known=known or rule.token != token)


class OneHandRule(HandView):
    """One rule by hand."""

    permission_classes = [MayLook]

    @described(OneHandRuleFields)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Return it, with what people say of what was called wrong."""
        rule = _rule(pk)
        check = checks_of(rule.page, [rule.product_id]).get(rule.product_id)
        checked = CheckFields(check).data if check else None
        return Response(HandRuleFields(rule).data | {"check": checked})


class Discarding(HandView):
    """Discarding a draft."""

    @described(HandRuleFields, refuses=(409,))
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Discard it, and take back what this person said with it: 409 when it has gone live."""
        try:
            rule = wrong.take_back(_rule(pk), by=request.user)
        except actions.NotNow as error:
            raise Conflict(str(error)) from error
        return Response(HandRuleFields(rule).data)


class Ending(HandView):
    """Ending a live rule."""

    @described(DoneFields, refuses=(409,))
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Let it count no more, and tell the shop: 409 when it never went live."""
        return done(lambda: actions.end(_rule(pk), by=request.user))


def page_of(pk: int) -> Category:
    """Return the page, or answer 404."""
    return found_or_404(Category.objects.filter(is_page=True), pk, "page")


def _product(pk: int) -> Product:
    return found_or_404(Product.objects.all(), pk, "product")


def _rule(pk: int) -> HandRule:
    rules = HandRule.objects.select_related("page", "product", "author", "closed_by")
    return found_or_404(rules, pk, "rule by hand")


def _answer(rule: HandRule, *, known: bool) -> Response:
    answer = Response(HandRuleFields(rule).data)
    if not known:
        answer.status_code = status.HTTP_201_CREATED
        answer["Location"] = reverse("api_hand_rule", args=(rule.pk,))
    return answer


def done(act: Callable[[], actions.Done]) -> Response:
    """Answer with what going live or ending came to; 409 when it could not be."""
    try:
        return Response(DoneFields(act()).data)
    except actions.NotNow as error:
        raise Conflict(str(error)) from error
