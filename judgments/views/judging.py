"""Judging: choosing a queue, sitting down to it, and answering, with scripts and without."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from judgments import keys
from judgments.actions.judge import (
    Gap,
    NotYours,
    Submission,
    SubmissionFault,
    Told,
    annotator_of,
    lease,
    sit,
    submit,
)
from judgments.forms import AnswerForm, GridForm, StartForm
from judgments.models import Annotator, CannotTell, Grade, ParticipationState, Seat, Sitting, View
from judgments.queries import cards as asked
from judgments.queries.queue import (
    ASIDE,
    Branch,
    Queue,
    branches_of,
    items_left,
    let_go,
    progress,
    put_aside,
    queues,
)
from taxonomy.queries import search
from taxonomy.web import SignedInRequest, respond, whole_number

MAY_JUDGE = "judgments.add_judgment"
AT_FIRST = 4  # cards that come with the screen; more are fetched behind them
AHEAD = 20  # cards that a screen has before it at most
TILES = 24  # products of a page in a grid
FOUND = 12  # categories that the picker offers


@dataclass(frozen=True)
class Choice:
    """A campaign to sit down to: how many products stand alone in it, how many between two."""

    queue: Queue
    branches: list[Branch]
    alone: int
    of_two: int


@dataclass(frozen=True)
class Aside:
    """What somebody put aside."""

    state: str
    seats: list[Seat]
    alone: int
    of_two: int


@require_safe
@never_cache
@permission_required(MAY_JUDGE, raise_exception=True)
def judge(request: SignedInRequest) -> HttpResponse:
    """What there is to judge for this person, and what they put aside."""
    annotator = annotator_of(request.user)
    choices = [_choice(one, annotator) for one in queues(annotator)]
    context = {
        "choices": choices,
        "alone": sum(one.alone for one in choices),
        "of_two": sum(one.of_two for one in choices),
        "sittings": asked.sittings_left(annotator)[:3],
        "aside": [_put_aside(annotator, state) for state in ASIDE],
        "new_id": uuid.uuid4,
        "preset": keys.preset_of(annotator.keys),
    }
    return respond(request, "judgments/judge/queues.html", context)


@require_POST
@permission_required(MAY_JUDGE, raise_exception=True)
def start_judging(request: SignedInRequest) -> HttpResponse:
    """Sit down to a queue, in a tab of its own."""
    annotator = annotator_of(request.user)
    form = StartForm(request.POST, annotator)
    if not form.is_valid():
        messages.error(request, "This queue is not open to you any more.")
        return redirect("judge")
    try:
        begun = sit(annotator, **form.cleaned_data)
    except NotYours as fault:
        raise PermissionDenied(str(fault)) from fault
    return redirect("sitting", begun.pk)


@require_safe
@never_cache
@permission_required(MAY_JUDGE, raise_exception=True)
def sitting(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """The screen: the product that comes next, the page it is asked for, and the keys."""
    mine = _own(request, pk)
    leased = lease(mine, TILES if mine.view == View.GRID else AT_FIRST)
    taken_back = asked.answers_to_take_back(mine)
    context = {
        "sitting": mine,
        "progress": progress(mine),
        "leased": leased,
        "pages": _pages(leased.seats, mine),
        "keys": keys.bound(mine.annotator.keys),
        "actions": [action for action in keys.ACTIONS if mine.view in action.views],
        "reasons": CannotTell.choices,
        "grades": Grade.choices,
        "taken": [{"token": str(one.token), "seat": one.seat_id} for one in taken_back],
        "last": taken_back[-1] if taken_back else None,
        "token": uuid.uuid4(),
        "new_id": uuid.uuid4(),
    }
    return respond(request, f"judgments/judge/{mine.view}.html", context)


@require_safe
@never_cache
@permission_required(MAY_JUDGE, raise_exception=True)
def cards(request: SignedInRequest, pk: uuid.UUID) -> JsonResponse:
    """What stands before the sitting, up to `?count=`; as parts for its screen what it lacks.

    `?has=` names the seats whose cards the screen has; their pages are there as well.
    """
    mine = _own(request, pk)
    leased = lease(mine, whole_number(request.GET.get("count", str(AHEAD))))
    known = {whole_number(seat) for seat in filter(None, request.GET.get("has", "").split(","))}
    new = [seat for seat in leased.seats if seat.pk not in known]
    part = "_tile" if mine.view == View.GRID else "_card"
    draw = partial(render_to_string, request=request)
    return JsonResponse(
        {
            "seats": [seat.pk for seat in leased.seats],
            "cards": [
                {
                    "seat": seat.pk,
                    "page": asked.page_key(seat.item.page_id, seat.item.sibling_id),
                    "html": draw(f"judgments/judge/{part}.html", {"seat": seat}),
                }
                for seat in new
            ],
            "pages": [
                {
                    "id": page.key,
                    "html": draw(f"judgments/judge/_{mine.view}_page.html", {"page": page}),
                }
                for page in _pages(new, mine)
            ],
            "left": leased.left,
            "stopped": leased.stopped,
        }
    )


@require_POST
@permission_required(MAY_JUDGE, raise_exception=True)
def answer(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Keep what a form without scripts says, and show what comes next."""
    mine = _own(request, pk)
    form = GridForm(request.POST) if "seats" in request.POST else AnswerForm(request.POST)
    if not form.is_valid():
        for faults in form.errors.values():
            messages.error(request, " ".join(map(str, faults)))
    elif isinstance(form, GridForm):
        _keep(request, mine, form.submissions())
    else:
        _keep(request, mine, [form.submission()])
    return redirect("sitting", mine.pk)


