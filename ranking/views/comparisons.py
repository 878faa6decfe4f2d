"""Runs and releases held against each other, page beside page."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from judgments.queries import judged_figures
from ranking.actions import jobs
from ranking.actions.compare import NotRanked, ask_for_comparison, ask_for_gate
from ranking.models import Comparison, Run, State
from ranking.queries import comparisons as queries
from ranking.queries.beside import beside
from ranking.queries.gate import gate
from ranking.queries.sides import BadSides, Side, check_sides, choices, said, side_of, usual
from taxonomy.models import Category
from taxonomy.web import SignedInRequest, page_of, respond, token_of, whole_number

MAY_SEE = "ranking.view_comparison"
MAY_ASK = "ranking.add_comparison"


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def compare(request: HttpRequest) -> HttpResponse:
    """Choose what to compare. Sides in the address lead to their comparison, if there is one."""
    try:
        sides = [side_of(text) for text in request.GET.getlist("side")]
    except BadSides as error:
        raise BadRequest(str(error)) from error
    fault = ""
    if sides:
        try:
            check_sides(sides)
        except BadSides as error:
            fault = str(error)
        else:
            if known := queries.known_comparison(sides):
                return redirect("comparison", known.pk)
    return _choosing(request, sides, fault)


@require_POST
@permission_required(MAY_ASK, raise_exception=True)
def ask_comparison(request: SignedInRequest) -> HttpResponse:
    """Have sides compared, or find the comparison that is there; a second click asks for one."""
    token = token_of(request.POST)
    try:
        sides = [side_of(text) for text in request.POST.getlist("side")]
    except BadSides as error:
        raise BadRequest("The form is incomplete.") from error
    # The one held against comes first, and is not meant twice where its box is ticked too.
    sides = list(dict.fromkeys(sides))
    known = None if request.POST.get("anew") else queries.known_comparison(sides)
    try:
        asked = known or ask_for_comparison(sides, by=request.user, token=token)
    except BadSides as error:
        return _choosing(request, sides, str(error))
    return redirect("comparison", asked.pk)


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """A comparison. While it is measured its progress asks for itself every two seconds."""
    found = get_object_or_404(Comparison.objects.select_related("asked_by", "run"), pk=pk)
    sides = queries.sides_of(found)
    context: dict[str, Any] = {"comparison": found, "sides": sides, "title": said(sides)}
    if request.headers.get("HX-Target") == "measuring":
        if found.is_finished:
            return HttpResponseClientRefresh()
        return respond(request, "ranking/_compare_measuring.html", context)
    if found.state == State.DONE:
        context |= _report(request, found)
    context["token"] = uuid.uuid4()
    return respond(request, "ranking/comparison.html", context, part="ranking/_compare_pages.html")


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def compare_page(request: HttpRequest, pk: int, page_pk: int) -> HttpResponse:
    """One page as two sides show it, and the pages before and after it in the list."""
    found = get_object_or_404(Comparison, pk=pk, state=State.DONE)
    page = get_object_or_404(Category, pk=page_pk)
    of, order = _of(request), _order(request)
    shown = beside(found, page, of)
    if shown is None:
        raise Http404("One of the two sides does not have this page.")
    sides = queries.sides_of(found)
    ids = [line["page"] for line in queries.changed_pages(found, of, order)]
    at = ids.index(page.pk) if page.pk in ids else None
    context = {
        "comparison": found,
        "page": page,
        "beside": shown,
        "sides": sides,
        "title": said(sides),
        "of": of,
        "sort": order,
        "number": None if at is None else at + 1,
        "changed": len(ids),
        "before": _page(ids, None if at is None else at - 1),
        "after": _page(ids, 0 if at is None else at + 1),
    }
    return respond(request, "ranking/compare_page.html", context)


@require_POST
@permission_required(MAY_ASK, raise_exception=True)
def cancel_comparison(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stop a comparison that is waited for."""
    try:
        jobs.cancel(get_object_or_404(Comparison, pk=pk), by=request.user)
    except jobs.AlreadyFinished as error:
        messages.error(request, str(error))
    else:
        messages.info(request, "It is being stopped.")
    return redirect("comparison", pk)


@require_POST
@permission_required(MAY_ASK, raise_exception=True)
def resume_comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a comparison that failed or was cancelled tried again."""
    found = get_object_or_404(Comparison, pk=pk)
    jobs.resume(found)
    if found.state == State.DONE:
        messages.info(request, f"{found} had come to its end already.")
    return redirect("comparison", pk)


@require_POST
@permission_required(MAY_ASK, raise_exception=True)
def measure_gate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have a run compared with what is published now, which decides whether its gate is open."""
    run, token = get_object_or_404(Run, pk=pk), token_of(request.POST)
    try:
        asked = ask_for_gate(run, by=request.user, token=token)
    except NotRanked as error:
        messages.error(request, str(error))
        return redirect("run", pk)
    return redirect("comparison", asked.pk)


def _choosing(request: HttpRequest, sides: list[Side], fault: str) -> HttpResponse:
    rows = page_of(request, queries.comparisons())
    offered = choices()
    context = {
        "choices": offered,
        "chosen": sides or usual(offered),
        "rows": rows,
        "lines": [(one, said(queries.sides_of(one))) for one in rows],
        "fault": fault,
        "token": uuid.uuid4(),
    }
    return respond(request, "ranking/compare.html", context, status=422 if fault else 200)


def _report(request: HttpRequest, found: Comparison) -> dict[str, Any]:
    of, order = _of(request), _order(request)
    rows = page_of(request, queries.changed_pages(found, of, order))
    return {
        "report": queries.report_of(found, of),
        "judged": judged_figures(found.figures["judgments_until"]),
        "its_gate": partial(gate, found.run) if found.run else None,
        "of": of,
        "sort": order,
        "rows": rows,
        "changes": queries.page_changes(rows),
    }


def _page(ids: list[int], at: int | None) -> Category | None:
    if at is None or not 0 <= at < len(ids):
        return None
    return Category.objects.filter(pk=ids[at]).first()


def _of(request: HttpRequest) -> int:
    return whole_number(request.GET.get("of", "1"))


def _order(request: HttpRequest) -> str:
    order = request.GET.get("sort", "")
    return order if order in queries.PAGE_ORDERS else ""
