"""Runs, and what people may do to them."""

from __future__ import annotations

import uuid
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling, trigger_client_event

from ranking import actions
from ranking.labels import blend_words
from ranking.models import Run, State
from ranking.queries import browse, starts
from ranking.queries.gate import gate
from ranking.queries.notes import notes_of
from ranking.queries.oddities import risk_words
from ranking.queries.pace import pace
from ranking.queries.stale import counted_texts, stale_pages
from ranking.queries.versions import next_versions, versions_of
from taxonomy.web import SignedInRequest, page_of, respond, token_of, whole_number


@require_safe
@permission_required("ranking.view_run", raise_exception=True)
def runs(request: HttpRequest) -> HttpResponse:
    """All runs, newest first, and the button that starts one."""
    rows = page_of(request, browse.runs())
    context = {
        "runs": rows,
        "token": uuid.uuid4(),
        "next": next_versions,
        "branches": starts.branches,
        "stale_count": stale_pages().count(),
        "plan": starts.plan,
    }
    return respond(request, "ranking/runs.html", context)


@require_safe
@permission_required("ranking.view_run", raise_exception=True)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run and its pages. While it works its progress asks for itself every two seconds."""
    found = get_object_or_404(Run.objects.select_related("started_by", "branch", "base"), pk=pk)
    its_pace = pace(found)
    context = {
        "gate": partial(gate, found),
        "notes": partial(notes_of, found),
        "token": uuid.uuid4(),
        "run": found,
        "pace": its_pace,
        "blend": blend_words(found.blend),
        "versions": partial(versions_of, found),
        "texts": partial(counted_texts, found),
        "risk": risk_words(found.blend),
        "carried": found.page_runs.exclude(carried_from=None).count,
    }
    if request.headers.get("HX-Target") == "progress":
        return _progress(request, context, ended=found.is_finished)
    state = request.GET.get("state", "")
    rows = page_of(request, browse.page_runs_of(found, state))
    context |= {
        "state": state,
        "state_counts": [(state.value, getattr(its_pace.pages, state.value)) for state in State],
        "page_runs": rows,
    }
    return respond(request, "ranking/run.html", context, part="ranking/_page_runs.html")


@require_POST
@permission_required("ranking.add_run", raise_exception=True)
def start_run(request: SignedInRequest) -> HttpResponse:
    """Start a run of all pages, of a branch, or of the stale ones; where it is asked to keep what
    has not changed, it builds on the run before. A second click finds the first one's run."""
    stale = request.POST.get("stale") == "1"
    token = token_of(request.POST)
    branch = whole_number(request.POST.get("branch") or "0") or None
    incremental = "incremental" in request.POST
    try:
        started = actions.start_run(
            branch=branch, stale=stale, incremental=incremental, by=request.user, token=token
        )
    except (actions.NothingToRank, actions.NotABranch) as error:
        messages.error(request, str(error))
        return redirect("stale_pages" if stale else "runs")
    messages.success(request, "The run has begun. You can leave this page: it goes on by itself.")
    return redirect("run", started.pk)


@require_POST
@permission_required("ranking.cancel_run", raise_exception=True)
def cancel_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask a run to stop."""
    try:
        actions.cancel_run(get_object_or_404(Run, pk=pk), by=request.user)
    except actions.AlreadyFinished as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The run stops. What it has ranked stays; it can go on later.")
    return redirect("run", pk)


@require_POST
@permission_required("ranking.add_run", raise_exception=True)
def resume_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a run's failed and cancelled pages back to work, or the failed ones alone."""
    only_failed = request.POST.get("only") == "failed"
    actions.resume_run(get_object_or_404(Run, pk=pk), only_failed=only_failed)
    which = "that failed" if only_failed else "that failed or were cancelled"
    messages.success(request, f"The run goes on with the pages {which}.")
    return redirect("run", pk)


def _progress(request: HttpRequest, context: dict[str, object], *, ended: bool) -> HttpResponse:
    part = "ranking/_ended.html" if ended else "ranking/_progress.html"
    response = respond(request, "ranking/run.html", context, part=part)
    response.status_code = HttpResponseStopPolling.status_code if ended else 200
    return trigger_client_event(response, "progressed")  # the list of its pages follows
