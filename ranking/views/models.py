"""What is learned, version by version, and which version runs use."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from judgments.queries import judged_figures
from ranking.actions import jobs
from ranking.actions.adopt import DecidedMeanwhile, NotReady, adopt
from ranking.actions.ask_training import ask_for_training
from ranking.learning.enough import ENOUGH, FEWEST_GROUPS
from ranking.models import Kind, State, Training
from ranking.queries import card_charts, cards
from ranking.queries.learned import adoption, adoptions, versions
from ranking.queries.versions import card_of, line, next_versions, panel
from taxonomy.web import SignedInRequest, page_of, respond, token_of, whole_number

MAY_SEE = "ranking.view_training"
MAY_TRAIN = "ranking.add_training"
MAY_ADOPT = "ranking.add_adoption"
MADE = (
    "folder",
    "file",
    "siblings",
    "outliers",
    "digest",
    "vectors",
)  # of what a version made, for people


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def models(request: HttpRequest) -> HttpResponse:
    """Both kinds of what is learned: what runs use, what is under way, and the versions."""
    return _models(request)


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def model(request: HttpRequest, pk: int) -> HttpResponse:
    """One version. While it is learned its progress asks for itself every two seconds."""
    training = get_object_or_404(Training.objects.select_related("asked_by"), pk=pk)
    if request.headers.get("HX-Target") == f"progress-{pk}":
        if training.is_finished:
            return HttpResponseClientRefresh()
        return respond(request, "ranking/_training.html", {"training": training})
    return respond(request, "ranking/model.html", _card(training))


@require_POST
@permission_required(MAY_TRAIN, raise_exception=True)
def train_model(request: SignedInRequest) -> HttpResponse:
    """Have a new version learned; a second click finds the first one's."""
    token = token_of(request.POST)
    training = ask_for_training(_kind(request), by=request.user, token=token)
    messages.success(request, "It is being learned. You can leave this page: it goes on by itself.")
    return redirect("model", training.pk)


@require_POST
@permission_required(MAY_TRAIN, raise_exception=True)
def cancel_training(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask a training to stop."""
    try:
        jobs.cancel(get_object_or_404(Training, pk=pk), by=request.user)
    except jobs.AlreadyFinished as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "It stops. It can go on later: steps that are done are kept.")
    return redirect("model", pk)


@require_POST
@permission_required(MAY_TRAIN, raise_exception=True)
def resume_training(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a training that failed or was cancelled go on."""
    training = get_object_or_404(Training, pk=pk)
    jobs.resume(training)
    if training.state == State.DONE:
        messages.info(request, f"{str(training).capitalize()} had come to its end already.")
    else:
        messages.success(request, "It goes on with what is left.")
    return redirect("model", pk)


@require_POST
@permission_required(MAY_ADOPT, raise_exception=True)
def adopt_model(request: SignedInRequest) -> HttpResponse:
    """Say which version runs use from the next one on; 409 tells who said something meanwhile."""
    kind, form = _kind(request), request.POST
    wanted = form.get("training", "")
    training = get_object_or_404(Training, pk=whole_number(wanted)) if wanted else None
    seen = whole_number(form["based_on"]) if form.get("based_on") else None
    try:
        adopt(kind, training, by=request.user, based_on=seen)
    except NotReady as error:
        return _models(request, status=422, fault=str(error))
    except DecidedMeanwhile as told:
        if told.newest is None:  # it goes by a word that nobody said
            raise BadRequest("The form is incomplete.") from told
        said = {"kind": kind, "theirs": told.newest, "mine": training}
        return _models(request, status=409, collision=said)
    messages.success(request, _said(kind, training))
    return redirect("models")


def _models(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "panels": [panel(kind) for kind in Kind],
        "next": next_versions(),
        "judged": judged_figures(),
        "enough": ENOUGH,
        "families": FEWEST_GROUPS,
    }
    if (asked := request.GET.get("kind")) in Kind.values:
        kind = Kind(asked)
        rows = page_of(request, versions(kind))
        context |= {"panels": [panel(kind, rows)], "rows": rows}
    return respond(request, "ranking/models.html", context | more, status=status)


def _card(training: Training) -> dict[str, Any]:
    kind, card = Kind(training.kind), card_of(training)
    newest = adoption(kind)
    return {
        "training": training,
        "kind": kind,
        "adoption": newest,
        "line": line(training, newest.training if newest else None),
        "axes": [
            ("blend", card_charts.axis(cards.with_and_without(card))),
            ("alone" if kind == Kind.RERANKER else "", card_charts.axis(cards.candidates(card))),
        ],
        "outputs": [(key, of_it, card_charts.points(of_it.bins)) for key, of_it in _outputs(card)],
        "curves": card_charts.lines(cards.curves(card)),
        "weights": cards.weights(card),
        "data_hash": cards.data_hash(card),
        "rest": cards.rest(card),
        "made": [(key, training.made[key]) for key in MADE if training.made.get(key)],
        "judged": judged_figures(training.settings.get("judgments_until")),
        "adoptions": adoptions(kind).filter(training=training),
    }


def _outputs(card: cards.Card) -> list[tuple[str, cards.Calibration]]:
    """What the version says as a probability, and how far it can be trusted."""
    told = {
        "confidence": cards.calibration(card),
        "misfiled": cards.misfiled_calibration(card),
    }
    return [(key, of_it) for key, of_it in told.items() if of_it]


def _kind(request: HttpRequest) -> Kind:
    asked = request.POST.get("kind", "")
    if asked not in Kind.values:
        raise BadRequest("The form is incomplete.")
    return Kind(asked)


def _said(kind: Kind, training: Training | None) -> str:
    if training:
        return f"{str(training).capitalize()} is used from the next run on."
    if kind == Kind.BLEND:
        return "From the next run on, each run learns its own blend."
    return "From the next run on, runs do without a cross-encoder."
