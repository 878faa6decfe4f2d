"""Campaigns, for those who lead them: what is judged, by whom, how far it is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from judgments.actions import campaigns as actions
from judgments.actions.judge import annotator_of
from judgments.campaign_form import CampaignForm
from judgments.models import Annotator, Campaign
from judgments.queries import campaigns as queries
from judgments.queries.forecast import forecast
from taxonomy.models import Category
from taxonomy.web import SignedInRequest, page_of, respond, token_of

MAY_SEE = "judgments.view_campaign"
MAY_LEAD = "judgments.change_campaign"


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def campaigns(request: HttpRequest) -> HttpResponse:
    """All campaigns, newest first."""
    context = {"campaigns": page_of(request, queries.campaigns())}
    return respond(request, "judgments/campaigns.html", context)


@require_safe
@permission_required(MAY_LEAD, raise_exception=True)
def new_campaign(request: HttpRequest) -> HttpResponse:
    """The form for a campaign, about `?branch=` if that is named."""
    initial = {"token": uuid.uuid4(), "branch": request.GET.get("branch", "")}
    return _form(request, CampaignForm(initial=initial))


@require_POST
@permission_required(MAY_LEAD, raise_exception=True)
def start_campaign(request: SignedInRequest) -> HttpResponse:
    """Start a campaign; a second click finds the first one's."""
    form = CampaignForm(request.POST)
    started = form.start(request.user)
    if started is None:
        return _form(request, form, status=422)
    messages.success(request, "The campaign has begun: what is worth judging is being gathered.")
    return redirect("campaign", started.pk)


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """One campaign. While it is not over its progress asks for itself every few seconds."""
    found = get_object_or_404(Campaign.objects.select_related("branch", "made_by"), pk=pk)
    context: dict[str, Any] = {"campaign": found, "progress": queries.progress(found)}
    context["people"] = queries.people_in(found)
    if request.headers.get("HX-Target") == "campaign-progress":
        # Whoever watches it gather sees all of it once it has.
        if request.GET.get("was", found.state) != found.state:
            return HttpResponseClientRefresh()
    else:
        pages = page_of(request, queries.pages_by_progress(found))
        context |= {
            "forecast": forecast(found),
            "pages": pages,
            "lines": queries.page_lines(pages),
            "named": found.pages.order_by("path")[:20],
            "assignable": queries.assignable() if request.user.has_perm(MAY_LEAD) else [],
            "assigned": {
                line.annotator.user_id
                for line in context["people"]
                if line.part and line.part.assigned
            },
        }
    return respond(
        request, "judgments/campaign.html", context, part="judgments/_campaign_progress.html"
    )


@require_POST
@permission_required(MAY_LEAD, raise_exception=True)
def pause_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out no more of it for now."""
    return _move(request, pk, actions.pause, "The campaign is paused: nobody gets more of it.")


@require_POST
@permission_required(MAY_LEAD, raise_exception=True)
def resume_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand it out again, or gather again what could not be."""
    return _move(request, pk, actions.resume, "The campaign goes on.")


@require_POST
@permission_required(MAY_LEAD, raise_exception=True)
def finish_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """End it for good."""
    return _move(request, pk, actions.finish, "The campaign is over. All that was said stays.")


@require_POST
@permission_required(MAY_LEAD, raise_exception=True)
def assign_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Have those who are ticked judge it; nobody ticked means everybody."""
    found = get_object_or_404(Campaign, pk=pk)
    ticked = set(request.POST.getlist("people"))
    chosen = [annotator_of(user) for user in queries.assignable() if str(user.pk) in ticked]
    try:
        actions.assign(found, chosen)
    except actions.NotNow as error:
        messages.error(request, str(error))
    else:
        who = ", ".join(one.name for one in chosen) or "everybody who may judge"
        messages.success(request, f"This campaign is for {who}.")
    return redirect("campaign", pk)


@require_POST
@permission_required(MAY_LEAD, raise_exception=True)
def let_go_on(request: HttpRequest, pk: int, annotator: int) -> HttpResponse:
    """Let somebody who was warned or paused go on."""
    found = get_object_or_404(Campaign, pk=pk)
    person = get_object_or_404(Annotator, pk=annotator)
    actions.let_go_on(found, person)
    messages.success(request, f"{person.name} can go on; what was missed so far counts no more.")
    return redirect("campaign", pk)


@require_POST
@permission_required(MAY_LEAD, raise_exception=True)
def judge_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have one page judged: its campaign, or a new one."""
    page = get_object_or_404(Category.objects.pages(), pk=pk)
    token = token_of(request.POST)
    found = actions.judge_page(page, by=request.user, token=token)
    messages.success(request, f"{page.shown_name} is judged in this campaign.")
    return redirect("campaign", found.pk)


def _move(
    request: HttpRequest, pk: int, move: Callable[[Campaign], Campaign], done: str
) -> HttpResponse:
    try:
        move(get_object_or_404(Campaign, pk=pk))
    except actions.NotNow as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("campaign", pk)


def _form(request: HttpRequest, form: CampaignForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "branches": queries.branches_to_judge()}
    return respond(request, "judgments/campaign_new.html", context, status=status)
