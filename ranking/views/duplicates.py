"""Which listings are offers of the same product."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ranking.queries.duplicates import is_compared, offers_of
from taxonomy.models import Product
from taxonomy.web import respond


@require_safe
@permission_required("ranking.view_run", raise_exception=True)
def product_same(request: HttpRequest, pk: int) -> HttpResponse:
    """A product's other offers, with their prices and why they are taken for the same."""
    product = get_object_or_404(Product.objects.select_related("retailer"), pk=pk)
    context = {
        "product": product,
        "same": offers_of(product),
        "is_compared": is_compared(product),
    }
    return respond(request, "ranking/same.html", context, part="ranking/_same.html")
