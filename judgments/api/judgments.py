"""Judgments as JSON: what people think, what one thinks oneself, and all of it as a file."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from judgments.actions import JudgmentFigures
from judgments.actions.saying import Saying, UnsayableError, say
from judgments.exports import STREAMED
from judgments.models import Judgment
from judgments.queries import current_judgments, unbiased_for
from judgments.uploads import NotRead, read_uploaded
from judgments.views.files import streamed
from taxonomy.described import FILE, NUMBER, TEXT, TRUTH, described
from taxonomy.imports.fields import category_number
from taxonomy.imports.rejects import Unreadable
from taxonomy.rest import JsonView, May, SignedInRequest, category_asked, listed
from taxonomy.sent import fits, sent

MOST = 1_000  # judgments in one request


class MayJudge(May):
    """Reading takes what the pages of judgments take; writing, what judging does."""

    to_read = "judgments.view_judgment"
    to_write = "judgments.add_judgment"


class JudgmentFields(serializers.Serializer[Judgment]):
    """One person's word on one product for one page."""

    id = serializers.IntegerField()
    token = serializers.UUIDField()
    page = serializers.IntegerField(source="page_id")
    product = serializers.IntegerField(source="product_id")
    offer_id = serializers.CharField(source="product.offer_id")
    retailer = serializers.CharField(source="product.retailer.name")
    annotator = serializers.CharField(source="annotator.name")
    simulated = serializers.BooleanField(source="annotator.simulated")
    grade = serializers.IntegerField()
    belongs_to = serializers.IntegerField(source="belongs_to_id", allow_null=True)
    withdrawn = serializers.BooleanField()
    source = serializers.CharField()  # type: ignore[assignment]  # it hides DRF's own word
    seconds = serializers.FloatField(allow_null=True)
    guideline = serializers.IntegerField(source="guideline_id", allow_null=True)
    revisions_until = serializers.IntegerField(allow_null=True)
    made_at = serializers.DateTimeField()


class JudgmentToSay(serializers.Serializer[Any]):
    """What one says of a product; the token makes a repeat known as one."""

    token = serializers.UUIDField()
    page = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    product = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    grade = serializers.IntegerField(min_value=0, max_value=3)
    belongs_to = serializers.IntegerField(
        allow_null=True, default=None, min_value=1, max_value=2**63 - 1
    )
    seconds = serializers.FloatField(allow_null=True, default=None, min_value=0, max_value=86_400)


class Judgments(JsonView):
    """The judgments that count."""

    permission_classes = [MayJudge]

    @described(
        JudgmentFields,
        listed=True,
        asks={
            "page": NUMBER,
            "product": NUMBER | {"minimum": 0},
            "since": NUMBER | {"minimum": 0},
            "annotator": TEXT,
        },
    )
    def get(self, request: SignedInRequest) -> Response:
        """Return them as they were made: of a page, product, annotator; later than one's id."""
        found = _asked(request, current_judgments())
        if not request.user.has_perm("judgments.view_agreement"):
            found = unbiased_for(request.user, found)
        rows = found.select_related("product__retailer", "annotator").order_by("id")
        return listed(request, rows, JudgmentFields)

    @described(
        JudgmentFields,
        codes=(200, 201),
        takes=JudgmentToSay,
        example={
            "token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a92",
            "page": 1,
            "product": 1,
            "grade": 3,
        },
    )
    def post(self, request: SignedInRequest) -> Response:
        """Keep what one says oneself, one object or a list: 201 if any of it is new."""
        many = isinstance(request.data, list)
        rows = request.data if many else [request.data]
        if not 0 < len(rows) <= MOST:
            raise ParseError(f"Say 1 to {MOST:,} judgments in one request.")
        wanted = JudgmentToSay(data=rows, many=True)
        if not fits(wanted):
            raise ParseError(f"Say {', '.join(JudgmentToSay().fields)}, and nothing else.")
        wanted.is_valid(raise_exception=True)
        try:
            said = say(request.user, [Saying(**one) for one in wanted.validated_data])
        except UnsayableError as fault:
            raise ParseError(str(fault)) from fault
        rows = [JudgmentFields(one).data for one in said.judgments]
        code = status.HTTP_201_CREATED if said.is_new else status.HTTP_200_OK
        return Response(rows if many else rows[0], status=code)


class AnyFormat(BaseContentNegotiation):
    """`?format=` names a file's format here; what goes wrong is told as JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:  # noqa: ARG002  DRF passes it
        return parsers[0]

    def select_renderer(
        self,
        request: Request,  # noqa: ARG002  DRF passes it
        renderers: Any,
        format_suffix: str | None = None,  # noqa: ARG002  DRF passes it
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class MayTakeAlong(May):
    """Taking them along takes what seeing others' grades does."""

    to_read = to_write = "judgments.view_agreement"


class JudgmentsFile(JsonView):
    """The judgments as a file."""

    permission_classes = [MayTakeAlong]
    content_negotiation_class = AnyFormat

    @extend_schema(
        parameters=[
            OpenApiParameter("format", TEXT | {"enum": [*STREAMED]}),
            OpenApiParameter("history", TRUTH),
        ],
        responses={(200, made.content_type.partition(";")[0]): TEXT for made in STREAMED.values()},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Return the file as it is read: `?format=csv`, `jsonl` or `qrels`; `?history=true`."""
        form = request.query_params.get("format", "csv")
        if form not in STREAMED:
            raise ParseError(f'"format" is one of: {", ".join(STREAMED)}.')
        history = request.query_params.get("history", "false")
        if history not in TRUTH["enum"]:
            raise ParseError('"history" is true or false.')
        return streamed(form, history=history == "true")


class MayBringFiles(May):
    """Bringing a file takes what the page of files takes."""

    to_read = to_write = "judgments.change_campaign"


class FileToRead(serializers.Serializer[Any]):
    """What is sent of a file of judgments."""

    file = serializers.FileField()
    simulated = serializers.BooleanField(default=False)


class FileFiguresFields(serializers.Serializer[JudgmentFigures]):
    """What a file of judgments did: its rows are created, updated, unchanged and rejected."""

    rows = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()


class JudgmentsImport(JsonView):
    """Files of judgments that were made elsewhere."""

    permission_classes = [MayBringFiles]
    parser_classes = [MultiPartParser]

    @described(
        FileFiguresFields,
        codes=(201,),
        form={"file": FILE, "simulated": {"type": "boolean"}},
        refuses=(422,),
    )
    def post(self, request: SignedInRequest) -> Response:
        """Read a CSV, JSON Lines or qrels file at once, as the page of files does.

        422 when no row is good, or the file cannot be read to its end.
        """
        told = sent(FileToRead(data=request.data))
        try:
            figures = read_uploaded(told["file"], simulated=told["simulated"])
        except NotRead as fault:
            raise ParseError(str(fault)) from fault
        except Unreadable as fault:
            return Response({"detail": str(fault)}, status.HTTP_422_UNPROCESSABLE_ENTITY)
        return Response(FileFiguresFields(figures).data, status.HTTP_201_CREATED)


def _asked(request: Request, found: QuerySet[Judgment]) -> QuerySet[Judgment]:
    asked = request.query_params
    if page := asked.get("page"):
        found = found.filter(page=category_asked(page))
    if name := asked.get("annotator"):
        found = found.filter(annotator__name=name)
    for name, lookup in (("product", "product"), ("since", "id__gt")):
        if number := asked.get(name):
            try:
                found = found.filter(**{lookup: category_number(number)})
            except ValueError:
                raise ParseError(f'"{name}" is a whole number.') from None
    return found
