"""Versions of the tree as JSON: the queries, actions and permissions of their pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy.actions import applying, undoing, updates
from taxonomy.bounded_json import BoundedJSON
from taxonomy.described import FILE, NUMBER, TEXT, described, shape, thing
from taxonomy.imports.rejects import Unreadable
from taxonomy.imports.tree_files import BYTE_LIMIT, TOO_LARGE
from taxonomy.models import CategoryChange, ChangeKind, TreeUpdate, UpdateState
from taxonomy.queries import updates as queries
from taxonomy.queries.retiring import rows, undecided
from taxonomy.queries.successors import BadSuccessor
from taxonomy.rest import Conflict, JsonView, May, Rows, SignedInRequest, found_or_404, listed

SET_ASIDE_LISTED = 100
HOW_TO_BRING = 'Send a file as the form field "file", or {"fetch": true}.'
HOW_TO_CHOOSE = (
    'Give "successors", an object of retired id → id, path or null, and "along", a list of'
    " retired ids."
)


class MayUpdate(May):
    """Reading takes what the pages of versions take; writing, what bringing one in takes."""

    to_read = "taxonomy.view_treeupdate"
    to_write = "taxonomy.add_treeupdate"


class VersionFields(serializers.Serializer[TreeUpdate]):
    """A version, and what became of it."""

    id = serializers.IntegerField()
    file = serializers.CharField(source="source")  # its name, or the address
    version = serializers.CharField()
    state = serializers.CharField()
    error = serializers.CharField()
    successors = serializers.DictField()
    along = serializers.ListField()
    figures = serializers.DictField()
    made_by = serializers.CharField(source="made_by.username", allow_null=True, default=None)
    made_at = serializers.DateTimeField()
    applied_by = serializers.CharField(source="applied_by.username", allow_null=True, default=None)
    applied_at = serializers.DateTimeField(allow_null=True)
    undone_by = serializers.CharField(source="undone_by.username", allow_null=True, default=None)
    undone_at = serializers.DateTimeField(allow_null=True)


class SuggestedFields(serializers.Serializer[Any]):
    """A category that could take the place of a retired one."""

    id = serializers.IntegerField(source="node.id")
    path = serializers.CharField(source="node.path")
    why = serializers.CharField()


class HangingFields(serializers.Serializer[Any]):
    """What hangs on a category that would be retired."""

    feed = serializers.IntegerField()
    person = serializers.IntegerField()
    model = serializers.IntegerField()
    texts = serializers.IntegerField()
    is_page = serializers.BooleanField()
    shops_own = serializers.SerializerMethodField()
    others = serializers.DictField()

    def get_shops_own(self, held: Any) -> list[int]:
        """Return the ids of the shop's own categories below it."""
        return [node.id for node in held.shops_own]


class RowFields(serializers.Serializer[Any]):
    """One change that a draft would make."""

    id = serializers.IntegerField(source="line.id")
    kind = serializers.CharField(source="line.kind.value")
    before = serializers.CharField(source="line.before.path", allow_null=True, default=None)
    after = serializers.CharField(source="line.after.path")
    hanging = HangingFields(allow_null=True)
    suggested = SuggestedFields(many=True)
    decided = serializers.BooleanField()
    successor = serializers.IntegerField(source="successor.id", allow_null=True, default=None)
    along = serializers.BooleanField()


class ChangeFields(serializers.Serializer[CategoryChange]):
    """One change that an applied version made."""

    id = serializers.IntegerField(source="category_id")
    kind = serializers.CharField()
    before = serializers.DictField()
    after = serializers.DictField()
    note = serializers.CharField()


# Of a draft also what it would change.
WHOLE = shape(
    "VersionWhole",
    VersionFields,
    changes=serializers.DictField(child=serializers.IntegerField(), required=False),
    unchanged=serializers.IntegerField(required=False),
    set_aside=serializers.ListField(child=serializers.DictField(), required=False),
    set_aside_total=serializers.IntegerField(required=False),
    undecided=serializers.IntegerField(required=False),
    fingerprint=serializers.CharField(required=False),
)
# As `RowFields` tells of a draft, or `ChangeFields` of what was applied.
CHANGE = {
    "type": "object",
    "properties": {"id": NUMBER, "kind": {"type": "string", "enum": ChangeKind.values}},
    "required": ["id", "kind"],
}
CHOICES = thing(
    "along",
    successors={
        "type": "object",
        "additionalProperties": {"nullable": True, "anyOf": [NUMBER, TEXT]},
    },
    along={"type": "array", "items": NUMBER},
)


class VersionView(JsonView):
    """What all addresses of versions share."""

    permission_classes = [MayUpdate]


class Versions(VersionView):
    """All versions; bringing in one."""

    parser_classes = [BoundedJSON, MultiPartParser]

    @described(VersionFields, listed=True)
    def get(self, request: Request) -> Response:
        """Return the versions, newest first."""
        return listed(request, queries.versions(), VersionFields)

    @described(
        VersionFields,
        codes=(201,),
        takes=thing(fetch={"type": "boolean", "enum": [True]}),
        form={"file": FILE},
        example={"fetch": True},
    )
    def post(self, request: SignedInRequest) -> Response:
        """Keep an uploaded file as a draft, or have a worker fetch the newest: 201."""
        update = _brought(request)
        answer = _answer(update.pk)
        answer.status_code = status.HTTP_201_CREATED
        answer["Location"] = reverse("api_version", args=(update.pk,))
        return answer


