"""The workbench: two siblings, the texts between them, and what these change."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling, reswap, retarget

from ranking.actions import pair_texts
from ranking.actions.preview import ask_preview
from ranking.actions.suggestions import dismiss, ring_for_suggestions
from ranking.models import ConfusedPair, Preview, PreviewState, Suggestion
from ranking.queries import confusion
from ranking.queries.fence import (
    fence_then,
    fence_today,
    measured_before_its_texts,
    siblings_or_none,
)
from ranking.queries.suggestions import suggestions
from taxonomy.models import Category, Revision, RevisionState
from taxonomy.queries import ancestors
from taxonomy.queries.discriminators import TextState, texts_of_pair
from taxonomy.web import SignedInRequest, respond, wants_part, whole_number

PATIENCE = timedelta(seconds=4)  # after which it is said that the worker has not answered
GIVEN_UP = timedelta(seconds=60)
LOOKING_SECONDS = 20  # for which the page asks whether suggestions have come


@dataclass
class Side:
    """One direction of a pair in the editor."""

    state: TextState
    text: str
    based_on: int
    suggestions: list[Suggestion]
    faults: list[str] = field(default_factory=list)
    theirs: Revision | None = None  # what somebody else has written meanwhile


@dataclass(frozen=True)
class Looking:
    """A search for suggestions: the second since 1970 of its start, and what came of it."""

    since: int
    new: bool
    over: bool


@require_safe
@permission_required("ranking.view_confusedpair", raise_exception=True)
def workbench(request: HttpRequest, first: int, second: int) -> HttpResponse:
    """Two siblings side by side, with their texts and the products between them."""
    pair = _pair(first, second)
    if first > second:
        return redirect("workbench", second, first)
    preview = _asked(request, *pair)
    sides = _sides(*pair)
    if preview:
        for side, text in zip(sides, (preview.first_text, preview.second_text), strict=True):
            side.text = text
    return _bench(request, pair, sides, preview)


@require_POST
@permission_required("ranking.view_confusedpair", raise_exception=True)
def preview(request: SignedInRequest, first: int, second: int) -> HttpResponse:
    """Ask what the texts in the form would change; nothing is saved."""
    pair = _pair(first, second)
    texts = _taken(request.POST, pair)
    try:
        asked = ask_preview(*pair, *texts, by=request.user)
    except pair_texts.BadText as error:
        part = "ranking/_preview_asked.html"
        return respond(request, part, {"faults": error.faults}, status=422)
    if not wants_part(request):
        address = reverse("workbench", args=[one.pk for one in pair])
        return redirect(f"{address}?preview={asked.token}")
    return respond(request, "ranking/_preview_asked.html", {"preview": asked})


@require_safe
@permission_required("ranking.view_confusedpair", raise_exception=True)
def preview_answer(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """What a preview found: 204 until there is something to say, then no more asking."""
    asked = get_object_or_404(Preview.objects.select_related("first", "second"), token=token)
    waited = timezone.now() - asked.asked_at
    if asked.state == PreviewState.WAITING and waited < PATIENCE:
        return HttpResponse(status=204)
    if asked.state == PreviewState.DONE:
        context = _answer_context((asked.first, asked.second), asked)
        response = respond(request, "ranking/_preview_answer.html", context)
    else:
        context = {"preview": asked, "late": True, "over": waited > GIVEN_UP}
        response = respond(request, "ranking/_preview_asked.html", context)
        response = retarget(reswap(response, "innerHTML"), "#asked")
        if asked.state == PreviewState.WAITING and waited < GIVEN_UP:
            return response
    response.status_code = HttpResponseStopPolling.status_code
    return response


@require_POST
@permission_required("taxonomy.add_revision", raise_exception=True)
def save_pair(request: SignedInRequest, first: int, second: int) -> HttpResponse:
    """Keep both texts as drafts, or make them live; when that cannot be, lose nothing."""
    pair = _pair(first, second)
    live = request.POST.get("as") == RevisionState.LIVE
    sides = _written(request.POST, pair)
    try:
        new = pair_texts.write_pair(
            [
                pair_texts.PairText(one.state.category, other, one.text, one.based_on)
                for one, other in zip(sides, reversed(pair), strict=True)
            ],
            live=live,
            by=request.user,
            note=request.POST.get("note", ""),
        )
    except pair_texts.Collision:
        for side in sides:
            newest = side.state.newest
            side.theirs = newest if newest and newest.number > side.based_on else None
            side.based_on = side.state.number
        return _bench(request, pair, sides, status=409)
    except pair_texts.BadText as error:
        return _bench(request, pair, sides, faults=error.faults, status=422)
    messages.success(request, _what_happened(new, live=live))
    return redirect("workbench", *(one.pk for one in pair))


@require_POST
@permission_required("ranking.change_suggestion", raise_exception=True)
def dismiss_suggestion(request: SignedInRequest, pk: int) -> HttpResponse:
    """Propose this line no more. What was typed meanwhile stays."""
    found = get_object_or_404(Suggestion, pk=pk, sibling__isnull=False)
    dismiss(found, by=request.user)
    if wants_part(request):
        return HttpResponse()
    return preview(request, *sorted((found.category_id, found.sibling_id or 0)))


@require_POST
@permission_required("ranking.change_suggestion", raise_exception=True)
def suggest_lines(request: SignedInRequest, first: int, second: int) -> HttpResponse:
    """Have a worker look for lines that tell the two apart. What was typed meanwhile stays."""
    pair = _pair(first, second)
    ring_for_suggestions(*(one.pk for one in pair))
    response = preview(request, first, second)
    if "Location" in response:
        response["Location"] += f"&looking={int(timezone.now().timestamp())}"
    return response


@require_safe
@permission_required("ranking.view_confusedpair", raise_exception=True)
def offers(request: HttpRequest, first: int, second: int) -> HttpResponse:
    """The suggestions once new ones have come: 204 until then, and 286 when they have or late."""
    pair = _pair(first, second)
    sides = _sides(*pair)
    looking = _looking(request.GET.get("looking", "0"), sides)
    if not looking.over:
        return HttpResponse(status=204)
    context = {"first": pair[0], "second": pair[1], "sides": sides, "looking": looking}
    response = respond(request, "ranking/_offers_arrived.html", context)
    response.status_code = HttpResponseStopPolling.status_code
    return response


def _bench(
    request: HttpRequest,
    pair: tuple[Category, Category],
    sides: list[Side],
    asked: Preview | None = None,
    *,
    faults: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    first, second = pair
    confused = ConfusedPair.objects.select_related("run").filter(first=first, second=second).first()
    looking = request.GET.get("looking", "")
    on_the_list = confused is not None and confused.weight > 0
    context = {
        "sides": sides,
        "confused": confused,
        "place": confusion.place_of(confused) if confused and on_the_list else None,
        "neighbours": confusion.neighbours(confused) if confused else (None, None),
        "parent": first.parent,
        "ancestors": ancestors(first),
        "preview": asked,
        "looking": _looking(looking, sides) if looking else None,
        "faults": faults or [],
        "note": request.POST.get("note", ""),
        **_fence_context(pair, confused, asked),
    }
    return respond(request, "ranking/workbench.html", context, status=status)


def _fence_context(
    pair: tuple[Category, Category], confused: ConfusedPair | None, asked: Preview | None
) -> dict[str, Any]:
    if asked and asked.state == PreviewState.DONE:
        return _answer_context(pair, asked)
    fence = fence_today(confused) if confused else None
    return {
        "first": pair[0],
        "second": pair[1],
        "fence": fence,
        "answer": None,
        "outdated": measured_before_its_texts(*pair),
    }


def _answer_context(pair: tuple[Category, Category], asked: Preview) -> dict[str, Any]:
    return {
        "first": pair[0],
        "second": pair[1],
        "fence": fence_then(asked.answer),
        "answer": asked.answer,
        "outdated": measured_before_its_texts(*pair),
        "unsaved": [state.text for state in texts_of_pair(*pair)]
        != [asked.first_text, asked.second_text],
    }


def _pair(first: int, second: int) -> tuple[Category, Category]:
    """The two, the lower id first; 404 when they are not live siblings."""
    pair = siblings_or_none(first, second)
    if pair is None:
        raise Http404("These two are no siblings.")
    return pair


def _sides(first: Category, second: Category) -> list[Side]:
    return [
        Side(state, state.text, state.number, list(suggestions(state.category, state.sibling)))
        for state in texts_of_pair(first, second)
    ]


def _looking(since: str, sides: list[Side]) -> Looking:
    start = whole_number(since)
    new = any(one.made_at.timestamp() >= start for side in sides for one in side.suggestions)
    late = timezone.now().timestamp() >= start + LOOKING_SECONDS
    return Looking(start, new, new or late)


def _asked(request: HttpRequest, first: Category, second: Category) -> Preview | None:
    """The preview that `?preview=` names, if it is of this pair."""
    try:
        token = uuid.UUID(request.GET.get("preview", ""))
    except ValueError:
        return None
    return Preview.objects.filter(token=token, first=first, second=second).first()


def _written(form: QueryDict, pair: tuple[Category, Category]) -> list[Side]:
    """The sides with what the form says of them."""
    sides = _sides(*pair)
    for side, name in zip(sides, ("first", "second"), strict=True):
        side.text = form.get(f"{name}_text", "")
        side.based_on = whole_number(form.get(f"{name}_based_on", ""))
    return sides


def _taken(form: QueryDict, pair: tuple[Category, Category]) -> list[str]:
    """The two texts of the form; with `take`, and the suggestion that it names at their end."""
    texts = {
        pair[0].pk: form.get("first_text", ""),
        pair[1].pk: form.get("second_text", ""),
    }
    if take := form.get("take", ""):
        found = get_object_or_404(Suggestion, pk=whole_number(take), category__in=pair)
        texts[found.category_id] = f"{texts[found.category_id].rstrip()}\n{found.text}".strip()
    return list(texts.values())


def _what_happened(new: list[Revision], *, live: bool) -> str:
    if not new:
        return "The texts say what they said before, so there is nothing to save."
    named = " and ".join(f"“{revision.discriminator}”" for revision in new)
    both = len(new) > 1
    if live:
        touched = "they touch" if both else "it touches"
        return f"{named}: live. Pages that {touched} keep their ranking until ranked again."
    if both:
        return f"{named}: saved as drafts. They count once they are made live."
    return f"{named}: saved as a draft. It counts once it is made live."
