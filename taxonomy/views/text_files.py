"""Texts in and out as CSV."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from taxonomy.actions.texts import TextFigures, import_texts
from taxonomy.exports import texts_as_csv
from taxonomy.imports.lines import GZIP, opened
from taxonomy.imports.rejects import Unreadable
from taxonomy.imports.texts import read_texts
from taxonomy.web import SignedInRequest

BYTE_LIMIT, ROW_LIMIT = 1 << 20, 2_000  # what can be read while a page waits
TOO_LARGE = (
    f"Nothing was read: a page reads files of at most {BYTE_LIMIT >> 20} MB and {ROW_LIMIT:,} rows."
    " The command import_discriminators reads larger ones."
)


@require_safe
@permission_required("taxonomy.view_revision", raise_exception=True)
def export_texts(request: HttpRequest) -> StreamingHttpResponse:
    """The live texts and waiting drafts as CSV, or with `?history=1` all that was ever said."""
    lines = texts_as_csv(history=request.GET.get("history") == "1")
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"discriminators-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@permission_required("taxonomy.add_revision", raise_exception=True)
def upload_texts(request: SignedInRequest) -> HttpResponse:
    """Read an uploaded CSV: what it says anew is this person's word of now."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.size:
        messages.error(
            request, "Choose a CSV file first: the one given is empty, or there is none."
        )
    elif file.size > BYTE_LIMIT:
        messages.error(request, TOO_LARGE)
    elif file.read(len(GZIP)) == GZIP:  # a page has no time for all that it may hold
        messages.error(request, "The file is compressed. Unpack it, and upload the CSV itself.")
    else:
        _read(request, file)
    return redirect("texts")


def _read(request: SignedInRequest, file: UploadedFile[Any]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "texts.csv"
        with path.open("wb") as copy:
            copy.writelines(file.chunks())
        drafts = request.POST.get("drafts") == "1"
        try:
            if _has_too_many_rows(path):
                messages.error(request, TOO_LARGE)
                return
            figures = import_texts(path, source=str(file.name), drafts=drafts, by=request.user)
        except Unreadable as fault:
            messages.error(request, f"{fault} Rows that were set aside are on the page of imports.")
        else:
            messages.success(request, _sentence(figures))


def _has_too_many_rows(path: Path) -> bool:
    with opened(path) as stream:
        return any(islice(read_texts(stream), ROW_LIMIT, None))


def _sentence(figures: TextFigures) -> str:
    aside = (
        f" {figures.rejected:,} set aside: the page of imports says which, and why."
        if figures.rejected
        else ""
    )
    return (
        f"{figures.rows:,} rows read: {figures.created:,} new texts, {figures.updated:,} changed, "
        f"{figures.unchanged:,} unchanged.{aside}"
    )
