"""Ranked pages: what they show, what was removed, and why."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ranking.labels import rule_label
from ranking.models import RankedProduct
from ranking.queries import browse, overview
from ranking.queries.oddities import oddity_lines, risk_words
from ranking.queries.stale import counted_texts, stale_line, stale_pages
from ranking.queries.versions import versions_of
from taxonomy.models import Category, Product
from taxonomy.queries import ancestors, search
from taxonomy.web import page_of, respond, whole_number


@require_safe
@permission_required("ranking.view_run", raise_exception=True)
def pages(request: HttpRequest) -> HttpResponse:
    """All pages: how each is ranked and how sure its first products are."""
    searched = request.GET.get("q", "").strip()
    state = request.GET.get("state", "")
    ids = [one.category.pk for one in search(searched, limit=2000)] if searched else None
    order = request.GET.get("sort", "")
    order = order if order in overview.PAGE_ORDERS else ""
    found = overview.pages_in_order(overview.pages_overview(state, ids), order)
    rows = page_of(request, found)
    context = {
        "sort": order,
        "searched": searched,
        "state": state,
        "states": overview.PAGE_STATES,
        "pages": rows,
        "lines": overview.page_lines(list(rows)),
        "stale_count": stale_pages().count(),
        "token": uuid.uuid4(),
    }
    return respond(request, "ranking/pages.html", context, part="ranking/_pages.html")


@require_safe
@permission_required("ranking.view_run", raise_exception=True)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """A page's ranking as a grid, from `?from=` on."""
    context = _page_context(pk)
    if page_run := context["page_run"]:
        start = _position(request.GET.get("from", "1"))
        end = start + settings.SEESTOCKS_PAGE_SIZE
        ranked = list(browse.ranking(page_run)[start - 1 : end - 1])
        more = end if page_run.shown >= end else None
        context |= {"ranked": ranked, "start": start, "next": more}
        if start == 1:
            context["figures"] = browse.page_figures(page_run, ranked)
            context["removals"] = browse.removals(page_run)
    return respond(request, "ranking/page.html", context, part="ranking/_tiles.html")


@require_safe
@permission_required("ranking.view_run", raise_exception=True)
def page_removed(request: HttpRequest, pk: int) -> HttpResponse:
    """What was removed from a page, by which rule and why."""
    context = _page_context(pk)
    rule = request.GET.get("rule", "")
    if page_run := context["page_run"]:
        context |= {
            "rule": rule,
            "removals": browse.removals(page_run),
            "removed": page_of(request, browse.removed(page_run, rule)),
            "risk": risk_words(page_run.run.blend),
        }
    return respond(request, "ranking/removed.html", context, part="ranking/_removed.html")


@require_safe
@permission_required("ranking.view_run", raise_exception=True)
def page_why(request: HttpRequest, pk: int, product_pk: int) -> HttpResponse:
    """Why one product stands where it stands on a page, or why it was removed."""
    context = _page_context(pk)
    ranked = get_object_or_404(
        RankedProduct.objects.select_related("product__retailer", "page_run__run"),
        page_run=context["page_run"].holder if context["page_run"] else None,
        product=product_pk,
    )
    context |= {
        "ranked": ranked,
        "rule": rule_label(ranked.removed_by),
        "lines": browse.signal_lines(ranked),
        "oddities": oddity_lines(ranked),
        "judgments": browse.judgments_of(ranked),
    }
    return respond(request, "ranking/why.html", context, part="ranking/_why.html")


@require_safe
@permission_required("ranking.view_run", raise_exception=True)
def product_standings(request: HttpRequest, pk: int) -> HttpResponse:
    """On which pages a product stands, and from which it was removed."""
    product = get_object_or_404(Product, pk=pk)
    standings = browse.standings(product)
    context = {
        "product": product,
        "standing": [one for one in standings if one.position],
        "removed": [one for one in standings if not one.position],
    }
    return respond(request, "ranking/standings.html", context, part="ranking/_standings.html")


def _page_context(pk: int) -> dict[str, Any]:
    page = get_object_or_404(Category, pk=pk, is_page=True)
    shown = browse.shown_page_run(page)
    return {
        "page": page,
        "ancestors": ancestors(page),
        "page_run": shown,
        "newer": browse.newer_page_run(page, shown),
        "stale": partial(stale_line, page),
        "texts": partial(counted_texts, shown.run, page) if shown else None,
        "versions": partial(versions_of, shown.run) if shown else None,
        "token": uuid.uuid4(),
        "neighbours": partial(overview.neighbours, page),  # asked for by whole pages alone
    }


def _position(text: str) -> int:
    position = whole_number(text)
    if not 1 <= position < 10**6:
        raise BadRequest("A position is a number from 1.")
    return position
