"""What was done to the tree and said about it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from taxonomy.actions.editing import BadComment, comment
from taxonomy.models import Category
from taxonomy.queries.history import authors, events, moments
from taxonomy.web import SignedInRequest, category_of, page_of, respond


@require_safe
@permission_required("taxonomy.view_categorychange", raise_exception=True)
def category_history(request: SignedInRequest, pk: int) -> HttpResponse:
    """All that was done to one category and said about it, the newest first."""
    category = get_object_or_404(Category, pk=pk)
    page = page_of(request, moments(category))
    context = {"category": category, "page": page, "events": events(page)}
    return respond(request, "taxonomy/history.html", context)


@require_safe
@permission_required("taxonomy.view_categorychange", raise_exception=True)
def tree_changes(request: SignedInRequest) -> HttpResponse:
    """What happened in the whole tree, or `?under=` a category, or what one person did (`?by=`)."""
    under = category_of(request.GET["under"]) if request.GET.get("under") else None
    who = request.GET.get("by", "")
    by = get_object_or_404(User, username=who) if who else None
    page = page_of(request, moments(under=under, by=by))
    context = {
        "page": page,
        "events": events(page),
        "under": under,
        "roots": Category.objects.live().filter(parent=None).order_by("name"),
        "by": by,
        "people": authors(),
    }
    return respond(request, "taxonomy/changes.html", context)


@require_POST
@permission_required("taxonomy.add_comment", raise_exception=True)
def add_comment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say something about a category."""
    category = get_object_or_404(Category, pk=pk)
    fault, text, status = "", request.POST.get("text", ""), 200
    try:
        comment(category, text, by=request.user)
        text = ""
    except BadComment as error:
        fault, status = str(error), 422
    if not (request.htmx or fault):
        messages.success(request, "Your comment is kept.")
        return redirect(f"{reverse('category', args=(pk,))}#comments")
    context = {
        "category": category,
        "comments": category.comments.select_related("author"),
        "fault": fault,
        "text": text,
    }
    template = "taxonomy/comments.html"
    return respond(request, template, context, part="taxonomy/_comments.html", status=status)
