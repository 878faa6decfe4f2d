"""Products and their pictures."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from taxonomy import queries
from taxonomy.models import Product
from taxonomy.web import respond

PICTURE_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


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
