"""The tree and its categories."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from taxonomy import queries
from taxonomy.models import Category
from taxonomy.web import respond, wants_part

PRODUCTS_ON_A_CATEGORY = 24


@require_safe
@permission_required("taxonomy.view_category", raise_exception=True)
def tree(request: HttpRequest) -> HttpResponse:
    """The tree: folded, opened down to `?open=`, folded again at `?fold=`, or searched by `?q=`."""
    if searched := request.GET.get("q", "").strip():
        context = {"searched": searched, "found": queries.search(searched)}
        return respond(request, "taxonomy/tree.html", context, part="taxonomy/_found.html")
    for word, unfolded in (("open", True), ("fold", False)):
        if word in request.GET:
            return _tree_at(request, _category(request.GET[word]), unfolded=unfolded)
    context = {"branches": queries.branches(None)}
    return respond(request, "taxonomy/tree.html", context, part="taxonomy/_tree.html")


def _tree_at(request: HttpRequest, category: Category, *, unfolded: bool) -> HttpResponse:
    if wants_part(request):
        context: dict[str, object] = {"branch": queries.branch(category, unfolded=unfolded)}
    else:
        way = category.lineage_ids if unfolded else category.lineage_ids[:-1]
        context = {"branches": queries.branches(None, way)}
    return respond(request, "taxonomy/tree.html", context, part="taxonomy/_branch.html")


def _category(number: str) -> Category:
    if not number.isdecimal() or len(number) > 18:
        raise BadRequest("The number of a category is made of digits.")
    return get_object_or_404(Category, pk=int(number))


@require_safe
@permission_required("taxonomy.view_category", raise_exception=True)
def category(request: HttpRequest, pk: int) -> HttpResponse:
    """One category: its names, what is around it, and what is filed in it."""
    found = get_object_or_404(Category, pk=pk)
    filed = queries.filed_products(found)
    context = {
        "category": found,
        "ancestors": queries.ancestors(found),
        "names": found.names.order_by("locale"),
        "children": queries.branches(found),
        "siblings": queries.siblings(found),
        "subtree": queries.subtrees()[found.pk],
        "products": filed[:PRODUCTS_ON_A_CATEGORY],
    }
    return respond(request, "taxonomy/category.html", context)
