"""Ranked pages: what they show, what was removed, and why."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ranking.labels import rule_label
from ranking.queries import browse, overview
from ranking.queries.hand import DraftedPage
from ranking.queries.look import NEWEST, SHOWS, Look, look
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
    """A page's ranking as the shop would show it, or as a table, from `?from=` on."""
    context = page_context(request, pk)
    seen: Look = context["look"]
    start = _position(request.GET.get("from", "1"))
    end = start + settings.SEESTOCKS_PAGE_SIZE
    view = "table" if request.GET.get("view") == "table" else "grid"
    context |= {
        "tiles": seen.tiles[start - 1 : end - 1],
        "start": start,
        "next": end if len(seen.tiles) >= end else None,
        "view": view,
        "width": "narrow" if request.GET.get("width") == "narrow" else "wide",
    }
    if seen.page_run and start == 1:
        size = settings.SEESTOCKS_PAGE_SIZE
        context["figures"] = browse.page_figures(seen.page_run, seen.shown, page_size=size)
        context["removals"] = seen.removals
    part = "ranking/_rows.html" if view == "table" else "ranking/_tiles.html"
    return respond(request, "ranking/page.html", context, part=part)


@require_safe
@permission_required("ranking.view_run", raise_exception=True)
def page_removed(request: HttpRequest, pk: int) -> HttpResponse:
    """What was removed from a page, by which rule and why."""
    context = page_context(request, pk)
    rule = request.GET.get("rule", "")
    seen: Look = context["look"]
    if seen.page_run:
        context |= {
            "rule": rule,
            "removals": seen.removals,
            "removed": page_of(request, browse.removed(seen.page_run, rule)),
            "risk": risk_words(seen.page_run.run.blend),
        }
    return respond(request, "ranking/removed.html", context, part="ranking/_removed.html")


@require_safe
@permission_required("ranking.view_run", raise_exception=True)
def page_why(request: HttpRequest, pk: int, product_pk: int) -> HttpResponse:
    """Why one product stands where it stands on a page, or why it was removed."""
    context = page_context(request, pk)
    seen: Look = context["look"]
    line = next((one for one in seen.shown if one.ranked.product_id == product_pk), None)
    if line is None or seen.page_run is None:
        raise Http404("This page's ranking does not know the product.")
    context |= {"line": line, "ranked": line.ranked, "rule": rule_label(line.ranked.removed_by)}
    if line.is_candidate:
        context |= {
            "lines": browse.signal_lines(line.ranked),
            "oddities": oddity_lines(line.ranked),
            "moves": browse.moves(line.ranked),
        }
    context["judgments"] = browse.judgments_of(seen.page_run.page_id, product_pk)
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


def page_context(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Return what every view of one page needs: the ranking that `?show=` names, and its frame."""
    page = get_object_or_404(Category, pk=pk, is_page=True)
    show = request.GET.get("show", NEWEST)
    seen = look(page, show if show in SHOWS else NEWEST)
    shown = seen.page_run
    return {
        "page": page,
        "ancestors": ancestors(page),
        "look": seen,
        "drafts": DraftedPage(page, seen.publication.page_run if seen.publication else shown),
        "shows": SHOWS,
        "kept": f"?show={seen.show}" if seen.show != NEWEST else "",
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
