"""The files that were read."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from taxonomy import queries
from taxonomy.models import Import
from taxonomy.web import page_of, respond

REJECTS_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}\.csv")


@require_safe
@permission_required("taxonomy.view_import", raise_exception=True)
def imports(request: HttpRequest) -> HttpResponse:
    """The files that were read, newest first."""
    context = {"imports": page_of(request, queries.recent_imports())}
    return respond(request, "taxonomy/imports.html", context)


@require_safe
@permission_required("taxonomy.view_import", raise_exception=True)
def import_rejects(request: HttpRequest, pk: int) -> FileResponse:  # noqa: ARG001  Django passes it
    """The rows of an import that were set aside, as the CSV file that was written then."""
    return rejects_file(get_object_or_404(Import, pk=pk))


def rejects_file(found: Import) -> FileResponse:
    """Return the CSV of what was set aside of a file; 404 when nothing was."""
    path = Path(settings.DATA) / "rejects" / found.rejects
    if not REJECTS_NAME.fullmatch(found.rejects) or not path.is_file():
        raise Http404("No rows were set aside in this import.")
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"set-aside-{found.pk}.csv")
