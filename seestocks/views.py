"""The home of each kind of people: what they came for, first."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from judgments.queries import annotators_by_work, judged_figures, pages_by_judgments
from ranking.labels import blend_words
from ranking.models import Run
from ranking.queries import browse, confusion, overview, stale
from ranking.queries.pace import pace
from taxonomy import queries as tree
from taxonomy.queries import discriminators as texts
from taxonomy.queries import history
from taxonomy.web import SignedInRequest

A_FEW = 8


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """The home of the person's role; a superuser has a merchandiser's."""
    groups = set(request.user.groups.values_list("name", flat=True))
    if request.user.is_superuser:
        groups.add("merchandisers")
    for group, context in HOMES.items():
        if group in groups:
            return render(request, f"seestocks/home_{group}.html", context())
    return render(request, "seestocks/home_nobody.html")


def _for_merchandisers() -> dict[str, Any]:
    newest = browse.runs().first()
    counts = overview.page_state_counts()
    return {
        "counts": [(key, label, counts[key]) for key, label in overview.PAGE_STATES.items()],
        "run": newest,
        "pace": pace(newest) if newest else None,
        "blend": blend_words(newest.blend) if newest else "",
        "weakest": overview.weakest_pages()[:A_FEW],
        "failed": overview.page_lines(list(overview.pages_overview("failed")[:A_FEW])),
        "relaxed": overview.page_lines(list(overview.pages_overview("relaxed")[:A_FEW])),
        "token": uuid.uuid4(),
    }


def _for_taxonomists() -> dict[str, Any]:
    pairs = list(confusion.confused_pairs()[:A_FEW])
    drafts = texts.texts("draft")
    stale_pages = stale.stale_pages()
    shown = Paginator(stale_pages, A_FEW).get_page(1)
    return {
        "confused": confusion.pair_lines(pairs),
        "coverage": confusion.coverage(),
        "without_text": confusion.without_text(),
        "measured": Run.objects.filter(measured_at__isnull=False).exists(),
        "drafts": texts.text_states(drafts[:A_FEW]),
        "drafts_count": drafts.count(),
        "pages": shown,
        "lines": stale.stale_lines(shown),
        "stale_count": shown.paginator.count,
        "token": uuid.uuid4(),
        "events": history.events(history.moments(with_versions=False)[:A_FEW]),
        "figures": tree.tree_figures(),
        "imports": tree.recent_imports()[:3],
        "empty_pages": tree.pages_without_products()[:A_FEW],
        "empty_pages_count": tree.pages_without_products().count(),
        "retired": tree.retired_with_products()[:A_FEW],
        "unfiled": tree.unfiled_products(),
    }


def _for_annotators() -> dict[str, Any]:
    return {
        "figures": judged_figures(),
        "annotators": annotators_by_work()[:12],
        "pages": pages_by_judgments()[:12],
    }


HOMES: dict[str, Callable[[], dict[str, Any]]] = {
    "merchandisers": _for_merchandisers,
    "taxonomists": _for_taxonomists,
    "leads": _for_annotators,
    "annotators": _for_annotators,
}
