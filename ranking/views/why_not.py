"""Why a product is not on a page, and what would bring it in."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling

from ranking.actions.ask_why_not import ask_why_not
from ranking.models import HandState, PreviewState, WhyNot
from ranking.queries.hand import rules_of
from ranking.queries.look import NEWEST, Look, look
from ranking.queries.why_not import by_hand, find_products, ways_in, whereabouts
from ranking.views.pages import page_context
from taxonomy.actions.filing import RetiredCategory, file_by_hand
from taxonomy.models import Category, Product
from taxonomy.web import SignedInRequest, respond, wants_part, whole_number

PATIENCE = timedelta(seconds=4)  # after which it is said that the worker has not answered
GIVEN_UP = timedelta(seconds=60)


@require_safe
@permission_required("ranking.view_run", raise_exception=True)
def page_why_not(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a product is on a page, or at which stage it was lost; `?q=` searches for it."""
    if not get_object_or_404(Category, pk=pk).is_page:
        return _of_no_page(request, pk)
    context = page_context(request, pk)
    context |= _searched(request, context["look"])
    product, seen = context["product"], context["look"]
    if product is not None:
        size = settings.SEESTOCKS_PAGE_SIZE
        found = whereabouts(seen, context["page"], product, size)
        context |= {"found": found, "asked": _asked(request, product)}
        if found.lost_at and seen.page_run:
            context["by_hand"] = by_hand(seen, product, size)
            drafts = rules_of(context["page"], HandState.DRAFT)
            context["draft"] = drafts.filter(product=product).first()
        context |= _answered(context["asked"], context["page"])
    return respond(request, "ranking/why_not.html", context)


@require_POST
@permission_required("ranking.view_run", raise_exception=True)
def ask(request: SignedInRequest, pk: int, product_pk: int) -> HttpResponse:
    """Ask a worker for the smallest changes that would bring the product in."""
    page = get_object_or_404(Category, pk=pk, is_page=True)
    product = get_object_or_404(Product, pk=product_pk)
    page_run = look(page, request.POST.get("show", NEWEST)).page_run
    address = f"{reverse('page_why_not', args=(pk,))}?product={product.pk}"
    if page_run is None:
        messages.error(request, "The page has not been ranked yet.")
        return redirect(address)
    asked = ask_why_not(page_run, product, by=request.user)
    if not wants_part(request):
        return redirect(f"{address}&asked={asked.token}")
    context = {"asked": asked, "page": page, "product": product}
    return respond(request, "ranking/_why_not_asked.html", context)


@require_safe
@permission_required("ranking.view_run", raise_exception=True)
def why_not_answer(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """What a worker found: 204 until there is something to say, then no more asking."""
    asked = get_object_or_404(
        WhyNot.objects.select_related("page_run__page", "page_run__run", "product"), token=token
    )
    waited = timezone.now() - asked.asked_at
    if asked.state == PreviewState.WAITING and waited < PATIENCE:
        return HttpResponse(status=204)
    page = asked.page_run.page
    context = {"asked": asked, "page": page, "product": asked.product} | _answered(asked, page)
    response = respond(request, "ranking/_why_not_asked.html", context)
    if asked.state != PreviewState.WAITING or waited > GIVEN_UP:
        response.status_code = HttpResponseStopPolling.status_code
    return response


@require_POST
@permission_required("taxonomy.add_filing", raise_exception=True)
def file_under(request: SignedInRequest, pk: int, product_pk: int) -> HttpResponse:
    """File the product under the page, as somebody's word; the next run heeds it."""
    page = get_object_or_404(Category, pk=pk)
    product = get_object_or_404(Product, pk=product_pk)
    try:
        file_by_hand(product, page, by=request.user)
    except RetiredCategory as error:
        messages.error(request, str(error))
    else:
        said = f"“{product.title}” is filed under {page.shown_name}. The next run heeds it."
        messages.success(request, said)
    return redirect(f"{reverse('page_why_not', args=(pk,))}?product={product.pk}")


def _of_no_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A category that is not switched on has no ranking: that is why."""
    page = get_object_or_404(Category, pk=pk)
    return respond(request, "ranking/why_not_no_page.html", {"page": page})


def _searched(request: HttpRequest, seen: Look) -> dict[str, Any]:
    """The product that is asked about, and those that the search found, with their places."""
    text = request.GET.get("q", "").strip()
    if number := request.GET.get("product", ""):
        product = get_object_or_404(
            Product.objects.select_related("retailer"), pk=whole_number(number)
        )
        return {"searched": text, "product": product, "hits": []}
    lines = {line.ranked.product_id: line for line in seen.shown}
    hits = sorted(find_products(text), key=lambda one: one.pk not in lines) if text else []
    return {
        "searched": text,
        "product": hits[0] if len(hits) == 1 else None,
        "hits": [(product, lines.get(product.pk)) for product in hits],
    }


def _asked(request: HttpRequest, product: Product) -> WhyNot | None:
    try:
        token = uuid.UUID(request.GET.get("asked", ""))
    except ValueError:
        return None
    return WhyNot.objects.filter(token=token, product=product).first()


def _answered(asked: WhyNot | None, page: Category) -> dict[str, Any]:
    """What there is to say of a question, if there is one."""
    if asked is None:
        return {}
    waited = timezone.now() - asked.asked_at
    ways = ways_in(asked.answer, page) if asked.state == PreviewState.DONE else []
    late, over = waited > PATIENCE, waited > GIVEN_UP
    return {"ways": ways, "late": late, "over": over, "page_size": settings.SEESTOCKS_PAGE_SIZE}
