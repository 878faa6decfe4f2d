"""What was published when, by whom and why; publishing a run; rolling back."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from ranking.actions import publish
from ranking.models import Release, Run
from ranking.queries import releases as reads
from ranking.queries.shown import newest_release
from taxonomy.web import SignedInRequest, page_of, respond, token_of, whole_number

MAY_SEE = "ranking.view_release"
MAY_PUBLISH = "ranking.add_release"
KEPT = (
    ("failed", "could not be ranked"),
    ("cancelled", "were cancelled"),
    ("empty", "fell empty"),
    ("switched_off", "are switched off, or retired"),
)


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def releases(request: HttpRequest) -> HttpResponse:
    """What the shop shows, the run that waits to be published, and all releases."""
    return _releases(request)


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """One release: what the gate said, and the pages that it changed, by how much."""
    about = Release.objects.select_related("by", "run", "back_to")
    found = get_object_or_404(about, pk=pk)
    rows = page_of(request, reads.changed_pages(found))
    context = {
        "release": found,
        "rows": rows,
        "changes": reads.page_changes(rows),
        "kept": _kept(found),
        "withdrawn": reads.named_pages(found.withdrawn),
        "newest": newest_release(),
        "token": uuid.uuid4(),
    }
    return respond(request, "ranking/release.html", context)


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def release_run(request: HttpRequest, pk: int) -> HttpResponse:
    """What publishing a run would come to, and what the gate says; asks again while it measures."""
    run = get_object_or_404(Run.objects.select_related("started_by"), pk=pk)
    context = _waiting_context(run)
    return respond(request, "ranking/release_run.html", context, part="ranking/_waiting.html")


@require_POST
@permission_required(MAY_PUBLISH, raise_exception=True)
def publish_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let pages show what a run found; 409 when the gate is shut or somebody was faster."""
    run = get_object_or_404(Run, pk=pk)
    said = _said(request)
    said["against_gate"] = request.POST.get("against_gate") == "1"
    try:
        made = publish.publish_run(run, by=request.user, **said)
    except publish.PublishedMeanwhile as told:
        return _waiting(request, run, 409, theirs=told.newest, said=said)
    except publish.NoteMissing as error:
        return _waiting(request, run, 422, fault=str(error), said=said)
    except (publish.GateShut, publish.NotFinished, publish.NothingToPublish) as error:
        return _waiting(request, run, 409, fault=str(error), said=said)
    changed, pages = made.figures["changed"], made.figures["pages"]
    messages.success(request, f"Published: {changed:,} of {pages:,} pages show something else.")
    return redirect("release", made.pk)


@require_POST
@permission_required(MAY_PUBLISH, raise_exception=True)
def roll_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let every page show what it showed after a release; 409 when somebody was faster."""
    found = get_object_or_404(Release, pk=pk)
    try:
        made = publish.roll_back(found, by=request.user, **_said(request))
    except publish.PublishedMeanwhile as told:
        return _releases(request, status=409, theirs=told.newest, wanted=found)
    except publish.NothingToPublish as error:
        messages.info(request, str(error))
        return redirect("release", pk)
    messages.success(request, f"Rolled back: pages show what they showed after release {pk}.")
    return redirect("release", made.pk)


def _releases(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    rows = page_of(request, reads.releases())
    run = reads.waiting_run()
    context = {
        "rows": rows,
        "newest": newest_release(),
        "standing": reads.standing(),
        "token": uuid.uuid4(),
        **(_waiting_context(run) if run else {}),
    }
    return respond(request, "ranking/releases.html", context | more, status=status)


def _waiting(request: HttpRequest, run: Run, status: int, **more: Any) -> HttpResponse:
    context = _waiting_context(run) | more
    part = "ranking/_waiting.html"
    return respond(request, "ranking/release_run.html", context, part=part, status=status)


def _waiting_context(run: Run) -> dict[str, Any]:
    return {
        "run": run,
        "waiting": reads.waiting(run),
        "its_release": run.releases.first(),
        "newest": newest_release(),
        "token": uuid.uuid4(),
    }


def _kept(release: Release) -> list[tuple[str, Any]]:
    """The pages that keep what they showed, by why."""
    named = ((words, release.figures.get(key, [])) for key, words in KEPT)
    return [(words, reads.named_pages(ids)) for words, ids in named if ids]


def _said(request: HttpRequest) -> dict[str, Any]:
    """What both forms say: token, the release that was seen, and a note."""
    form = request.POST
    seen = whole_number(form["based_on"]) if form.get("based_on") else None
    return {"token": token_of(form), "based_on": seen, "note": form.get("note", "").strip()[:500]}
