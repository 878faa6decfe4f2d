"""What people think of a category's and of a product's fit, as parts of other apps' pages."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from judgments.models import Judgment
from judgments.queries import current_judgments, unbiased_for
from taxonomy.models import Category, Product
from taxonomy.web import SignedInRequest, page_of, respond


@require_safe
@permission_required("judgments.view_judgment", raise_exception=True)
def category_judgments(request: SignedInRequest, pk: int) -> HttpResponse:
    """How much of a category has been judged; the judgments themselves on a page of their own."""
    category = get_object_or_404(Category, pk=pk)
    judged = current_judgments().filter(page=category)
    shown = _shown_to(request, judged)
    context = {
        "category": category,
        "token": uuid.uuid4(),
        "judged": judged.count(),
        "products": judged.values("product").distinct().count(),
        "hidden": judged.count() - shown.count(),
        "judgments": page_of(
            request, shown.select_related("product", "annotator", "belongs_to").order_by("-id")
        ),
    }
    return respond(
        request,
        "judgments/category.html",
        context,
        part="judgments/_category.html",
    )


@require_safe
@permission_required("judgments.view_judgment", raise_exception=True)
def product_judgments(request: SignedInRequest, pk: int) -> HttpResponse:
    """What people have said about one product, page by page."""
    product = get_object_or_404(Product, pk=pk)
    judged = current_judgments().filter(product=product)
    shown = _shown_to(request, judged)
    context = {
        "product": product,
        "hidden": judged.count() - shown.count(),
        "judgments": shown.select_related("page", "annotator", "belongs_to").order_by(
            "page__path", "annotator__name"
        ),
    }
    return respond(request, "judgments/product.html", context, part="judgments/_product.html")


def _shown_to(request: SignedInRequest, judged: QuerySet[Judgment]) -> QuerySet[Judgment]:
    # Whoever may look at rankings has seen an opinion already.
    if request.user.has_perm("ranking.view_run"):
        return judged
    return unbiased_for(request.user, judged)
