"""Versions of the tree: brought in, looked at, applied, undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling

from taxonomy.actions import applying, undoing, updates
from taxonomy.imports.rejects import Unreadable
from taxonomy.imports.tree_files import BYTE_LIMIT, TOO_LARGE
from taxonomy.models import ChangeKind, TreeUpdate, UpdateState
from taxonomy.queries import updates as queries
from taxonomy.queries.retiring import rows, undecided
from taxonomy.queries.successors import BadSuccessor, Successors
from taxonomy.queries.updates import Difference
from taxonomy.web import ROWS_ON_A_PAGE, SignedInRequest, page_of, respond

VIEW, CHANGE = "taxonomy.view_treeupdate", "taxonomy.add_treeupdate"
SET_ASIDE = "set aside"


@require_safe
@permission_required(VIEW, raise_exception=True)
def tree_updates(request: HttpRequest) -> HttpResponse:
    """All versions, newest first, and how the next one is brought in."""
    return _list(request)


@require_POST
@permission_required(CHANGE, raise_exception=True)
def upload_update(request: SignedInRequest) -> HttpResponse:
    """Keep an uploaded file as a draft and show what it would change."""
    file = request.FILES.get("file")
    if file is None:
        return _list(request, "Choose a file first.")
    if (file.size or 0) > BYTE_LIMIT:
        return _list(request, TOO_LARGE)
    try:
        draft = updates.upload(file.name or "", file.read(), by=request.user)
    except Unreadable as error:
        return _list(request, str(error))
    return redirect("update", draft.pk)


@require_POST
@permission_required(CHANGE, raise_exception=True)
def fetch_update(request: SignedInRequest) -> HttpResponse:
    """Have a worker fetch the newest published version."""
    return redirect("update", updates.request_fetch(by=request.user).pk)


@require_safe
@permission_required(VIEW, raise_exception=True)
def update(request: SignedInRequest, pk: int) -> HttpResponse:
    """One version: how its fetching goes, what it would change, or what it did."""
    return _page(request, get_object_or_404(queries.versions(), pk=pk))


@require_safe
@permission_required(VIEW, raise_exception=True)
def update_candidates(request: HttpRequest, pk: int) -> HttpResponse:
    """Categories that stay or come and may be meant by what was typed so far."""
    draft = get_object_or_404(TreeUpdate, pk=pk, state=UpdateState.DRAFT)
    found = Successors(queries.difference(draft).growth).candidates(request.GET.get("other", ""))
    return respond(request, "taxonomy/_candidates.html", {"candidates": found})


@require_POST
@permission_required(CHANGE, raise_exception=True)
def choose_successor(request: SignedInRequest, pk: int, retired: int) -> HttpResponse:
    """Say which category takes the place of one that the version retires."""
    draft = get_object_or_404(queries.versions(), pk=pk)
    written = request.POST.get("other", "").strip() or request.POST.get("successor", "")
    fault = ""
    try:
        updates.choose_successor(
            draft,
            retired,
            None if written == "none" else written,
            along="along" in request.POST,
        )
    except (BadSuccessor, applying.NotADraft, Unreadable) as error:
        fault = str(error)
    if not request.htmx:
        if fault:
            messages.error(request, fault)
        return redirect(f"{reverse('update', args=(pk,))}?kind=retired#category-{retired}")
    draft.refresh_from_db()
    return _chosen(request, draft, retired, fault)


@require_POST
@permission_required(CHANGE, raise_exception=True)
def apply_update(request: SignedInRequest, pk: int) -> HttpResponse:
    """Apply a draft, if it still does what the person saw."""
    draft = get_object_or_404(queries.versions(), pk=pk)
    seen = request.POST.get("fingerprint", "")
    try:
        applying.apply_update(draft, fingerprint=seen, by=request.user)
    except (applying.TreeChanged, applying.NotADraft, applying.CannotApply, Unreadable) as error:
        messages.error(request, str(error))
        return _page(request, queries.versions().get(pk=pk), status=409)
    messages.success(request, "The version is applied. It can be undone as a whole.")
    return redirect("update", pk)


@require_POST
@permission_required(CHANGE, raise_exception=True)
def undo_update(request: SignedInRequest, pk: int) -> HttpResponse:
    """Undo an applied version, or name what stands in the way."""
    applied = get_object_or_404(queries.versions(), pk=pk)
    try:
        undoing.undo_update(applied, by=request.user)
    except undoing.CannotUndo as error:
        return _page(request, applied, obstacles=error.obstacles, status=409)
    except applying.NotADraft as error:
        messages.error(request, str(error))
        return _page(request, applied, status=409)
    messages.success(request, "The version is undone: the tree is as it was before.")
    return redirect("update", pk)


@require_POST
@permission_required(CHANGE, raise_exception=True)
def repeat_update(request: SignedInRequest, pk: int) -> HttpResponse:
    """Fetch once more, or lay an undone version out as a draft again."""
    return _done(request, pk, lambda found: updates.request_again(found, by=request.user).pk)


@require_POST
@permission_required(CHANGE, raise_exception=True)
def discard_update(request: SignedInRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    return _done(request, pk, updates.set_aside)


def _done(
    request: SignedInRequest, pk: int, do: Callable[[TreeUpdate], int | None]
) -> HttpResponse:
    found = get_object_or_404(TreeUpdate, pk=pk)
    try:
        led_to = do(found)
    except (applying.NotADraft, Unreadable) as error:
        messages.error(request, str(error))
        led_to = pk
    return redirect("update", led_to) if led_to else redirect("updates")


def _list(request: HttpRequest, fault: str = "") -> HttpResponse:
    context = {
        "updates": page_of(request, queries.versions()),
        "address": updates.newest_address(),
        "fault": fault,
    }
    return respond(request, "taxonomy/updates.html", context, status=422 if fault else 200)


def _page(
    request: SignedInRequest,
    found: TreeUpdate,
    *,
    obstacles: list[undoing.Obstacle] | None = None,
    status: int = 200,
) -> HttpResponse:
    if found.state in (UpdateState.FETCHING, UpdateState.FAILED):
        template, part = "taxonomy/update_fetching.html", "taxonomy/_fetching.html"
        response = respond(request, template, {"update": found}, part=part)
    elif found.state == UpdateState.DRAFT:
        if request.headers.get("HX-Target") == "fetching":  # it has arrived: show the whole page
            return HttpResponseStopPolling(headers={"HX-Refresh": "true"})
        return _draft(request, found, status)
    else:
        context = {"update": found, "obstacles": obstacles, **_made(request, found)}
        response = respond(
            request, "taxonomy/update_applied.html", context, part="taxonomy/_update_changes.html"
        )
    response.status_code = status
    return response


def _draft(request: SignedInRequest, found: TreeUpdate, status: int) -> HttpResponse:
    try:
        plan = queries.difference(found)
    except Unreadable as error:
        context: dict[str, Any] = {"update": found, "fault": str(error)}
        return respond(request, "taxonomy/update_draft.html", context, status=409)
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "").strip()
    shown: list[Any] = plan.rejects if kind == SET_ASIDE else plan.lines(kind, text)
    page = Paginator(shown, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    if kind != SET_ASIDE:
        page.object_list = rows(plan, page.object_list, request.user)
    context = {"update": found, "plan": plan, "page": page, "kind": kind, "text": text}
    context |= {"undecided": undecided(plan, request.user), "kinds": _kinds(plan)}
    part = "taxonomy/_difference.html"
    return respond(request, "taxonomy/update_draft.html", context, part=part, status=status)


def _kinds(plan: Difference) -> list[tuple[str, str, int]]:
    kinds = [(kind.value, kind.label, plan.growth.counts[kind]) for kind in queries.KINDS]
    return [*kinds, (SET_ASIDE, SET_ASIDE, len(plan.rejects))]


def _chosen(request: SignedInRequest, draft: TreeUpdate, retired: int, fault: str) -> HttpResponse:
    plan = queries.difference(draft)
    line = next((line for line in plan.lines(ChangeKind.RETIRED) if line.id == retired), None)
    context = {"update": draft, "plan": plan, "fault": fault}
    context |= {"row": rows(plan, [line], request.user)[0] if line else None}
    context |= {"undecided": undecided(plan, request.user)}
    status = 422 if fault else 200
    return respond(request, "taxonomy/_chosen.html", context, status=status)


def _made(request: HttpRequest, found: TreeUpdate) -> dict[str, object]:
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "").strip()
    changes = queries.changes_made(found)
    counts = queries.counts_made(found)
    kinds = [(one.value, one.label, counts[one.value]) for one in ChangeKind if counts[one.value]]
    wanted = changes.filter(kind=kind) if kind else changes
    wanted = wanted.filter(category__path__icontains=text) if text else wanted
    page = page_of(request, wanted)
    page.object_list = queries.told(page.object_list)
    return {"page": page, "kind": kind, "text": text, "kinds": kinds}