@require_safe
@permission_required(MAY_JUDGE, raise_exception=True)
def where_it_belongs(request: SignedInRequest) -> JsonResponse:
    """The live categories that `?q=` may mean, for a product that belongs elsewhere."""
    found = [one.category for one in search(request.GET.get("q", ""), FOUND * 2)]
    live = [category for category in found if not category.retired_at][:FOUND]
    options = [
        {"id": one.pk, "name": one.shown_name, "above": " › ".join(one.ancestor_names)}
        for one in live
    ]
    return JsonResponse({"options": options})


def _choice(found: Queue, annotator: Annotator) -> Choice:
    going_on = found.state != ParticipationState.PAUSED
    of_two = 0
    if found.left and going_on:
        pairs = {"campaign": found.campaign, "sibling__isnull": False}
        waiting = (items_left(annotator), let_go(annotator))
        of_two = sum(items.filter(**pairs).count() for items in waiting)
    return Choice(
        queue=found,
        branches=branches_of(found, annotator) if found.left and going_on else [],
        alone=found.left - of_two if going_on else 0,
        of_two=of_two,
    )


def _put_aside(annotator: Annotator, state: str) -> Aside:
    seats = list(put_aside(annotator, state))
    of_two = sum(seat.item.sibling_id is not None for seat in seats)
    return Aside(state, seats, len(seats) - of_two, of_two)


def _own(request: SignedInRequest, pk: uuid.UUID) -> Sitting:
    """The sitting, if it is this person's."""
    found = Sitting.objects.select_related("annotator", "campaign", "branch")
    mine = get_object_or_404(found, pk=pk)
    if mine.annotator.user_id != request.user.pk:
        raise PermissionDenied("This sitting is somebody else's.")
    return mine


def _pages(seats: list[Seat], mine: Sitting) -> list[asked.PageCard]:
    questions = [(seat.item.page, seat.item.sibling) for seat in seats]
    return asked.page_cards(questions, mine.annotator)


def _keep(request: SignedInRequest, mine: Sitting, submissions: list[Submission]) -> None:
    """Submit, and say what is to be said of it."""
    try:
        done = submit(mine, submissions)
    except Gap:
        messages.warning(request, "This was sent from a page that is no longer the newest one.")
        return
    except SubmissionFault as fault:
        raise BadRequest(str(fault)) from fault
    for outcome in done.outcomes:
        if outcome.refused:
            messages.warning(request, outcome.refused)
        if outcome.told:
            messages.info(request, _told(outcome.told))
    if done.notice:
        messages.warning(request, done.notice)


def _told(told: Told) -> str:
    known = Grade(told.grade).label
    verdict = "As it is known" if told.right else "It is known otherwise"
    return f"{verdict}: {known}. {told.explanation}".strip()
