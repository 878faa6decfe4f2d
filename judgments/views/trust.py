"""How far judgments can be trusted: agreement, self-consistency, gold, and what a label costs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from judgments.actions import agreement as actions
from judgments.models import Measurement, Scope
from judgments.queries import trust as queries
from judgments.queries.agreement import (
    finished_measurements,
    measurement_under_way,
    newer_judgments,
)
from judgments.queries.work import HASTE, IN_A_ROW
from taxonomy.web import SignedInRequest, page_of, respond

MAY = "judgments.view_agreement"
TABS = {"people": "People", "pages": "Pages", "branches": "Branches", "pairs": "Two by two"}
SCOPES = {"pages": Scope.PAGE, "branches": Scope.BRANCH, "pairs": Scope.PAIR}


@require_safe
@permission_required(MAY, raise_exception=True)
def trust(request: HttpRequest) -> HttpResponse:
    """The figures of everybody, then of people, pages, branches or pairs, lowest first."""
    measured = finished_measurements().first()
    tab = request.GET.get("by", "")
    tab = tab if tab in TABS else "people"
    sort = request.GET.get("sort", "") or "agreement"
    context: dict[str, Any] = {
        "measured": measured,
        "newer": newer_judgments(measured),
        "measuring": measurement_under_way(),
        "failed": _failed(measured),
        "summary": queries.summary(measured),
        "zero": queries.ZERO,
        "tabs": TABS,
        "tab": tab,
        "tab_label": TABS[tab],
        "sort": sort,
        "in_a_row": IN_A_ROW,
        "haste": HASTE,
    }
    context |= _rows(request, measured, tab, sort)
    return respond(request, "judgments/trust.html", context)


def _rows(
    request: HttpRequest, measured: Measurement | None, tab: str, sort: str
) -> dict[str, Any]:
    """What the tab lists: all people, or a page of the rest."""
    key, falling = sort.removeprefix("-"), sort.startswith("-")
    if tab == "people":
        return {"people": queries.people(measured, key, falling=falling)}
    if measured is None:
        return {"lines": []}
    rows = page_of(request, queries.in_order(measured, SCOPES[tab], key, falling=falling))
    return {"rows": rows, "lines": queries.lines_of(list(rows))}


def _failed(measured: Measurement | None) -> Measurement | None:
    """The newest measurement that came to nothing, if none has come to its end since."""
    ended = Measurement.objects.exclude(error="").filter(id__gt=measured.pk if measured else 0)
    return ended.first()


@require_safe
@permission_required(MAY, raise_exception=True)
def measuring(request: SignedInRequest) -> HttpResponse:
    """How far the measurement is; when it is over the page comes anew."""
    waiting = measurement_under_way()
    if not request.htmx:
        return redirect("trust")
    response = render(request, "judgments/_trust_measuring.html", {"measuring": waiting})
    if waiting is None:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@permission_required(MAY, raise_exception=True)
def measure_trust(request: SignedInRequest) -> HttpResponse:
    """Have agreement measured anew; a second click finds the first one's measurement."""
    actions.ask_for_measurement(by=request.user)
    return redirect("trust")


@require_POST
@permission_required(MAY, raise_exception=True)
def stop_measuring(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stop a measurement that is waited for."""
    actions.cancel_measurement(get_object_or_404(Measurement, pk=pk))
    messages.info(request, "The measurement is being stopped. What was measured before stands.")
    return redirect("trust")
