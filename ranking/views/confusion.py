"""Which siblings are confused: the work list, and the map of one parent's children."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ranking.models import Run
from ranking.queries import confusion
from ranking.queries.heat import heat_among
from taxonomy.models import Category
from taxonomy.queries import ancestors
from taxonomy.web import category_of, page_of, respond


@require_safe
@permission_required("ranking.view_confusedpair", raise_exception=True)
def discriminators(request: HttpRequest) -> HttpResponse:
    """The work list: confused pairs, the one that a text would help most first."""
    branch = request.GET.get("under", "")
    under = category_of(branch) if branch else None
    state = request.GET.get("state", "")
    state = state if state in confusion.PAIR_STATES else ""
    rows = page_of(request, confusion.confused_pairs(under, state))
    context = {
        "under": under,
        "state": state,
        "states": confusion.PAIR_STATES,
        "terms": confusion.TERMS,
        "pairs": rows,
        "lines": confusion.pair_lines(list(rows)),
        "coverage": confusion.coverage(under),
        "measured": Run.objects.filter(measured_at__isnull=False).order_by("-measured_at").first(),
    }
    return respond(
        request, "ranking/discriminators.html", context, part="ranking/_discriminators.html"
    )


@require_safe
@permission_required("ranking.view_confusedpair", raise_exception=True)
def among(request: HttpRequest, pk: int) -> HttpResponse:
    """Confusion among all children of a category; each confused pair leads into the workbench."""
    parent = get_object_or_404(Category, pk=pk)
    context = {"parent": parent, "ancestors": ancestors(parent), "heat": heat_among(parent)}
    return respond(request, "ranking/confusion.html", context)
