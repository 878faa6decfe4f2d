"""Nights: when they begin, what may follow by itself, and how they came out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from ranking.actions import nights as actions
from ranking.models import Night
from ranking.nights import PlanForm
from ranking.queries.starts import plan
from taxonomy.web import SignedInRequest, page_of, respond


@require_safe
@permission_required("ranking.view_nightplan", raise_exception=True)
def nights(request: HttpRequest) -> HttpResponse:
    """The plan and all nights, newest first."""
    return _nights(request, PlanForm.of(plan()))


@require_POST
@permission_required("ranking.change_nightplan", raise_exception=True)
def change_nights(request: SignedInRequest) -> HttpResponse:
    """Change the plan; 422 when it cannot be kept."""
    form = PlanForm(request.POST)
    if form.is_valid():
        try:
            actions.change_plan(**form.plan, by=request.user)
        except actions.PlanRefused as error:
            form.add_error(None, str(error))
    if not form.is_valid():
        return _nights(request, form, status=422)
    messages.success(request, "The nights are as you said.")
    return redirect("nights")


def _nights(request: HttpRequest, form: PlanForm, status: int = 200) -> HttpResponse:
    past = page_of(request, Night.objects.select_related("run").order_by("-day"))
    context: dict[str, Any] = {
        "plan": plan(),
        "form": form,
        "nights": past,
        "zone": settings.TIME_ZONE,
    }
    response = respond(request, "ranking/nights.html", context)
    response.status_code = status
    return response
