"""The tree, its categories, products, pictures and imports."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from taxonomy import queries
from taxonomy.models import Category, Import, Product
from taxonomy.web import page_of, respond, wants_part

PRODUCTS_ON_A_CATEGORY = 24
PICTURE_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
REJECTS_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}\.csv")


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


@require_safe
@permission_required("taxonomy.view_product", raise_exception=True)
def product(request: HttpRequest, pk: int) -> HttpResponse:
    """One product: its picture, everything its feed says, and where it is filed."""
    found = get_object_or_404(Product.objects.select_related("retailer"), pk=pk)
    filings = found.filings.select_related("category", "author").order_by("-made_at", "-id")
    context = {
        "product": found,
        "filings": filings,
        "attributes": queries.attribute_lines(found),
        "availability": found.availability.replace("_", " "),
    }
    return respond(request, "taxonomy/product.html", context)


@require_safe
@permission_required("taxonomy.view_product", raise_exception=True)
def picture(request: HttpRequest, name: str) -> FileResponse:  # noqa: ARG001  Django passes it
    """A product's picture. Its name is its content's, so a browser may keep it for ever."""
    path = Path(settings.DATA) / "pictures" / name
    if not path.is_file():
        raise Http404("This picture is not here any more.")
    kind = PICTURE_TYPES[path.suffix]
    response = FileResponse(path.open("rb"), content_type=kind)
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@require_safe
@permission_required("taxonomy.view_import", raise_exception=True)
def imports(request: HttpRequest) -> HttpResponse:
    """The files that were read, newest first."""
    context = {"imports": page_of(request, queries.recent_imports())}
    return respond(request, "taxonomy/imports.html", context)


@require_safe
@permission_required("taxonomy.view_import", raise_exception=True)
def import_rejects(request: HttpRequest, pk: int) -> FileResponse:  # noqa: ARG001  Django passes it
    """The rows of an import that were set aside, as the CSV file that was written then."""
    found = get_object_or_404(Import, pk=pk)
    path = Path(settings.DATA) / "rejects" / found.rejects
    if not REJECTS_NAME.fullmatch(found.rejects) or not path.is_file():
        raise Http404("No rows were set aside in this import.")
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"set-aside-{pk}.csv")
