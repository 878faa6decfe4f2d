"""The tree as JSON: the queries, actions and permissions of its pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import queries
from taxonomy.actions import editing
from taxonomy.described import NUMBER, TEXT, TRUTH, described, shape, thing
from taxonomy.models import Category, Comment
from taxonomy.queries.counts import added_counts
from taxonomy.queries.history import change_events, events, moments
from taxonomy.queries.listing import Line, Wanted
from taxonomy.queries.worklists import work_lists
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

FOUND = 200  # the most that a search answers with


class MayEdit(May):
    """Reading takes what the tree's pages take; writing, what changing a category takes."""

    to_read = "taxonomy.view_category"
    to_write = "taxonomy.change_category"


class MayAdd(MayEdit):
    """Writing takes what adding a category takes."""

    to_write = "taxonomy.add_category"


class MayComment(May):
    """Reading and writing take what comments take."""

    to_read = "taxonomy.view_comment"
    to_write = "taxonomy.add_comment"


class MaySeeHistory(May):
    """Reading takes what the pages of changes take; there is nothing to write."""

    to_read = to_write = "taxonomy.view_categorychange"


class CategoryFields(serializers.Serializer[Any]):
    """A category."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    display_name = serializers.CharField()
    path = serializers.CharField()
    parent = serializers.IntegerField(source="parent_id", allow_null=True)  # type: ignore[assignment]  # DRF takes fields out of the class
    page = serializers.BooleanField(source="is_page")
    shops_own = serializers.BooleanField(source="is_shops_own")
    retired_at = serializers.DateTimeField(allow_null=True)
    successor = serializers.IntegerField(source="successor_id", allow_null=True)


class LineFields(serializers.Serializer[Any]):
    """A category of a list: why it is in it, and the other name that was searched for."""

    category = CategoryFields()
    note = serializers.CharField()
    other_name = serializers.CharField()
    misspelt = serializers.BooleanField()

    def to_representation(self, instance: Line) -> dict[str, Any]:
        told = super().to_representation(instance)
        return {**told.pop("category"), **told}


class CategoryToAdd(serializers.Serializer[Category]):
    """What is said when a category is added."""

    name = serializers.CharField(max_length=1_000, trim_whitespace=False)
    parent = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]  # as above


class CategoryToChange(serializers.Serializer[Category]):
    """What may be said when a category is changed; `based_on` must be."""

    based_on = serializers.IntegerField(min_value=0)
    name = serializers.CharField(max_length=1_000, required=False)
    parent = serializers.IntegerField(allow_null=True, required=False)  # type: ignore[assignment]  # as above
    display_name = serializers.CharField(max_length=1_000, allow_blank=True, required=False)
    page = serializers.BooleanField(required=False)
    retired = serializers.BooleanField(required=False)
    successor = serializers.IntegerField(allow_null=True, required=False)


class CommentFields(serializers.Serializer[Comment]):
    """What somebody said about a category."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    author = serializers.CharField(source="author.username")
    made_at = serializers.DateTimeField()


class EventFields(serializers.Serializer[Any]):
    """One thing that was done to a category or said about it; what it is not about is null."""

    category = serializers.IntegerField(source="category.pk")
    at = serializers.DateTimeField()
    author = serializers.CharField(source="author.username", default=None, allow_null=True)
    change = serializers.CharField(source="change.kind", default=None, allow_null=True)
    before = serializers.JSONField(source="change.before", default=None)
    after = serializers.JSONField(source="change.after", default=None)
    text = serializers.CharField(source="revision.text", default=None, allow_null=True)
    state = serializers.CharField(source="revision.state", default=None, allow_null=True)
    sibling = serializers.IntegerField(
        source="revision.discriminator.sibling_id", default=None, allow_null=True
    )
    comment = serializers.CharField(source="comment.text", default=None, allow_null=True)


LINE = shape(
    "CategoryLine",
    CategoryFields,
    note=serializers.CharField(),
    other_name=serializers.CharField(),
    misspelt=serializers.BooleanField(),
)
WHOLE = shape(
    "CategoryWhole",
    CategoryFields,
    based_on=serializers.IntegerField(),
    names=serializers.DictField(child=serializers.CharField()),
    counts=serializers.DictField(child=serializers.IntegerField()),
    children=CategoryFields(many=True),
)
SINCE = shape(
    "ChangedSince", detail=serializers.CharField(), since=EventFields(many=True, required=False)
)


class Categories(JsonView):
    """Categories of the tree; adding one."""

    permission_classes = [MayAdd]

    @described(
        LINE,
        listed=True,
        asks={"q": TEXT, "under": NUMBER, "pages": TRUTH, "list": TEXT, "locale": TEXT},
    )
    def get(self, request: SignedInRequest) -> Response:
        """Return the categories that are asked for: all, of a list, below one, found by words."""
        wanted = _wanted(request)
        if text := request.query_params.get("q", "").strip():
            found = wanted.search(text, FOUND)
            return Response({"count": len(found), "results": LineFields(found, many=True).data})
        return listed(request, wanted.rows(), LineFields, wanted.lines)

    @described(
        WHOLE, codes=(201,), takes=CategoryToAdd, example={"name": "Pepper mills", "parent": 638}
    )
    def post(self, request: SignedInRequest) -> Response:
        """Add one of the shop's own: 201."""
        said = sent(CategoryToAdd(data=request.data))
        parent = None if said["parent"] is None else _category(said["parent"])
        try:
            added = editing.add_category(parent, said["name"], by=request.user)
        except editing.Refused as refused:
            raise ParseError(str(refused)) from refused
        answer = _whole(request, added.pk)
        answer.status_code = status.HTTP_201_CREATED
        answer["Location"] = reverse("api_category", args=(added.pk,))
        return answer


