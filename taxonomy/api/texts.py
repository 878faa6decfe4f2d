"""Texts that tell siblings apart as JSON: the queries, actions and permissions of their pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy.actions import discriminators as actions
from taxonomy.described import NUMBER, described, shape
from taxonomy.models import Category, Discriminator, Revision
from taxonomy.queries import discriminators as said
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


class MayWrite(May):
    """Reading takes what the pages of texts take; writing, what saving one takes."""

    to_read = "taxonomy.view_revision"
    to_write = "taxonomy.add_revision"


class PlaceFields(serializers.Serializer[Category]):
    """A category that a text is about."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    path = serializers.CharField()


class RevisionFields(serializers.Serializer[Revision]):
    """One version of a text; `origin` says of its lines where they came from."""

    number = serializers.IntegerField()
    state = serializers.CharField()
    text = serializers.CharField()
    note = serializers.CharField()
    author = serializers.CharField(source="author.username", allow_null=True, default=None)
    origin = serializers.DictField()
    made_at = serializers.DateTimeField()


class TextFields(serializers.Serializer[said.TextState]):
    """How the text of a pair, or of a category alone, stands; an edit is based on `newest`."""

    category = PlaceFields()
    sibling = PlaceFields(allow_null=True)
    newest = serializers.IntegerField(source="number")
    live = RevisionFields(allow_null=True)
    draft = RevisionFields(allow_null=True)
    tells_nothing = serializers.BooleanField()


class TextToWrite(serializers.Serializer[Revision]):
    """What is said when a text is written."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=20_000)
    based_on = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    live = serializers.BooleanField(default=False)
    note = serializers.CharField(allow_blank=True, default="", max_length=2_000)


class RevisionToRepeat(serializers.Serializer[Revision]):
    """Which revision is made live or restored."""

    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    based_on = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


COLLISION = shape(
    "TextCollision",
    detail=serializers.CharField(),
    theirs=RevisionFields(required=False),
    yours=serializers.CharField(required=False, allow_blank=True),
)


class TextView(JsonView):
    """What all addresses of texts share."""

    permission_classes = [MayWrite]


class Texts(TextView):
    """All texts."""

    @described(
        TextFields,
        listed=True,
        asks={
            "category": NUMBER,
            "under": NUMBER,
            "state": {"type": "string", "enum": ["", *said.TEXT_STATES]},
        },
    )
    def get(self, request: Request) -> Response:
        """Return the texts in the order of the tree: of a category, below one, in a state."""
        asked = request.query_params
        state = asked.get("state", "")
        if state and state not in said.TEXT_STATES:
            raise ParseError(f'"state" is one of: {", ".join(said.TEXT_STATES)}.')
        found = said.texts(state)
        if category := asked.get("category"):
            found = found.filter(category=category_asked(category))
        if under := asked.get("under"):
            found = found.filter(category__lineage__startswith=category_asked(under).lineage)
        return listed(request, found, TextFields, said.text_states)


class OneText(TextView):
    """The text of a pair, or of a category alone."""

    @described(TextFields)
    def get(self, request: Request, pk: int, sibling_pk: int | None = None) -> Response:  # noqa: ARG002  DRF passes it
        return _answer(*_pair(pk, sibling_pk))

    @described(
        TextFields,
        codes=(200, 201),
        takes=TextToWrite,
        refuses={409: COLLISION},
        example={"text": "whole, not ground", "based_on": 0, "live": True},
    )
    def put(self, request: SignedInRequest, pk: int, sibling_pk: int | None = None) -> Response:
        """Append a revision: 201 for the first, 409 with both texts when another came first."""
        category, sibling = _pair(pk, sibling_pk)
        wanted = sent(TextToWrite(data=request.data))
        write = partial(actions.write_revision, category, sibling, by=request.user, **wanted)
        return _written(write, wanted["text"])


class Revisions(TextView):
    """All that was ever said in one place."""

    @described(RevisionFields, listed=True)
    def get(self, request: Request, pk: int, sibling_pk: int | None = None) -> Response:
        """Return the revisions, newest first."""
        return listed(request, said.revisions_of(_place(pk, sibling_pk)), RevisionFields)


class Restoration(TextView):
    """Putting back what an earlier revision said."""

    act: Callable[..., Revision] = staticmethod(actions.restore)

    @described(
        TextFields,
        takes=RevisionToRepeat,
        refuses={409: COLLISION},
        example={"revision": 1, "based_on": 2},
    )
    def post(self, request: SignedInRequest, pk: int, sibling_pk: int | None = None) -> Response:
        """Append what the revision said: 409 with both texts when another came first."""
        wanted = sent(RevisionToRepeat(data=request.data))
        number = wanted["revision"]
        revision = said.revisions_of(_place(pk, sibling_pk)).filter(number=number).first()
        if revision is None:
            raise NotFound(f"This text has no revision {number}.")
        write = partial(self.act, revision, based_on=wanted["based_on"], by=request.user)
        return _written(write, revision.text)


class MakingLive(Restoration):
    """Making what a draft says count."""

    act = staticmethod(actions.make_live)


def _pair(pk: int, sibling_pk: int | None) -> tuple[Category, Category | None]:
    every = Category.objects.all()
    sibling = None if sibling_pk is None else found_or_404(every, sibling_pk, "category")
    return found_or_404(every, pk, "category"), sibling


def _place(pk: int, sibling_pk: int | None) -> Discriminator:
    category, sibling = _pair(pk, sibling_pk)
    place = Discriminator.objects.filter(category=category, sibling=sibling).first()
    if place is None:
        raise NotFound("Nothing has been said here yet.")
    return place


def _written(write: Callable[[], Revision], mine: str) -> Response:
    try:
        revision = write()
    except actions.Collision as collision:
        theirs = RevisionFields(collision.newest).data
        both = {"detail": str(collision), "theirs": theirs, "yours": mine}
        return Response(both, status=Conflict.status_code)
    except (actions.BadText, actions.NotSiblings) as fault:
        raise ParseError(str(fault)) from fault
    place = revision.discriminator
    answer = _answer(place.category, place.sibling)
    if revision.number == 1:
        answer.status_code = status.HTTP_201_CREATED
    return answer


def _answer(category: Category, sibling: Category | None) -> Response:
    return Response(TextFields(said.text_of(category, sibling)).data)
