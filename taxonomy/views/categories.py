"""One category, with everything about it in reach."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from taxonomy import queries
from taxonomy.models import Category
from taxonomy.queries.counts import added_counts
from taxonomy.queries.history import events, moments
from taxonomy.web import SignedInRequest, respond

PRODUCTS_ON_A_CATEGORY = 24
EVENTS_ON_A_CATEGORY = 6


@require_safe
@permission_required("taxonomy.view_category", raise_exception=True)
def category(request: SignedInRequest, pk: int) -> HttpResponse:
    """One category: its names, what is around it, what is filed in it, said of it and done."""
    found = get_object_or_404(Category.objects.select_related("successor"), pk=pk)
    here = queries.branch(found, unfolded=True)
    context = {
        "category": found,
        "ancestors": queries.ancestors(found),
        "names": found.names.order_by("locale"),
        "children": here.branches,
        "siblings": queries.siblings(found),
        "subtree": here.subtree,
        "added_counts": added_counts(request.user),
        "products": queries.filed_products(found)[:PRODUCTS_ON_A_CATEGORY],
        "comments": found.comments.select_related("author"),
    }
    if request.user.has_perm("taxonomy.view_categorychange"):
        context["events"] = events(moments(found)[:EVENTS_ON_A_CATEGORY])
    return respond(request, "taxonomy/category.html", context)
