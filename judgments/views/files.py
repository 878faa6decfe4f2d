"""Files of judgments, in and out."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from judgments.actions import JudgmentFigures, import_judgments
from judgments.exports import STREAMED
from judgments.imports import judgment_rows
from judgments.imports.formats import format_of
from judgments.queries import judged_figures
from taxonomy.imports.lines import GZIP
from taxonomy.imports.rejects import Unreadable
from taxonomy.models import Import, ImportKind
from taxonomy.views.imports import rejects_file
from taxonomy.web import SignedInRequest, respond

BYTE_LIMIT, ROW_LIMIT = 4 << 20, 20_000  # what can be read while a page waits
TOO_LARGE = (
    f"Nothing was read: a page reads files of at most {BYTE_LIMIT >> 20} MB and {ROW_LIMIT:,} rows."
    " The command import_judgments reads larger ones."
)
A_FEW = 8


@require_safe
@permission_required("judgments.view_agreement", raise_exception=True)
def judgment_files(request: HttpRequest) -> HttpResponse:
    """What can be taken along, how to bring a file, and what became of the last ones."""
    read = Import.objects.filter(kind=ImportKind.JUDGMENTS)
    context = {"figures": judged_figures(), "imports": read.order_by("-id")[:A_FEW]}
    return respond(request, "judgments/files.html", context)


@require_safe
@permission_required("judgments.view_agreement", raise_exception=True)
def download_judgments(request: HttpRequest, form: str) -> StreamingHttpResponse:
    """The judgments that count, or with `?history=1` all ever made, as they are read."""
    if form not in STREAMED:
        raise BadRequest(f"A page gives judgments as {', '.join(STREAMED)}.")
    return streamed(form, history=request.GET.get("history") == "1")


def streamed(form: str, *, history: bool) -> StreamingHttpResponse:
    """Return the judgments as a file of one of the formats that go out line by line."""
    made = STREAMED[form]
    response = StreamingHttpResponse(made.lines(history), content_type=made.content_type)
    name = f"judgments-{timezone.localdate():%Y-%m-%d}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@permission_required("judgments.change_campaign", raise_exception=True)
def upload_judgments(request: SignedInRequest) -> HttpResponse:
    """Read an uploaded file of judgments that were made elsewhere."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.size:
        messages.error(request, "Choose a file first: the one given is empty, or there is none.")
    elif file.size > BYTE_LIMIT:
        messages.error(request, TOO_LARGE)
    elif file.read(len(GZIP)) == GZIP:  # a page has no time for all that it may hold
        messages.error(request, "The file is compressed. Unpack it, and upload what it holds.")
    elif format_of(Path(str(file.name))) == "parquet":
        messages.error(request, "Parquet is read by the command import_judgments, not by a page.")
    else:
        _read(request, file)
    return redirect("judgment_files")


@require_safe
@permission_required("judgments.change_campaign", raise_exception=True)
def judgment_rejects(request: HttpRequest, pk: int) -> FileResponse:  # noqa: ARG001  Django passes it
    """What was set aside of a file of judgments."""
    return rejects_file(get_object_or_404(Import, pk=pk, kind=ImportKind.JUDGMENTS))


def _read(request: SignedInRequest, file: UploadedFile[Any]) -> None:
    form = format_of(Path(str(file.name)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "judgments"
        with path.open("wb") as copy:
            copy.writelines(file.chunks())
        try:
            with judgment_rows(path, form=form) as rows:
                if any(islice(rows, ROW_LIMIT, None)):
                    messages.error(request, TOO_LARGE)
                    return
            simulated = request.POST.get("simulated") == "1"
            figures = import_judgments(path, form=form, source=str(file.name), simulated=simulated)
        except Unreadable as fault:
            messages.error(request, f"{fault} Below is what was set aside, and why.")
        else:
            messages.success(request, _sentence(figures))


def _sentence(figures: JudgmentFigures) -> str:
    aside = f" {figures.rejected:,} set aside: below is which, and why." if figures.rejected else ""
    return (
        f"{figures.rows:,} rows read: {figures.created:,} new judgments, {figures.updated:,} that "
        f"supersede another, {figures.unchanged:,} known already.{aside}"
    )
