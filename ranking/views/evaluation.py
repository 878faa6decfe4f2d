"""How good the ranking is, stage by stage, and what to judge next."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from judgments.actions.campaigns import BadCampaign
from judgments.queries import judged_figures
from ranking.actions import jobs
from ranking.actions.ask_evaluation import ask_for_evaluation
from ranking.actions.judge_next import NothingToJudge, judge_next
from ranking.models import Evaluation, State
from ranking.queries import evaluations as queries
from taxonomy.web import SignedInRequest, respond, token_of

MAY_SEE = "ranking.view_evaluation"
MAY_ASK = "ranking.add_evaluation"
MAY_LEAD = "judgments.change_campaign"


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def evaluation(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The newest evaluation, or one of before, and the button that asks for another."""
    done = queries.evaluations().filter(state=State.DONE)
    shown = done.first() if pk is None else get_object_or_404(done, pk=pk)
    until = shown.settings.get("judgments_until") if shown else None
    context = {
        "report": queries.report_of(shown) if shown else None,
        "under_way": queries.evaluation_under_way(),
        "stopped": queries.stopped_evaluation(),
        "earlier": done.defer("figures")[:10],
        "judged": judged_figures(until),
        "token": uuid.uuid4(),
    }
    return respond(request, "ranking/evaluation.html", context)


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def evaluating(request: SignedInRequest) -> HttpResponse:
    """How far the evaluation is; when it is over the page comes anew."""
    waiting = queries.evaluation_under_way()
    if not request.htmx:
        return redirect("evaluation")
    response = render(request, "ranking/_evaluating.html", {"under_way": waiting})
    if waiting is None:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@permission_required(MAY_ASK, raise_exception=True)
def evaluate(request: SignedInRequest) -> HttpResponse:
    """Have the ranking measured; a second click finds the first one's evaluation."""
    ask_for_evaluation(by=request.user, token=token_of(request.POST))
    messages.success(request, "It is measured. You can leave this page: it goes on by itself.")
    return redirect("evaluation")


@require_POST
@permission_required(MAY_ASK, raise_exception=True)
def cancel_evaluation(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stop an evaluation that is waited for."""
    try:
        jobs.cancel(get_object_or_404(Evaluation, pk=pk), by=request.user)
    except jobs.AlreadyFinished as error:
        messages.error(request, str(error))
    else:
        messages.info(request, "It is being stopped. What was measured before stands.")
    return redirect("evaluation")


@require_POST
@permission_required(MAY_ASK, raise_exception=True)
def resume_evaluation(request: HttpRequest, pk: int) -> HttpResponse:
    """Have an evaluation that failed or was cancelled tried again."""
    found = get_object_or_404(Evaluation, pk=pk)
    jobs.resume(found)
    if found.state == State.DONE:
        messages.info(request, f"{found} had come to its end already.")
    else:
        messages.success(request, "It is measured again.")
    return redirect("evaluation")


@require_POST
@permission_required(MAY_SEE, raise_exception=True)
@permission_required(MAY_LEAD, raise_exception=True)
def judge_unjudged(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make a campaign of what nobody judged; a second click finds the first one's."""
    found = get_object_or_404(Evaluation, pk=pk, state=State.DONE)
    try:
        campaign = judge_next(found, by=request.user)
    except (BadCampaign, NothingToJudge) as error:
        messages.error(request, str(error))
        return redirect("evaluation_of", pk)
    messages.success(request, "The campaign has begun: these products are asked about now.")
    return redirect("campaign", campaign.pk)
