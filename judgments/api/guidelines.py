"""Guidelines as JSON: the queries, actions and permissions of their pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from judgments.actions import guidelines as actions
from judgments.models import Example, GuidelineRevision, GuidelineState
from judgments.queries import guidelines as said
from taxonomy.described import described, shape
from taxonomy.models import Category
from taxonomy.rest import Conflict, JsonView, May, SignedInRequest, found_or_404, listed
from taxonomy.sent import sent


class MayWrite(May):
    """Reading and writing take what the pages of guidelines take."""

    to_read = "judgments.view_guidelinerevision"
    to_write = "judgments.add_guidelinerevision"


class ExampleFields(serializers.Serializer[Example]):
    """A product that a guideline shows."""

    product = serializers.IntegerField(source="product_id")
    grade = serializers.IntegerField()
    why = serializers.CharField()


class RevisionFields(serializers.Serializer[GuidelineRevision]):
    """One version of a guideline, in Markdown; `category` is null for the whole tree's."""

    category = serializers.IntegerField(source="guideline.category_id", allow_null=True)
    number = serializers.IntegerField()
    state = serializers.CharField()
    text = serializers.CharField()
    note = serializers.CharField()
    author = serializers.CharField(source="author.username", allow_null=True, default=None)
    made_at = serializers.DateTimeField()
    examples = ExampleFields(many=True)


class HistoryFields(RevisionFields):
    """A version in the history, with how many judgments went by it."""

    judged = serializers.IntegerField()


class StandingFields(serializers.Serializer[said.GuidelineLine]):
    """How a branch's own guideline stands; an edit is based on `newest`."""

    category = serializers.IntegerField(source="standing.branch.pk", allow_null=True, default=None)
    path = serializers.CharField(source="standing.branch.path", allow_null=True, default=None)
    newest = serializers.IntegerField(source="standing.number")
    live = RevisionFields(source="standing.live", allow_null=True)
    draft = RevisionFields(source="standing.draft", allow_null=True)
    pages = serializers.IntegerField()
    judged = serializers.IntegerField()


class ExampleToShow(serializers.Serializer[Example]):
    """An example as it is sent."""

    product = serializers.IntegerField(min_value=1)
    grade = serializers.IntegerField(min_value=0, max_value=3)
    why = serializers.CharField(allow_blank=True, default="", max_length=2_000)


class GuidelineToWrite(serializers.Serializer[GuidelineRevision]):
    """What is said when a guideline is written."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=100_000)
    based_on = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    live = serializers.BooleanField(default=False)
    note = serializers.CharField(allow_blank=True, default="", max_length=2_000)
    examples = ExampleToShow(many=True, default=list)


class RevisionToRepeat(serializers.Serializer[GuidelineRevision]):
    """Which revision is made live or restored."""

    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    based_on = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


GUIDELINE = shape(
    "Guideline",
    category=serializers.IntegerField(allow_null=True),
    newest=serializers.IntegerField(),
    live=RevisionFields(allow_null=True),
    draft=RevisionFields(allow_null=True),
    counts=RevisionFields(allow_null=True),
)
COLLISION = shape(
    "GuidelineCollision",
    detail=serializers.CharField(),
    theirs=RevisionFields(required=False),
    yours=serializers.CharField(required=False, allow_blank=True),
)


class GuidelineView(JsonView):
    """What all addresses of guidelines share."""

    permission_classes = [MayWrite]


class Guidelines(GuidelineView):
    """The branches with a guideline."""

    @described(
        StandingFields,
        listed=True,
        asks={"state": {"type": "string", "enum": ["", GuidelineState.DRAFT.value]}},
    )
    def get(self, request: Request) -> Response:
        """Return how each stands, the whole tree's first; `?state=draft` those with a draft."""
        state = request.query_params.get("state", "")
        if state not in ("", GuidelineState.DRAFT):
            raise ParseError('"state" is draft, or left out.')
        places = said.written_guidelines(state)
        return listed(request, places, StandingFields, said.guideline_lines)


class OneGuideline(GuidelineView):
    """The guideline of a branch, or of the whole tree."""

    @described(GUIDELINE)
    def get(self, request: Request, pk: int | None = None) -> Response:  # noqa: ARG002  DRF passes it
        return _answer(_branch(pk))

    @described(
        GUIDELINE,
        codes=(200, 201),
        takes=GuidelineToWrite,
        refuses={409: COLLISION},
        example={"text": "Look at the picture first.", "based_on": 0, "live": True},
    )
    def put(self, request: SignedInRequest, pk: int | None = None) -> Response:
        """Append a revision: 201 for the first, 409 with both texts when another came first."""
        branch, wanted = _branch(pk), sent(GuidelineToWrite(data=request.data))
        shown = [actions.Shown(**dict(one)) for one in wanted.pop("examples")]
        write = partial(actions.write_guideline, branch, by=request.user, examples=shown, **wanted)
        return _written(write, wanted["text"])


class GuidelineHistory(GuidelineView):
    """All that was ever said of one branch."""

    @described(HistoryFields, listed=True)
    def get(self, request: Request, pk: int | None = None) -> Response:
        """Return the revisions, newest first, each with how many judgments went by it."""
        place = said.standing_of(_branch(pk)).place
        if place is None:
            raise NotFound("No guideline has been written here yet.")
        return listed(request, said.revisions_of(place), HistoryFields)


class GuidelineRestoration(GuidelineView):
    """Putting back what an earlier revision said."""

    act: Callable[..., GuidelineRevision] = staticmethod(actions.restore_guideline)

    @described(
        GUIDELINE,
        takes=RevisionToRepeat,
        refuses={409: COLLISION},
        example={"revision": 1, "based_on": 2},
    )
    def post(self, request: SignedInRequest, pk: int | None = None) -> Response:
        """Append what the revision said: 409 with both texts when another came first."""
        branch, wanted = _branch(pk), sent(RevisionToRepeat(data=request.data))
        found = GuidelineRevision.objects.filter(guideline__category=branch)
        revision = found.select_related("guideline").filter(number=wanted["revision"]).first()
        if revision is None:
            raise NotFound(f"This guideline has no revision {wanted['revision']}.")
        write = partial(self.act, revision, based_on=wanted["based_on"], by=request.user)
        return _written(write, revision.text)


class GuidelineMakingLive(GuidelineRestoration):
    """Making what a draft says count."""

    act = staticmethod(actions.make_guideline_live)


def _answer(branch: Category | None) -> Response:
    """How the branch's own stands, and which one counts there."""
    standing = said.standing_of(branch)
    counting = said.guideline_of(branch) if branch else said.guideline_of_all()
    return Response(
        {
            "category": branch.pk if branch else None,
            "newest": standing.number,
            "live": _fields(standing.live),
            "draft": _fields(standing.draft),
            "counts": _fields(counting),
        }
    )


def _fields(revision: GuidelineRevision | None) -> dict[str, Any] | None:
    return RevisionFields(revision).data if revision else None


def _branch(pk: int | None) -> Category | None:
    return None if pk is None else found_or_404(Category.objects.all(), pk, "category")


def _written(write: Callable[[], GuidelineRevision], mine: str) -> Response:
    try:
        revision = write()
    except actions.Collision as collision:
        theirs = RevisionFields(collision.newest).data
        both = {"detail": str(collision), "theirs": theirs, "yours": mine}
        return Response(both, status=Conflict.status_code)
    except actions.BadGuideline as fault:
        raise ParseError(str(fault)) from fault
    answer = _answer(revision.guideline.category)
    if revision.number == 1:
        answer.status_code = status.HTTP_201_CREATED
    return answer
