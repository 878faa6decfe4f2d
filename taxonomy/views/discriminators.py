"""The texts that tell siblings apart: reading, writing, their history."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from taxonomy import queries
from taxonomy.actions import discriminators as actions
from taxonomy.differences import differences, merged
from taxonomy.models import Category, Revision, RevisionState
from taxonomy.queries import discriminators as said
from taxonomy.web import SignedInRequest, page_of, respond, whole_number

Write = Callable[[], Revision]


@require_safe
@permission_required("taxonomy.view_revision", raise_exception=True)
def texts(request: HttpRequest) -> HttpResponse:
    """All texts, by state, and by the names of their categories or their words."""
    state, searched = request.GET.get("state", ""), request.GET.get("q", "").strip()
    found = said.texts(state)
    if searched:
        categories = [one.category for one in queries.search(searched, limit=500)]
        found = said.texts_about(found, categories, searched)
    places = page_of(request, found)
    context = {
        "state": state,
        "states": said.TEXT_STATES,
        "searched": searched,
        "places": places,
        "lines": said.text_states(places),
    }
    return respond(request, "taxonomy/texts.html", context, part="taxonomy/_texts.html")


@require_safe
@permission_required("taxonomy.view_revision", raise_exception=True)
def text(request: HttpRequest, pk: int, sibling_pk: int | None = None) -> HttpResponse:
    """One text: the editor, what has been said before, and what changed from `from` to `to`."""
    category, sibling = _pair(pk, sibling_pk)
    context = _text_context(request, category, sibling)
    return respond(request, "taxonomy/text.html", context, part="taxonomy/_text_changes.html")


@require_safe
@permission_required("taxonomy.view_revision", raise_exception=True)
def category_texts(request: HttpRequest, pk: int) -> HttpResponse:
    """What is said of a category, alone and with its siblings, as a part of other pages."""
    category = get_object_or_404(Category, pk=pk)
    context = {
        "category": category,
        "ancestors": partial(queries.ancestors, category),
        "texts": said.category_texts(category),
    }
    template = "taxonomy/category_texts.html"
    return respond(request, template, context, part="taxonomy/_category_texts.html")


@require_POST
@permission_required("taxonomy.add_revision", raise_exception=True)
def save_text(request: SignedInRequest) -> HttpResponse:
    """Keep what was written as a draft, or make it live."""
    form = request.POST
    category, sibling = _pair(_number(form, "category"), _number(form, "sibling") or None)
    mine: dict[str, Any] = {
        "text": form.get("text", ""),
        "note": form.get("note", ""),
        "based_on": _number(form, "based_on"),
        "live": form.get("as") == RevisionState.LIVE,
    }
    write = partial(actions.write_revision, category, sibling, **mine)
    return _written(request, write, category, sibling, mine)


@require_POST
@permission_required("taxonomy.add_revision", raise_exception=True)
def restore_text(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put the words of an earlier revision back, as live or draft as they were."""
    revision = get_object_or_404(Revision, pk=pk)
    live = revision.state == RevisionState.LIVE
    return _again(request, revision, actions.restore, live=live)


@require_POST
@permission_required("taxonomy.add_revision", raise_exception=True)
def make_text_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make a draft count."""
    return _again(request, get_object_or_404(Revision, pk=pk), actions.make_live, live=True)


def _again(
    request: SignedInRequest, revision: Revision, act: Callable[..., Revision], *, live: bool
) -> HttpResponse:
    place, based_on = revision.discriminator, _number(request.POST, "based_on")
    mine = {"text": revision.text, "note": revision.note, "based_on": based_on, "live": live}
    write = partial(act, revision, based_on=based_on)
    return _written(request, write, place.category, place.sibling, mine)


def _written(
    request: SignedInRequest,
    write: Callable[..., Revision],
    category: Category,
    sibling: Category | None,
    mine: dict[str, Any],
) -> HttpResponse:
    """Write; go back to the text, or show what stood in the way with nothing lost."""
    try:
        revision = write(by=request.user)
    except actions.Collision as collision:
        context = _collision_context(collision.newest, mine)
        return respond(request, "taxonomy/text_collision.html", context, status=409)
    except (actions.BadText, actions.NotSiblings) as fault:
        faults = fault.faults if isinstance(fault, actions.BadText) else [str(fault)]
        context = _text_context(request, category, sibling) | mine | {"faults": faults}
        return respond(request, "taxonomy/text.html", context, status=422)
    messages.success(request, _what_happened(revision))
    if sibling is None:
        return redirect("text_alone", category.pk)
    return redirect("text", category.pk, sibling.pk)


def _what_happened(revision: Revision) -> str:
    if revision.state == RevisionState.DRAFT:
        return f"Revision {revision.number} is saved as a draft. It counts once it is made live."
    if not revision.text:
        return (
            f"The text is withdrawn with revision {revision.number}. Restore it from the history."
        )
    return (
        f"Revision {revision.number} is live. Pages that it touches keep their ranking until "
        "they are ranked again."
    )


def _text_context(
    request: HttpRequest, category: Category, sibling: Category | None
) -> dict[str, Any]:
    state = said.text_of(category, sibling)
    revisions = said.revisions_of(state.discriminator) if state.discriminator else []
    return {
        "category": category,
        "sibling": sibling,
        "ancestors": partial(queries.ancestors, category),
        "state": state,
        "other": said.text_of(sibling, category) if sibling else None,
        "texts": partial(said.category_texts, category),
        "text": state.text,
        "based_on": state.number,
        "revisions": revisions,
        "change": _change(request.GET, list(revisions)),
        "faults": [],
    }


def _change(asked: QueryDict, revisions: list[Revision]) -> dict[str, Any] | None:
    """What changed between the two revisions asked for; else with the newest one."""
    if len(revisions) < 2:
        return None
    by_number = {revision.number: revision for revision in revisions}
    after = by_number.get(_number(asked, "to"), revisions[0])
    before = by_number.get(_number(asked, "from"), by_number.get(after.number - 1, after))
    return {
        "before": before,
        "after": after,
        "pieces": differences(before.text, after.text),
    }


def _collision_context(newest: Revision, mine: dict[str, Any]) -> dict[str, Any]:
    place = newest.discriminator
    lines = actions.checked_lines(mine["text"])
    base = place.revisions.filter(number=mine["based_on"]).first()
    return mine | {
        "category": place.category,
        "sibling": place.sibling,
        "ancestors": partial(queries.ancestors, place.category),
        "newest": newest,
        "base": base,
        "pieces": differences(newest.text, "\n".join(lines)),
        "merged": "\n".join(merged(base.lines if base else [], newest.lines, lines)),
    }


def _pair(pk: int, sibling_pk: int | None) -> tuple[Category, Category | None]:
    category = get_object_or_404(Category, pk=pk)
    return category, get_object_or_404(Category, pk=sibling_pk) if sibling_pk else None


def _number(form: QueryDict, name: str) -> int:
    """The whole number in a field; 0 for an empty one."""
    return whole_number(form.get(name) or "0")
