"""Files of judgments, in and out."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from judgments.actions import JudgmentFigures
from judgments.exports import STREAMED
from judgments.queries import judged_figures
from judgments.uploads import NotRead, read_uploaded
from taxonomy.imports.rejects import Unreadable
from taxonomy.models import Import, ImportKind
from taxonomy.views.imports import rejects_file
from taxonomy.web import SignedInRequest, respond

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
    try:
        simulated = request.POST.get("simulated") == "1"
        figures = read_uploaded(request.FILES.get("file"), simulated=simulated)
    except NotRead as fault:
        messages.error(request, str(fault))
    except Unreadable as fault:
        messages.error(request, f"{fault} Below is what was set aside, and why.")
    else:
        messages.success(request, _sentence(figures))
    return redirect("judgment_files")


@require_safe
@permission_required("judgments.change_campaign", raise_exception=True)
def judgment_rejects(request: HttpRequest, pk: int) -> FileResponse:  # noqa: ARG001  Django passes it
    """What was set aside of a file of judgments."""
    return rejects_file(get_object_or_404(Import, pk=pk, kind=ImportKind.JUDGMENTS))


def _sentence(figures: JudgmentFigures) -> str:
    aside = f" {figures.rejected:,} set aside: below is which, and why." if figures.rejected else ""
    return (
        f"{figures.rows:,} rows read: {figures.created:,} new judgments, {figures.updated:,} that "
        f"supersede another, {figures.unchanged:,} known already.{aside}"
    )
