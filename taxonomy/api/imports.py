"""Bringing products in, as JSON: feeds as the command reads them, and what became of them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from rest_framework import serializers, status
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from taxonomy import queries
from taxonomy.actions import ProductFigures, import_products
from taxonomy.actions.fetching import ring_for_pictures, waiting_pictures
from taxonomy.described import FILE, TEXT, described
from taxonomy.imports.lines import GZIP
from taxonomy.imports.rejects import Unreadable
from taxonomy.models import Import
from taxonomy.rest import JsonView, May, SignedInRequest, listed
from taxonomy.sent import sent

BYTE_LIMIT = 32 << 20  # what can be read while a program waits
TOO_LARGE = (
    f"Nothing was read: this address takes feeds of at most {BYTE_LIMIT >> 20} MB. The command"
    " import_products reads larger ones."
)
PACKED = "The file is compressed. Unpack it, and send what it holds."


class MayImport(May):
    """Reading takes what the page of imports takes; writing, what bringing a feed in takes."""

    to_read = "taxonomy.view_import"
    to_write = "taxonomy.add_import"


class ImportFields(serializers.Serializer[Import]):
    """A file that was read, of products, judgments, texts or a tree, and what it came to."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    file = serializers.CharField(source="file_name")
    retailer = serializers.CharField(source="retailer.name", allow_null=True, default=None)
    figures = serializers.DictField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField()


class FiguresFields(serializers.Serializer[ProductFigures]):
    """What a feed did: `rows` are those created, updated, unchanged and rejected."""

    rows = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()
    unseen = serializers.IntegerField()  # products that the feed lacks


class FeedToRead(serializers.Serializer[Import]):
    """What is sent of a feed."""

    file = serializers.FileField()
    retailer = serializers.CharField(max_length=200)
    partial = serializers.BooleanField(default=False)  # type: ignore[assignment]  # DRF takes fields out of the class
    made_up = serializers.BooleanField(default=False)


FORM = {
    "file": FILE,
    "retailer": TEXT | {"minLength": 1, "maxLength": 200},
    "partial": {"type": "boolean"},
    "made_up": {"type": "boolean"},
}


class Imports(JsonView):
    """The files that were read; bringing in a feed."""

    permission_classes = [MayImport]
    parser_classes = [MultiPartParser]

    @described(ImportFields, listed=True)
    def get(self, request: Request) -> Response:
        """Return the files that were read, newest first."""
        return listed(request, queries.recent_imports(), ImportFields)

    @described(FiguresFields, codes=(201,), form=FORM, needs=("file", "retailer"), refuses=(422,))
    def post(self, request: SignedInRequest) -> Response:
        """Read a Merchant Center feed (TSV, CSV, XML or JSON Lines) of a retailer at once.

        What is good lands; the rest is set aside, see the page of imports. Products that the feed
        lacks count as unseen, unless it is `partial`. 422 when no row is good, or the feed cannot
        be read to its end.
        """
        told = sent(FeedToRead(data=request.data))
        try:
            figures = _read(told.pop("file"), **told)
        except Unreadable as error:
            return Response({"detail": str(error)}, status.HTTP_422_UNPROCESSABLE_ENTITY)
        if settings.SEESTOCKS_FETCH_PICTURES and waiting_pictures().exists():
            transaction.on_commit(ring_for_pictures)
        return Response(FiguresFields(figures).data, status.HTTP_201_CREATED)


def _read(file: UploadedFile[Any], **about: Any) -> ProductFigures:
    """Return what the feed did. Raises ParseError for what is not even tried, and Unreadable."""
    if (file.size or 0) > BYTE_LIMIT:
        raise ParseError(TOO_LARGE)
    if file.read(len(GZIP)) == GZIP:  # nobody has the time for all that it may hold
        raise ParseError(PACKED)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "feed"
        with path.open("wb") as copy:
            copy.writelines(file.chunks())
        return import_products(path, source=str(file.name), **about)