class OneVersion(VersionView):
    """One version."""

    @described(WHOLE, refuses=(409,))
    def get(self, request: SignedInRequest, pk: int) -> Response:
        """Return it; of a draft also what it would change, counted, and the fingerprint."""
        update = found_or_404(queries.versions(), pk, "version")
        answer = Response(VersionFields(update).data)
        if update.state == UpdateState.DRAFT:
            plan = _difference(update)
            answer.data |= {
                "changes": {kind.value: n for kind, n in plan.growth.counts.items()},
                "unchanged": plan.growth.unchanged,
                "set_aside": [
                    {"line": one.line, "reason": one.reason}
                    for one in plan.rejects[:SET_ASIDE_LISTED]
                ],
                "set_aside_total": len(plan.rejects),
                "undecided": undecided(plan, request.user),
                "fingerprint": plan.fingerprint,
            }
        return answer


class Changes(VersionView):
    """What a version would change, or did."""

    @described(
        CHANGE,
        listed=True,
        asks={"kind": {"type": "string", "enum": ["", *ChangeKind.values]}, "q": TEXT},
        refuses=(409,),
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        """Return the changes, `?kind=` of one kind, `?q=` with a word in a path."""
        update = found_or_404(queries.versions(), pk, "version")
        kind, text = request.query_params.get("kind", ""), request.query_params.get("q", "")
        if kind not in ("", *ChangeKind.values):
            raise ParseError(f'"kind" is one of {", ".join(ChangeKind.values)}.')
        if update.state != UpdateState.DRAFT:
            made = queries.changes_made(update).filter(category__path__icontains=text)
            return listed(request, made.filter(kind=kind) if kind else made, ChangeFields)
        plan = _difference(update)
        paging = Rows()
        shown = paging.paginate_queryset(plan.lines(kind, text), request) or []
        lines = rows(plan, shown, request.user)
        return paging.get_paginated_response(RowFields(lines, many=True).data)


class SuccessorChoices(VersionView):
    """Who takes the place of what a draft retires."""

    @described(
        VersionFields,
        takes=CHOICES,
        example={"successors": {"2271": 2}, "along": []},
        refuses=(409,),
    )
    def put(self, request: SignedInRequest, pk: int) -> Response:
        """Keep the choices given, all or none; those for other categories stay."""
        update = found_or_404(queries.versions(), pk, "version")
        said = request.data
        chosen = said.get("successors") if isinstance(said, dict) else None
        along = said.get("along", []) if isinstance(said, dict) else None
        known = isinstance(said, dict) and set(said) <= {"successors", "along"}
        if not known or not isinstance(chosen, dict) or not isinstance(along, list):
            raise ParseError(HOW_TO_CHOOSE)
        written = {_retired(old): _written(new) for old, new in chosen.items()}
        try:
            updates.choose_successors(update, written, [pk for pk in written if pk in along])
        except BadSuccessor as error:
            raise ParseError(str(error)) from error
        except (applying.NotADraft, Unreadable) as error:
            raise Conflict(str(error)) from error
        return _answer(pk)


class Application(VersionView):
    """Applying a draft."""

    @described(
        VersionFields,
        takes=thing(fingerprint=TEXT),
        refuses=(409,),
        example={"fingerprint": "0f343b09"},
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Apply what has the fingerprint: 409 when that is no longer what would be done."""
        update = found_or_404(queries.versions(), pk, "version")
        said = request.data.get("fingerprint") if isinstance(request.data, dict) else None
        if not isinstance(said, str) or len(request.data) > 1:
            raise ParseError('Give "fingerprint", as the version has it, and nothing else.')
        try:
            applying.apply_update(update, fingerprint=said, by=request.user)
        except (
            applying.TreeChanged,
            applying.NotADraft,
            applying.CannotApply,
            Unreadable,
        ) as error:
            raise Conflict(str(error)) from error
        return _answer(pk)


class Undoing(VersionView):
    """Undoing an applied version."""

    @described(VersionFields, refuses=(409,))
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Put back what it changed: 409, with the categories, where somebody went on from it."""
        update = found_or_404(queries.versions(), pk, "version")
        try:
            undoing.undo_update(update, by=request.user)
        except applying.NotADraft as error:
            raise Conflict(str(error)) from error
        except undoing.CannotUndo as error:
            in_the_way = [_obstacle(one) for one in error.obstacles]
            said = {"detail": str(error), "in_the_way": in_the_way}
            return Response(said, status=status.HTTP_409_CONFLICT)
        return _answer(pk)


def _answer(pk: int) -> Response:
    return Response(VersionFields(found_or_404(queries.versions(), pk, "version")).data)


def _brought(request: SignedInRequest) -> TreeUpdate:
    file = request.FILES.get("file")
    if file is None:
        if not isinstance(request.data, dict) or request.data != {"fetch": True}:
            raise ParseError(HOW_TO_BRING)
        return updates.request_fetch(by=request.user)
    if (file.size or 0) > BYTE_LIMIT:
        raise ParseError(TOO_LARGE)
    try:
        return updates.upload(file.name or "", file.read(), by=request.user)
    except Unreadable as error:
        raise ParseError(str(error)) from error


def _difference(update: TreeUpdate) -> queries.Difference:
    try:
        return queries.difference(update)
    except Unreadable as error:
        raise Conflict(str(error)) from error


def _retired(old: str) -> int:
    if not (old.isdecimal() and len(old) < 19):
        raise ParseError(HOW_TO_CHOOSE)
    return int(old)


def _written(new: object) -> str | None:
    if isinstance(new, bool) or not isinstance(new, str | int | None):
        raise ParseError(HOW_TO_CHOOSE)
    # Half a character, which JSON can hold, has no place in the sentence that repeats it.
    return None if new is None else str(new).encode(errors="replace").decode()


def _obstacle(one: undoing.Obstacle) -> dict[str, object]:
    return {
        "id": one.category.pk,
        "path": one.category.path,
        "what": one.what,
        "by": one.by.username if one.by else None,
        "at": one.at,
    }
