"""Rules by branch as JSON: the queries, actions and permissions of their pages."""

from __future__ import annotations

import uuid
from typing import Any

from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from ranking.actions.preview_rules import preview_rules
from ranking.actions.rules import ChangedMeanwhile, NoBranch, write_rules
from ranking.models import BranchRules, RulesPreview, RulesState
from ranking.queries.rules import BranchLine, RuleLine, branch_lines, revisions, rules_of
from ranking.rule_fields import BadRules
from taxonomy.described import described
from taxonomy.models import Category
from taxonomy.rest import LARGEST_ID, JsonView, May, SignedInRequest, found_or_404, listed
from taxonomy.sent import sent

EXAMPLE = {
    "branch": None,
    "values": {"minimum_confidence": 0.4, "out_of_stock": "remove"},
    "live": False,
    "based_on": None,
}


class MayRule(May):
    """Reading takes what the pages of rules take; writing, what changing them takes."""

    to_read = "ranking.view_branchrules"
    to_write = "ranking.add_branchrules"


class MayLook(May):
    """There is nothing to write."""

    to_read = to_write = "ranking.view_branchrules"


class RevisionFields(serializers.Serializer[BranchRules]):
    """One revision of what a branch asks for; `branch` null: the whole shop."""

    id = serializers.IntegerField()
    branch = serializers.IntegerField(source="branch_id", allow_null=True)
    values = serializers.DictField()  # by name; shares from 0 to 1
    state = serializers.ChoiceField(choices=RulesState.values)
    author = serializers.CharField(source="author.username", allow_null=True, default=None)
    note = serializers.CharField()
    based_on = serializers.IntegerField(source="based_on_id", allow_null=True)
    made_at = serializers.DateTimeField()


class BranchFields(serializers.Serializer[BranchLine]):
    """A branch that asks for something of its own; the whole shop comes first."""

    branch = serializers.IntegerField(source="branch.pk", allow_null=True, default=None)
    path = serializers.CharField(source="branch.path", allow_null=True, default=None)
    pages = serializers.IntegerField()
    live = RevisionFields(allow_null=True)
    draft = RevisionFields(allow_null=True)


class CountingFields(serializers.Serializer[RuleLine]):
    """What counts at a branch, and where it comes from: nowhere, and it is the default."""

    name = serializers.CharField(source="field.name")
    value = serializers.SerializerMethodField(method_name="worth")
    is_own = serializers.BooleanField()
    revision = serializers.IntegerField(source="source.pk", allow_null=True, default=None)

    def worth(self, line: RuleLine) -> Any:
        """A share from 0 to 1, a number, true or false, or a word."""
        return line.value


class CountsFields(serializers.Serializer[Any]):
    """All that counts at a branch, and the newest revision there: what a new one is based on."""

    counts = CountingFields(many=True)
    newest = RevisionFields(allow_null=True)


class RulesToWrite(serializers.Serializer[BranchRules]):
    """What is said when a branch's rules change: what is not named is inherited."""

    branch = serializers.IntegerField(allow_null=True, min_value=1, max_value=LARGEST_ID)
    values = serializers.DictField()
    live = serializers.BooleanField()
    based_on = serializers.IntegerField(allow_null=True, min_value=1, max_value=LARGEST_ID)
    note = serializers.CharField(max_length=300, allow_blank=True, default="")


class RulesToPreview(serializers.Serializer[RulesPreview]):
    """The rules that are to be tried."""

    branch = serializers.IntegerField(allow_null=True, min_value=1, max_value=LARGEST_ID)
    values = serializers.DictField()


class MeanwhileFields(serializers.Serializer[Any]):
    """What is told when somebody else was faster."""

    detail = serializers.CharField()
    theirs = RevisionFields(allow_null=True)
    yours = serializers.DictField()


class PreviewFields(serializers.Serializer[RulesPreview]):
    """What rules would change; `answer` is empty until the state is "done"."""

    token = serializers.UUIDField()
    branch = serializers.IntegerField(source="branch_id", allow_null=True)
    values = serializers.DictField()
    state = serializers.CharField()
    error = serializers.CharField()
    answer = serializers.DictField()


class RulesView(JsonView):
    """What all addresses share."""

    permission_classes = [MayRule]


class Rules(RulesView):
    """The branches with rules of their own; writing them."""

    @described(BranchFields, listed=True)
    def get(self, request: Request) -> Response:
        """Return the whole shop, then every branch with rules or a draft, along the tree."""
        return listed(request, branch_lines(), BranchFields)

    @described(
        RevisionFields,
        codes=(201,),
        takes=RulesToWrite,
        refuses={409: MeanwhileFields},
        example=EXAMPLE,
    )
    def post(self, request: SignedInRequest) -> Response:
        """Append a revision: 409 with both when somebody else came first."""
        told = sent(RulesToWrite(data=request.data))
        branch = _branch(told.pop("branch"))
        try:
            saved = write_rules(branch, **told, by=request.user)
        except (BadRules, NoBranch) as fault:
            raise ParseError(str(fault)) from fault
        except ChangedMeanwhile as changed:
            theirs = RevisionFields(changed.newest).data if changed.newest else None
            both = {"detail": str(changed), "theirs": theirs, "yours": told["values"]}
            return Response(both, status.HTTP_409_CONFLICT)
        return Response(RevisionFields(saved).data, status.HTTP_201_CREATED)


class BranchCounts(RulesView):
    """What counts at one branch."""

    permission_classes = [MayLook]

    @described(CountsFields)
    def get(self, request: Request, pk: int | None = None) -> Response:  # noqa: ARG002  DRF passes it
        """Return what its pages follow, its own or inherited, and its newest revision."""
        branch = _branch(pk)
        told = {"counts": rules_of(branch), "newest": revisions(branch).first()}
        return Response(CountsFields(told).data)


class BranchHistory(RulesView):
    """All revisions of one branch."""

    permission_classes = [MayLook]

    @described(RevisionFields, listed=True)
    def get(self, request: Request, pk: int | None = None) -> Response:
        """Return them, newest first."""
        return listed(request, revisions(_branch(pk)), RevisionFields)


class RulesPreviews(RulesView):
    """Asking what rules would change."""

    @described(
        PreviewFields,
        codes=(202,),
        takes=RulesToPreview,
        example={"branch": None, "values": {"most_in_top": 3}},
    )
    def post(self, request: SignedInRequest) -> Response:
        """Ask; 202, and the address that has the answer within seconds. Nothing is saved."""
        told = sent(RulesToPreview(data=request.data))
        try:
            asked = preview_rules(_branch(told["branch"]), told["values"], by=request.user)
        except BadRules as bad:
            raise ParseError(str(bad)) from bad
        answer = Response(PreviewFields(asked).data, status.HTTP_202_ACCEPTED)
        answer["Location"] = reverse("api_rules_preview", args=(asked.token,))
        return answer


class OneRulesPreview(RulesView):
    """One preview."""

    permission_classes = [MayLook]

    @described(PreviewFields)
    def get(self, request: Request, token: uuid.UUID) -> Response:  # noqa: ARG002  DRF passes it
        """Return its state, and when it is "done" what would change."""
        asked = RulesPreview.objects.filter(token=token).first()
        if asked is None:
            raise NotFound("There is no such preview; previews are kept for a day.")
        return Response(PreviewFields(asked).data)


def _branch(pk: int | None) -> Category | None:
    return found_or_404(Category.objects.all(), pk, "category") if pk else None