class OneCategory(JsonView):
    """One category; changing it."""

    permission_classes = [MayEdit]

    @described(WHOLE)
    def get(self, request: SignedInRequest, pk: int) -> Response:
        """Return the category with its names, its counts and what is directly below."""
        return _whole(request, pk)

    @described(
        WHOLE,
        takes=CategoryToChange,
        refuses={409: SINCE},
        example={"based_on": 0, "display_name": "Mills"},
    )
    def patch(self, request: SignedInRequest, pk: int) -> Response:
        """Change what is named, all or nothing; 409 with what others did since `based_on`."""
        said = sent(CategoryToChange(data=request.data))
        category = _category(pk)
        try:
            with transaction.atomic():
                for do in _edits(said):
                    do(category, based_on=said["based_on"], by=request.user)
                    said["based_on"] = editing.newest_change(category)
        except editing.Outdated as outdated:
            since = EventFields(change_events(outdated.changes), many=True).data
            detail = f"{outdated} Read it again, and go on from there."
            return Response({"detail": detail, "since": since}, status=Conflict.status_code)
        except editing.Refused as refused:
            raise ParseError(str(refused)) from refused
        return _whole(request, pk)


class Comments(JsonView):
    """What people said about a category."""

    permission_classes = [MayComment]

    @described(CommentFields, listed=True)
    def get(self, request: Request, pk: int) -> Response:
        """Return the comments, in the order in which they were made."""
        return listed(request, _category(pk).comments.select_related("author"), CommentFields)

    @described(CommentFields, codes=(201,), takes=thing(text=TEXT), example={"text": "Split it?"})
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Say something: 201."""
        text = request.data.get("text") if isinstance(request.data, dict) else None
        if not isinstance(text, str) or len(request.data) > 1:
            raise ParseError('Give "text".')
        try:
            said = editing.comment(_category(pk), text, by=request.user)
        except editing.Refused as refused:
            raise ParseError(str(refused)) from refused
        return Response(CommentFields(said).data, status=status.HTTP_201_CREATED)


class History(JsonView):
    """What was done to a category."""

    permission_classes = [MaySeeHistory]

    @described(EventFields, listed=True)
    def get(self, request: Request, pk: int) -> Response:
        """Return the changes, texts and comments of a category, the newest first."""
        return listed(request, moments(_category(pk)), EventFields, events)


def _whole(request: SignedInRequest, pk: int) -> Response:
    category = _category(pk)
    subtree = queries.subtrees()[pk]
    keys = ("products", "pages", *(count.key for count in added_counts(request.user)))
    return Response(
        {
            **CategoryFields(category).data,
            "based_on": editing.newest_change(category),
            "names": dict(category.names.values_list("locale", "name").order_by("locale")),
            "counts": {key: subtree.counts.get(key, 0) for key in keys},
            "children": CategoryFields(category.children.order_by("name", "id"), many=True).data,
        }
    )


def _wanted(request: SignedInRequest) -> Wanted:
    asked = request.query_params
    lists = {one.key: one for one in work_lists(request.user, asked.get("locale", ""))}
    key, pages, under = (asked.get(name, "") for name in ("list", "pages", "under"))
    if key and key not in lists:
        raise NotFound(f"There is no list “{key}”. There are: {', '.join(lists)}.")
    if pages not in ("", "true", "false"):
        raise ParseError('"pages" is true or false.')
    return Wanted(lists.get(key), pages == "true", category_asked(under) if under else None)


def _edits(said: dict[str, Any]) -> list[Callable[..., object]]:
    """Return what is to be done to the category, in an order in which it can be done."""
    if "successor" in said and not said.get("retired"):
        raise ParseError('A "successor" is named when a category is retired.')
    edits: list[Callable[..., object]] = []
    if said.get("retired") is False:
        edits.append(editing.restore)
    for field, do in (("name", editing.rename), ("display_name", editing.set_display_name)):
        if field in said:
            edits.append(_with(do, said[field]))
    if "parent" in said:
        edits.append(_with(editing.move, _category_or_none(said["parent"])))
    if "page" in said:
        edits.append(_with(editing.switch_page, said["page"]))
    if said.get("retired"):
        edits.append(_with(editing.retire, _category_or_none(said.get("successor"))))
    return edits


def _with(do: Callable[..., object], value: object) -> Callable[..., object]:
    return lambda category, **who: do(category, value, **who)


def _category(pk: int) -> Category:
    return found_or_404(Category.objects.all(), pk, "category")


def _category_or_none(pk: int | None) -> Category | None:
    return None if pk is None else _category(pk)
