"""How good runs were over time, and what people wrote about them."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from ranking.actions.notes import BadNote, write_note
from ranking.models import Run
from ranking.queries import timeline as queries
from taxonomy.web import SignedInRequest, respond

NEWEST = 8  # runs that one click compares by today's judgments


@require_safe
@permission_required("ranking.view_comparison", raise_exception=True)
def quality(request: HttpRequest) -> HttpResponse:
    """One figure of every full run over time, with what was published when."""
    key = request.GET.get("figure", "right")
    key = key if key in queries.WORDS else "right"
    runs = queries.timeline()
    context = {
        "key": key,
        "words": queries.WORDS,
        "falls": key in queries.FALLING,
        "runs": runs[::-1],
        "newest": runs[-NEWEST:],
        "token": uuid.uuid4(),
        "chart": queries.chart(runs, key),
    }
    return respond(request, "ranking/timeline.html", context, part="ranking/_timeline.html")


@require_POST
@permission_required("ranking.add_runnote", raise_exception=True)
def add_note(request: SignedInRequest, pk: int) -> HttpResponse:
    """Write about a run."""
    run = get_object_or_404(Run, pk=pk)
    try:
        write_note(run, request.POST.get("text", ""), by=request.user)
    except BadNote as error:
        messages.error(request, str(error))
    return redirect("run", pk)
