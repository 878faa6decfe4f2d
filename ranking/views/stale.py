"""Pages for which a text, a rule, a judgment or a filing has changed since they were ranked."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ranking.queries import stale
from taxonomy.web import category_of, page_of, respond


@require_safe
@permission_required("ranking.view_run", raise_exception=True)
def stale_pages(request: HttpRequest) -> HttpResponse:
    """All stale pages and the texts that made them so; as a part, those beside a category."""
    found = stale.stale_pages()
    if beside := request.GET.get("beside", ""):
        found = found.filter(parent=category_of(beside).parent_id)
    pages = page_of(request, found)
    context = {
        "pages": pages,
        "stale_count": stale.stale_pages().count(),
        "lines": stale.stale_lines(pages),
        "token": uuid.uuid4(),
    }
    return respond(request, "ranking/stale.html", context, part="ranking/_stale.html")
