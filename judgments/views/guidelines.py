"""How to judge: the guidelines of branches, reading, writing, their history."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from judgments.actions import guidelines as actions
from judgments.models import GuidelineRevision, GuidelineState
from judgments.queries import guidelines as said
from judgments.queries.adjudication import asked_again
from judgments.views.guideline_editor import drafted, editor_of, editor_sent
from taxonomy import queries
from taxonomy.differences import differences, merged
from taxonomy.models import Category
from taxonomy.web import SignedInRequest, page_of, respond, whole_number

ASKED_AGAIN = 20  # products that are named at most


@require_safe
@permission_required("judgments.view_guidelinerevision", raise_exception=True)
def guidelines(request: HttpRequest) -> HttpResponse:
    """All guidelines in the order of the tree; of a branch that is searched, which one counts."""
    state, searched = request.GET.get("state", ""), request.GET.get("q", "").strip()
    places = page_of(request, said.written_guidelines(state))
    found = [one.category for one in queries.search(searched, limit=20)] if searched else []
    context = {
        "state": state,
        "searched": searched,
        "places": places,
        "lines": said.guideline_lines(places),
        "uncovered": said.pages_without_guideline(),
        "found": [(one, said.guideline_of(one)) for one in found],
    }
    return respond(request, "judgments/guidelines.html", context, part="judgments/_guidelines.html")


@require_safe
@permission_required("judgments.view_guidelinerevision", raise_exception=True)
def guideline(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One branch's guideline: what counts, the draft, and what has been said before."""
    branch = _branch(pk)
    standing = said.standing_of(branch)
    revisions = list(said.revisions_of(standing.place)) if standing.place else []
    counting = said.guideline_of(branch) if branch else said.guideline_of_all()
    context = {
        "branch": branch,
        "ancestors": partial(queries.ancestors, branch) if branch else (),
        "standing": standing,
        "counting": counting,
        "below": said.guidelines_below(branch),
        "revisions": revisions,
        "change": _change(request.GET, revisions),
        "asked_again": asked_again(standing.place)[:ASKED_AGAIN] if standing.place else (),
    }
    template = "judgments/guideline.html"
    return respond(request, template, context, part="judgments/_guideline_changes.html")


@require_safe
@permission_required("judgments.add_guidelinerevision", raise_exception=True)
def edit_guideline(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The editor, with what is said now; `?gap=` adds the products that a decision is about."""
    branch = _branch(pk)
    gap = whole_number(request.GET.get("gap") or "0")
    context = editor_of(branch, drafted(branch, gap))
    return respond(request, "judgments/guideline_edit.html", context)


@require_POST
@permission_required("judgments.add_guidelinerevision", raise_exception=True)
def draft_guideline(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """The editor as it was sent, with what it looks like and what was looked for; nothing saved."""
    context = editor_of(_branch(pk), editor_sent(request.POST))
    template = "judgments/guideline_edit.html"
    return respond(request, template, context, part="judgments/_guideline_preview.html")


@require_POST
@permission_required("judgments.add_guidelinerevision", raise_exception=True)
def save_guideline(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """Keep what was written as a draft, or make it live."""
    branch, editor = _branch(pk), editor_sent(request.POST)
    write = partial(
        actions.write_guideline,
        branch,
        editor.text,
        examples=editor.shown,
        note=editor.note,
        based_on=editor.based_on,
        live=editor.live,
    )
    try:
        revision = write(by=request.user)
    except actions.Collision as collision:
        context = editor_of(branch, editor) | _both(collision.newest, editor.text)
        return respond(request, "judgments/guideline_collision.html", context, status=409)
    except actions.BadGuideline as fault:
        context = editor_of(branch, editor) | {"faults": fault.faults}
        return respond(request, "judgments/guideline_edit.html", context, status=422)
    messages.success(request, _what_happened(revision))
    return redirect(_address(branch))


@require_POST
@permission_required("judgments.add_guidelinerevision", raise_exception=True)
def restore_guideline(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put back what an earlier revision said, as live or draft as it was."""
    return _again(request, pk, actions.restore_guideline)


@require_POST
@permission_required("judgments.add_guidelinerevision", raise_exception=True)
def make_guideline_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make a draft count."""
    return _again(request, pk, actions.make_guideline_live)


def _again(
    request: SignedInRequest, pk: int, act: Callable[..., GuidelineRevision]
) -> HttpResponse:
    revision = get_object_or_404(GuidelineRevision.objects.select_related("guideline"), pk=pk)
    branch = revision.guideline.category
    based_on = whole_number(request.POST.get("based_on") or "0")
    try:
        written = act(revision, based_on=based_on, by=request.user)
    except actions.Collision as collision:
        editor = drafted(branch, 0, revision)
        context = editor_of(branch, editor) | _both(collision.newest, revision.text)
        return respond(request, "judgments/guideline_collision.html", context, status=409)
    except actions.BadGuideline as fault:
        context = editor_of(branch, drafted(branch, 0, revision)) | {"faults": fault.faults}
        return respond(request, "judgments/guideline_edit.html", context, status=422)
    messages.success(request, _what_happened(written))
    return redirect(_address(branch))


def _what_happened(revision: GuidelineRevision) -> str:
    if revision.state == GuidelineState.DRAFT:
        return f"Revision {revision.number} is saved as a draft. It counts once it is made live."
    if not revision.text:
        return (
            f"The guideline is withdrawn with revision {revision.number}. "
            "Restore it from the history."
        )
    return f"Revision {revision.number} is live: whoever judges from now on goes by it."


def _both(newest: GuidelineRevision, mine: str) -> dict[str, Any]:
    """What the page about two texts at once shows beside the editor."""
    base = newest.guideline.revisions.filter(number__lt=newest.number).first()
    before = base.text.split("\n") if base else []
    return {
        "newest": newest,
        "pieces": differences(newest.text, mine),
        "merged": "\n".join(merged(before, newest.text.split("\n"), mine.split("\n"))),
    }


def _change(asked: QueryDict, revisions: list[GuidelineRevision]) -> dict[str, Any] | None:
    """What changed between the two revisions asked for; else with the newest one."""
    if len(revisions) < 2:
        return None
    by_number = {revision.number: revision for revision in revisions}
    after = by_number.get(whole_number(asked.get("to") or "0"), revisions[0])
    wanted = whole_number(asked.get("from") or "0")
    before = by_number.get(wanted, by_number.get(after.number - 1, after))
    return {"before": before, "after": after, "pieces": differences(before.text, after.text)}


def _branch(pk: int | None) -> Category | None:
    return None if pk is None else get_object_or_404(Category, pk=pk)


def _address(branch: Category | None) -> str:
    return reverse("guideline", args=[branch.pk]) if branch else reverse("guideline_of_all")
