"""Changing the tree by hand, one form for each thing that can be done to a category."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from taxonomy import queries
from taxonomy.actions import editing
from taxonomy.models import Category
from taxonomy.queries.counts import added_counts
from taxonomy.queries.history import change_events
from taxonomy.web import SignedInRequest, category_of, respond, whole_number

OPTIONS = 12  # categories offered while one is being named
MAY_CHANGE = "taxonomy.change_category"
MAY_ADD = "taxonomy.add_category"


@require_safe
@permission_required(MAY_ADD, raise_exception=True)
def new_category(request: SignedInRequest) -> HttpResponse:
    """The form for a category `?under=` another, or for a root."""
    return _new(request, _parent(request.GET))


@require_POST
@permission_required(MAY_ADD, raise_exception=True)
def add_category(request: SignedInRequest) -> HttpResponse:
    """Add a category of the shop's own."""
    parent, name = _parent(request.POST), request.POST.get("name", "")
    try:
        added = editing.add_category(parent, name, by=request.user)
    except editing.Refused as refused:
        return _new(request, parent, name=name, fault=str(refused), status=422)
    messages.success(request, f"“{added}” is in the tree, with the id {added.pk}.")
    return redirect("category", added.pk)


@require_safe
@permission_required(MAY_CHANGE, raise_exception=True)
def edit_category(request: SignedInRequest, pk: int) -> HttpResponse:
    """All that can be changed of a category."""
    return _edit(request, get_object_or_404(Category.objects.select_related("parent"), pk=pk))


@require_POST
@permission_required(MAY_CHANGE, raise_exception=True)
def change_category(request: SignedInRequest, pk: int) -> HttpResponse:
    """Do one thing to a category; show why not with nothing that was typed lost."""
    category = get_object_or_404(Category.objects.select_related("parent"), pk=pk)
    form, verb = request.POST, request.POST.get("do", "")
    if verb not in VERBS:
        raise BadRequest("The form is not whole.")
    do, done = VERBS[verb]
    based_on = whole_number(form.get("based_on", ""))
    given: dict[str, Any] = {"do": verb, "form": form}
    try:
        changed = do(category, form, based_on=based_on, by=request.user)
    except editing.Outdated as outdated:
        now = outdated.category
        since = change_events(outdated.changes)
        return _edit(request, now, status=409, since=since, **given)
    except editing.Refused as refused:
        return _edit(request, category, status=422, fault=str(refused), **given)
    messages.success(request, done)
    return redirect("category", changed.pk)


@require_safe
@permission_required(MAY_CHANGE, raise_exception=True)
def alike_names(request: HttpRequest) -> HttpResponse:
    """Categories that are called nearly as `?name=` says, as a hint below its field."""
    name, apart = request.GET.get("name", "").strip(), request.GET.get("apart")
    found = queries.alike(name, whole_number(apart) if apart else None) if name else []
    return respond(request, "taxonomy/_alike.html", {"alike": found})


@require_safe
@permission_required(MAY_CHANGE, raise_exception=True)
def category_options(request: HttpRequest) -> HttpResponse:
    """Live categories that may be meant by what was typed so far, for a field's list."""
    typed = request.GET.get("parent") or request.GET.get("successor") or ""
    found = [one.category for one in queries.search(typed, OPTIONS)]
    live = [category for category in found if not category.retired_at]
    return respond(request, "taxonomy/_options.html", {"options": live})


def _rename(category: Category, form: QueryDict, **who: Any) -> Category:
    return editing.rename(category, form.get("name", ""), **who)


def _show_as(category: Category, form: QueryDict, **who: Any) -> Category:
    return editing.set_display_name(category, form.get("display_name", ""), **who)


def _move(category: Category, form: QueryDict, **who: Any) -> Category:
    typed = form.get("parent", "").strip()
    return editing.move(category, _meant(typed) if typed else None, **who)


def _retire(category: Category, form: QueryDict, **who: Any) -> Category:
    typed = form.get("successor", "").strip()
    return editing.retire(category, _meant(typed) if typed else None, **who)


def _restore(category: Category, _: QueryDict, **who: Any) -> Category:
    return editing.restore(category, **who)


def _page_on(category: Category, _: QueryDict, **who: Any) -> Category:
    return editing.switch_page(category, True, **who)


def _page_off(category: Category, _: QueryDict, **who: Any) -> Category:
    return editing.switch_page(category, False, **who)


# What a form's `do` says → what is done, and what is said when it is.
VERBS: dict[str, tuple[Callable[..., Category], str]] = {
    "rename": (_rename, "The category has its new name, and so have the paths below it."),
    "show_as": (_show_as, "The name on screen is changed."),
    "move": (_move, "The category has moved, with all that is below it."),
    "retire": (_retire, "The category is retired."),
    "restore": (_restore, "The category is back."),
    "page_on": (_page_on, "The category is a page now: the next run ranks it."),
    "page_off": (_page_off, "The category is no page any more."),
}


def _meant(typed: str) -> Category:
    """Return the one category that is meant. Raises Refused."""
    found = queries.meant(typed)
    if len(found) == 1:
        return found[0]
    if not found:
        raise editing.Refused(f"No live category is called “{typed}”. Give its path or its id.")
    ids = ", ".join(f"{one.pk} ({one.path})" for one in found)
    raise editing.Refused(f"Several categories are called “{typed}”. Give one's id: {ids}.")


def _parent(form: QueryDict) -> Category | None:
    under = form.get("under")
    return category_of(str(under)) if under else None


def _new(
    request: SignedInRequest, parent: Category | None, *, status: int = 200, **given: str
) -> HttpResponse:
    context = {"parent": parent, "ancestors": queries.ancestors(parent) if parent else []}
    return respond(request, "taxonomy/new.html", context | given, status=status)


def _edit(
    request: SignedInRequest, category: Category, *, status: int = 200, **given: Any
) -> HttpResponse:
    context = {
        "category": category,
        "ancestors": queries.ancestors(category),
        "based_on": editing.newest_change(category),
        "subtree": queries.subtrees()[category.pk],
        "added_counts": added_counts(request.user),
        "texts": category.discriminators.count(),
        "live_below": category.children.filter(retired_at=None).count(),
    }
    return respond(request, "taxonomy/edit.html", context | given, status=status)
